#include <algorithm>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/try.h"
#include "graph/batch_linker.h"
#include "graph/entries.h"
#include "graph/graph_builder.h"
#include "graph/graph_draft.h"
#include "graph/islands.h"
#include "graph/link_distance.h"
#include "graph/prune.h"

namespace omendb {
namespace {

// Translates one row's links after another; one a thread.
class LinkMover {
 public:
  LinkMover(const Graph& graph, std::span<const Row> moved_to, const CodeTable& codes, const LinkDistance& distance,
            std::uint32_t covered, float alpha)
      : graph_(graph), moved_to_(moved_to), codes_(codes), distance_(distance), pruner_(codes, distance_, alpha),
        covered_(covered) {}

  // The links of old row `from`, which is now `row`. A link to an erased row becomes links to that row's own
  // neighbours.
  void move(Row from, Row row, std::span<Row, kLinksMax> links) {
    candidates_.clear();
    bool bridged = false;
    for (const Row link : graph_.links(from)) {
      if (link == kNoRow) break;
      if (add(link, row)) continue;
      bridged = true;
      for (const Row beyond : graph_.links(link)) {
        if (beyond == kNoRow) break;
        add(beyond, row);
      }
    }
    const std::size_t kept = bridged ? choose(row) : candidates_.size();
    for (std::size_t i = 0; i < kept; ++i) links[i] = candidates_[i].row;
  }

 private:
  // False if the old row is not in the new graph.
  bool add(Row old, Row self) {
    const Row row = moved_to_[index(old)];
    if (row == kNoRow || index(row) >= covered_) return false;
    if (row != self) candidates_.push_back({0, row});
    return true;
  }

  std::size_t choose(Row row) {
    std::sort(candidates_.begin(), candidates_.end());
    const auto same = [](const Candidate& a, const Candidate& b) { return a.row == b.row; };
    candidates_.erase(std::unique(candidates_.begin(), candidates_.end(), same), candidates_.end());
    const CodeRecord record = codes_.record(row);
    for (Candidate& candidate : candidates_) candidate.distance = distance_(record, codes_.record(candidate.row));
    std::sort(candidates_.begin(), candidates_.end());
    return pruner_.prune(candidates_, kLinksMax);
  }

  const Graph& graph_;
  const std::span<const Row> moved_to_;
  const CodeTable& codes_;
  const LinkDistance& distance_;
  const Pruner pruner_;
  const std::uint32_t covered_;
  std::vector<Candidate> candidates_;
};

// Where each new row was; kNoRow if it was not in the old graph.
std::vector<Row> sources_of(std::span<const Row> moved_to, std::uint32_t old_covered, std::uint32_t covered) {
  std::vector<Row> sources(covered, kNoRow);
  for (std::uint32_t old = 0; old < old_covered; ++old) {
    const Row row = moved_to[old];
    if (row != kNoRow && index(row) < covered) sources[index(row)] = Row{old};
  }
  return sources;
}

constexpr std::uint32_t kRowsAtOnce = 2048;  // between two pauses: some milliseconds
constexpr std::uint32_t kBatchRows = 2048;

// Rows that were not in the old graph, or lost everything around them.
std::vector<Row> rows_without_links(const Graph& graph) {
  std::vector<Row> rows;
  for (std::uint32_t row = 0; row < graph.covered(); ++row) {
    if (graph.links(Row{row})[0] == kNoRow) rows.push_back(Row{row});
  }
  return rows;
}

}  // namespace

Result<std::shared_ptr<const Graph>> remap_graph(const Graph& graph, std::span<const Row> moved_to,
                                                 const CodeTable& codes, std::uint32_t covered,
                                                 const BuildOptions& options, Executor& executor,
                                                 FunctionRef<bool()> pause) {
  OMEN_ASSERT(moved_to.size() >= graph.covered());
  const LinkDistance distance(codes, largest_norm2(codes, 0, covered, 0));
  GraphDraft draft;
  OMEN_TRY(draft.reserve(covered));

  const std::vector<Row> sources = sources_of(moved_to, graph.covered(), covered);
  const LinkMover mover(graph, moved_to, codes, distance, covered, options.alpha);
  std::vector<LinkMover> movers(executor.threads(), mover);
  for (std::uint32_t first = 0; first < covered; first += kRowsAtOnce) {
    if (!pause()) return Error{ErrorCode::Cancelled, "moving the graph was given up"};
    const std::uint32_t count = std::min(kRowsAtOnce, covered - first);
    executor.parallel_for(count, 64, [&](std::size_t begin, std::size_t end, std::size_t thread) {
      for (std::size_t i = begin; i < end; ++i) {
        const Row row = row_at(first + i);
        if (sources[index(row)] != kNoRow) movers[thread].move(sources[index(row)], row, draft.links(row));
      }
    });
  }

  const RowFilter live(nullptr, 0);  // a new generation holds no erased rows
  draft.set_covered(covered);
  draft.set_entries(choose_entries(covered, live));
  draft.set_effort(graph.effort());
  if (covered > 0) draft.add_batch_end(covered);
  const std::vector<Row> unlinked = rows_without_links(draft.graph());
  BatchLinker linker(draft, codes, distance, options, executor, pause);
  for (std::span<const Row> rest = unlinked; !rest.empty();) {
    const auto batch = rest.first(std::min<std::size_t>(rest.size(), kBatchRows));
    OMEN_TRY(linker.link(batch, live));
    rest = rest.subspan(batch.size());
  }
  connect_islands(draft, codes, distance);
  return std::move(draft).publish();
}

}  // namespace omendb
