// Which graph file of a generation to load, and which to keep.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "graph/graph.h"
#include "os/disk.h"
#include "storage/generation.h"

namespace omendb {

// The graph of the field that covers most of the first `rows` rows, or null: then the rows are tail, and the indexer
// builds anew. A damaged or alien file is as good as none. At open: what save_graph() left unfinished is removed.
std::shared_ptr<const Graph> load_graph(Disk& disk, std::uint64_t collection, const Generation& generation,
                                        std::size_t field, std::uint32_t rows);

// Saves durably under a name of its own, then removes the older ones. Only for rows that are durable themselves: a
// crash must not take back a row that a saved graph links.
Result<void> save_graph(Disk& disk, std::uint64_t collection, const Generation& generation, std::size_t field,
                        const Graph& graph);

// Checks every saved graph of the field against its sums: the bytes of each, or what is wrong with it. May run beside
// save_graph(), which may remove one meanwhile (NotFound).
std::vector<Result<std::uint64_t>> verify_graphs(Disk& disk, std::uint64_t collection, const Generation& generation,
                                                 std::size_t field);

}  // namespace omendb
