// The subcommands of `omendb`. main.cc reads their arguments; each lies in the file of its name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "omendb/field_index.h"
#include "omendb/types.h"

namespace omendb {

struct ImportArguments {
  std::string file;
  std::string directory;
  std::string collection = "default";
  std::optional<Metric> metric;      // none: what the file says, else L2
  std::optional<Datatype> datatype;  // none: Float32
  std::string payload_file;          // empty: none
  std::uint32_t batch_rows = 1000;
  bool durable = false;  // each batch is on disk before the next is sent
  bool index = true;     // wait until the index covers all
  bool print_acks = false;
};
Result<void> run_import(const ImportArguments& arguments);

struct SearchArguments {
  std::string directory;
  std::string collection = "default";
  std::string queries_file;
  std::uint32_t k = 10;
  std::uint32_t ef = 0;  // 0: the default
  bool exact = false;
  std::string filter;            // JSON; empty: none
  std::string out_file;          // ivecs; empty: print
  std::string groundtruth_file;  // ivecs; empty: none
  bool explain = false;
  std::uint32_t threads = 1;
};
Result<void> run_search(const SearchArguments& arguments);

struct CountArguments {
  std::string directory;
  std::string collection = "default";
  std::string filter;  // JSON; empty: none
};
Result<void> run_count(const CountArguments& arguments);

struct FieldIndexArguments {
  std::string directory;
  std::string collection = "default";
  std::string key;
  std::optional<FieldType> type;  // none: the index is dropped
};
Result<void> run_field_index(const FieldIndexArguments& arguments);

struct ExportArguments {
  std::string directory;
  std::string collection = "default";
  std::string filter;    // JSON; empty: none
  std::string out_file;  // "-": standard output
};
Result<void> run_export(const ExportArguments& arguments);

Result<void> run_info(const std::string& directory, bool as_json);
Result<void> run_verify(const std::string& directory);  // Corruption if there is damage

struct TopArguments {
  std::string directory;
  bool once = false;  // one plain page
};
Result<void> run_top(const TopArguments& arguments);

enum class DemoStep { Show, Load, Check };
struct DemoArguments {
  std::string data_directory;
  std::string directory;
  DemoStep step = DemoStep::Show;
};
Result<void> run_demo(const DemoArguments& arguments);

}  // namespace omendb
