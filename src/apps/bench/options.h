// What the command line of `omendb bench` asks for.
#pragma once

#include <cstdint>
#include <string>

#include "omendb/types.h"

namespace omendb::bench {

struct BenchOptions {
  std::string data_directory;
  std::string database_directory;      // empty: a temporary one, removed afterwards unless `keep`
  bool keep = false;

  std::uint64_t rows = 0;              // 0: all of the base
  std::uint64_t initial_rows = 0;      // mixed: of them, inserted and indexed before the clock starts
  Datatype datatype = Datatype::Float32;
  std::uint64_t batch_rows = 1'000;
  std::uint32_t payload_bytes = 0;
  Wait wait = Wait::Durable;
  double insert_rate = 0;              // rows a second; 0: as fast as they are taken

  std::uint32_t k = 10;
  std::uint32_t ef = 0;                // 0: the library's default
  double search_rate = 50;             // searches a second; 0: one after the other

  bool index = true;                   // false: no graph, searches scan
  std::uint32_t threads = 0;           // that index or search, as the benchmark says; 0: its default

  std::string json_file;
  std::string plot_file;
};

}  // namespace omendb::bench
