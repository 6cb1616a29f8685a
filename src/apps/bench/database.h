// The database under test: a directory of its own, one collection, filled from the base. Point i holds row i.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apps/bench/data.h"
#include "apps/bench/options.h"
#include "apps/bench/report.h"
#include "omendb/omendb.h"

namespace omendb::bench {

// A directory that is removed with all in it at the end, unless it is to be kept or was there before.
class BenchDirectory {
 public:
  // The one named by `options`; else a new one beside the data, or under /tmp where that is not allowed.
  static Result<BenchDirectory> make(const BenchOptions& options);

  BenchDirectory(BenchDirectory&& other) noexcept;
  BenchDirectory& operator=(BenchDirectory&&) = delete;
  ~BenchDirectory();

  const std::string& path() const { return path_; }

 private:
  BenchDirectory(std::string path, bool keep) : path_(std::move(path)), keep_(keep) {}

  std::string path_;
  bool keep_;
};

// An open database and its one collection.
struct Workbench {
  Database database;
  Collection points;
};

// Creates the collection if it is not there.
Result<Workbench> open_workbench(const std::string& directory, const BenchOptions& options, const Dataset& data,
                                 bool index, std::uint32_t index_threads);

// The same, where nothing is yet: what is measured is the way from there. InvalidArgument if there are points.
Result<Workbench> open_empty(const std::string& directory, const BenchOptions& options, const Dataset& data, bool index,
                             std::uint32_t index_threads);

// Makes batches. What is handed out is valid until the next call.
class BatchMaker {
 public:
  BatchMaker(const VectorFile& base, std::uint32_t payload_bytes) : base_(base), payload_bytes_(payload_bytes) {}

  Batch rows(std::uint64_t begin, std::uint64_t end);
  Batch points(std::span<const std::uint64_t> ids, std::span<const std::uint64_t> rows);  // point ids[i] holds rows[i]

 private:
  const VectorFile& base_;
  std::uint32_t payload_bytes_;
  std::vector<PointId> ids_;
  std::vector<float> vectors_;
  std::vector<std::string> payloads_;
  std::vector<std::string_view> payload_views_;
};

// Bytes of one point as the client hands it over.
std::uint64_t point_bytes(const VectorFile& base, std::uint32_t payload_bytes);

// Inserts rows [begin, end) and flushes; when nothing is measured but what comes after.
Result<void> fill(Collection& points, const BenchOptions& options, const VectorFile& base, std::uint64_t begin,
                  std::uint64_t end);

// A workbench that holds the first `options.rows` rows: the one in `directory` if it was kept, else filled now.
Result<Workbench> open_filled(const std::string& directory, const BenchOptions& options, const Dataset& data,
                              bool index);

// Returns when nothing is left to index; IoError if the indexer has stopped before.
Result<void> wait_until_indexed(Collection& points);

// `rss_anon_mib` and what the database says of its own memory. Call it idle.
void report_memory(Report& report, const Collection& points);

SearchOptions search_for(std::uint32_t k, std::uint32_t ef, std::uint32_t threads = 0);
std::vector<std::uint64_t> ids_of(const SearchResult& result);

std::uint32_t cores();

}  // namespace omendb::bench
