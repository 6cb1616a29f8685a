#include "graph/islands.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "graph/walk.h"

namespace omendb {
namespace {

// What can be reached from the rows given so far.
class Reach {
 public:
  explicit Reach(const Graph& graph) : graph_(graph), reached_(graph.covered()) {
    for (const Row entry : graph.entries()) extend(entry);
  }

  bool contains(Row row) const { return reached_[index(row)]; }

  void extend(Row row) {
    reach(row);
    while (!open_.empty()) {
      const Row next = open_.back();
      open_.pop_back();
      for (const Row link : graph_.links(next)) {
        if (link == kNoRow) break;
        reach(link);
      }
    }
  }

 private:
  void reach(Row row) {
    if (reached_[index(row)]) return;
    reached_[index(row)] = true;
    open_.push_back(row);
    fetch_links(graph_, row);
  }

  const Graph& graph_;
  std::vector<bool> reached_;
  std::vector<Row> open_;  // reached, links not followed yet
};

class Bridges {
 public:
  Bridges(GraphDraft& draft, const CodeTable& codes, const LinkDistance& distance)
      : draft_(draft), codes_(codes), distance_(distance) {}

  // A link to `row` from a reached row near it. Returns whether another link had to go for it.
  bool build(Row row) {
    const Row from = shore(row);
    const std::span<Row, kLinksMax> links = draft_.links(from);
    const std::uint32_t used = count_links(draft_.graph().links(from));
    const bool replaces = used == kLinksMax;
    links[replaces ? kLinksMax - 1 : used] = row;
    last_ = row;
    return replaces;
  }

 private:
  // The nearest reached row with a free place; the nearest of all if none near has one.
  Row shore(Row row) {
    const CodeRecord record = codes_.record(row);
    // In a crowd of equal rows a walk sees only the first it meets, and all are full: they form a chain.
    if (last_ != kNoRow && has_room(last_) && distance_(record, codes_.record(last_)) == 0) return last_;

    constexpr std::uint32_t kEf = 64;
    const RowFilter all(nullptr, 0);
    const auto to_row = [&](const Rows4& others) { return distance_(record, others); };
    WalkScratch::Parts& parts = scratch_.parts();
    walk_to_live(draft_.graph(), codes_, to_row, all, kEf, parts);
    for (std::uint32_t place = 0; place < parts.pool.size(); ++place) {
      if (has_room(parts.pool[place].row)) return parts.pool[place].row;
    }
    return parts.pool[0].row;
  }

  bool has_room(Row row) const { return draft_.graph().links(row)[kLinksMax - 1] == kNoRow; }

  GraphDraft& draft_;
  const CodeTable& codes_;
  const LinkDistance& distance_;
  WalkScratch scratch_;
  Row last_ = kNoRow;  // bridged to
};

}  // namespace

void connect_islands(GraphDraft& draft, const CodeTable& codes, const LinkDistance& distance) {
  // A link replaced may have been the only one to its row; another round finds it.
  constexpr int kRoundsMax = 4;
  bool replaced = true;
  for (int round = 0; replaced && round < kRoundsMax; ++round) {
    replaced = false;
    Reach reach(draft.graph());
    Bridges bridges(draft, codes, distance);
    for (std::uint32_t i = 0; i < draft.graph().covered(); ++i) {
      const Row row{i};
      if (reach.contains(row) || draft.graph().links(row)[0] == kNoRow) continue;
      replaced |= bridges.build(row);
      reach.extend(row);
    }
  }
}

}  // namespace omendb
