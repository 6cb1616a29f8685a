// A graph at rest: written once, named by what it covers, immutable, derived. docs/file_format.md, section Graph.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "graph/graph.h"
#include "omendb/result.h"
#include "os/disk.h"

namespace omendb {

class GraphFile {
 public:
  // Ties a graph to the codes and rows it was built from; a file with another identity is alien and refused.
  struct Identity {
    std::uint64_t collection = 0;  // random, fixed when the collection is created
    std::uint64_t generation = 0;
    std::uint64_t field = 0;
  };

  // Of a file that is being written, behind its name.
  static constexpr std::string_view kUnfinishedSuffix = ".new";

  // Durable when it returns (temporary name, sync, rename, sync of the directory).
  static Result<void> save(Disk& disk, const std::string& path, const Identity& identity, const Graph& graph);

  // The bytes are untrusted: sums, counts against the file's size before any allocation, every link below covered,
  // covered <= rows. A graph that loads is safe to walk. NotFound, Corruption, Unsupported otherwise.
  static Result<std::shared_ptr<const Graph>> load(Disk& disk, const std::string& path, const Identity& identity,
                                                   std::uint32_t rows);

  // The same checks, without a graph in memory; returns the file's bytes.
  static Result<std::uint64_t> verify(Disk& disk, const std::string& path, const Identity& identity,
                                      std::uint32_t rows);
};

}  // namespace omendb
