// A graph in the making: a private copy of an older one, extended batch by batch, given up by build().
//
// A batch is linked against the graph as it stood before the batch, then the reverse links are added grouped by target
// (ParlayANN: Dobson Manohar et al., PPoPP 2024; pruning: RobustPrune of Vamana, Subramanya et al., NeurIPS 2019). So
// there are no locks, and the same rows, erasures and batch ends give the same graph whatever the number of threads.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/function_ref.h"
#include "base/row.h"
#include "graph/graph.h"
#include "os/executor.h"
#include "search/code_table.h"
#include "search/row_filter.h"

namespace omendb {

struct BuildOptions {
  std::uint32_t ef = 128;     // candidates a new row's links are chosen from
  float alpha = 1.02f;        // pruning keeps a link unless another is alpha times nearer to its target
};

class GraphBuilder {
 public:
  // `base` may be null (nothing covered yet). OutOfBudget if the kernel has no memory for the copy.
  static Result<GraphBuilder> extend(const Graph* base, const CodeTable& codes, const BuildOptions& options);

  GraphBuilder(GraphBuilder&&) noexcept;
  ~GraphBuilder();

  std::uint32_t covered() const;

  // How many rows the next batch should have at most, for the quality of the links: batches grow with the graph.
  std::uint32_t next_batch_rows() const;

  // Links rows [covered(), end), in batches of at most next_batch_rows(). Rows that are not `live` get no links, and
  // new ones link to live rows only (to erased ones where a walk meets no other). The executor's threads do the work,
  // in pieces of well under 10 ms. `pause` is called between pieces, on the calling thread: it may sleep (queries
  // first), and returning false gives up: Cancelled, and the builder must be thrown away.
  Result<void> add_batch(std::uint32_t end, const RowFilter& live, Executor& executor, FunctionRef<bool()> pause);

  // Measures the effort of searches on what is linked so far (graph/search_effort.h); the graph keeps it, until then
  // that of its base. Cancelled as above; the builder may go on.
  Result<void> measure_effort(const EffortSample& sample, std::uint32_t ef_max, Executor& executor,
                              FunctionRef<bool()> pause);
  const SearchEffort& effort() const;

  std::uint64_t memory_bytes() const;

  // The finished graph, every linked row of it reachable from the entries; the builder is empty afterwards. Some 50
  // ms for a million rows.
  std::shared_ptr<const Graph> build() &&;

 private:
  struct Parts;
  explicit GraphBuilder(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

// The graph of the rows that moved: links follow `moved_to` (old row to new; kNoRow: erased), those of erased rows are
// replaced from their neighbourhood (in the manner of IP-DiskANN: Xu et al., 2025), and entry rows are chosen again.
// `codes` are the new generation's. Rows [0, covered) of the result are the first `covered` new rows.
Result<std::shared_ptr<const Graph>> remap_graph(const Graph& graph, std::span<const Row> moved_to,
                                                 const CodeTable& codes, std::uint32_t covered,
                                                 const BuildOptions& options, Executor& executor,
                                                 FunctionRef<bool()> pause);

}  // namespace omendb
