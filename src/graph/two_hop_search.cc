#include "graph/two_hop_search.h"

#include <algorithm>
#include <array>

#include "base/touch.h"
#include "graph/walk.h"

namespace omendb {
namespace {

// Wanted rows met in one step; the second links of a row are followed until there are so many. All of them, where many
// rows are wanted, would be a thousand.
constexpr std::uint32_t kWantedAStep = kLinksMax;

// Rows whose links are waited for together.
constexpr std::uint32_t kHopsAtOnce = 8;

void touch_links(const Graph& graph, Row row) {
  const auto* links = reinterpret_cast<const char*>(graph.links(row).data());
  touch(links);
  touch(links + 64);
}

template <class Distances>
class TwoHopWalk {
 public:
  TwoHopWalk(const Graph& graph, const CodeTable& codes, const Distances& distances, const RowFilter& wanted,
             WalkScratch::Parts& scratch)
      : graph_(graph),
        wanted_(wanted),
        visited_(scratch.visited),
        pool_(scratch.pool),
        met_(codes, distances, scratch.visited) {}

  // The pool has what was found.
  WalkCount run(std::span<const Row> seeds, std::uint32_t ef) {
    pool_.start(ef);
    visited_.start(graph_.covered());
    for (const Row seed : seeds) {
      if (wanted_.contains(seed)) met_.add(seed);
      if (met_.size() == met_.kCapacity) compare_met();
    }
    compare_met();
    for (Row head = pool_.take_head(); head != kNoRow; head = pool_.take_head()) {
      ++count_.steps;
      expand(head);
      pool_.for_next_heads(kHeadsAtOnce, [&](Row row) { fetch_links(graph_, row); });
      compare_met();
    }
    return count_;
  }

 private:
  void expand(Row head) {
    bridges_size_ = 0;
    for (const Row row : graph_.links(head)) {
      if (row == kNoRow) break;
      if (wanted_.contains(row)) {
        met_.add(row);
      } else {
        bridges_[bridges_size_++] = row;
      }
    }
    for (std::uint32_t begin = 0; begin < bridges_size_ && met_.size() < kWantedAStep; begin += kHopsAtOnce) {
      cross(begin, std::min(begin + kHopsAtOnce, bridges_size_));
    }
  }

  // A bridge that was crossed in this walk leads nowhere new.
  void cross(std::uint32_t begin, std::uint32_t end) {
    std::array<Row, kHopsAtOnce> fresh;
    std::uint32_t count = 0;
    for (std::uint32_t i = begin; i < end; ++i) {
      fresh[count] = bridges_[i];
      count += visited_.visit(bridges_[i]) ? 1u : 0u;
    }
    for (std::uint32_t i = 0; i < count; ++i) touch_links(graph_, fresh[i]);
    for (std::uint32_t i = 0; i < count; ++i) meet_wanted(graph_.links(fresh[i]));
  }

  // Which of the links lead to wanted rows follows no pattern: that is found out without branches.
  void meet_wanted(std::span<const Row, kLinksMax> links) {
    std::array<Row, kLinksMax> wanted;
    std::uint32_t count = 0;
    for (const Row row : links) {
      if (row == kNoRow) break;
      wanted[count] = row;
      count += wanted_.contains(row) ? 1u : 0u;
    }
    for (std::uint32_t i = 0; i < count; ++i) {
      met_.add(wanted[i]);
      if (met_.size() == met_.kCapacity) compare_met();
    }
  }

  void compare_met() {
    count_.distances += met_.compare([&](Candidate candidate) {
      if (candidate.distance < pool_.threshold()) pool_.insert(candidate.distance, candidate.row);
    });
  }

  const Graph& graph_;
  const RowFilter& wanted_;
  VisitedRows& visited_;
  Pool& pool_;
  MetRows<Distances> met_;
  std::array<Row, kLinksMax> bridges_;  // rows that are not wanted, linked from the head
  std::uint32_t bridges_size_ = 0;
  WalkCount count_;
};

}  // namespace

WalkCount two_hop_search(const Graph& graph, const CodeTable& codes, const CodeQuery& query, const RowFilter& wanted,
                         std::span<const Row> seeds, std::uint32_t ef, WalkScratch& scratch,
                         std::vector<Candidate>& found) {
  if (graph.covered() == 0 || ef == 0) return {};
  WalkScratch::Parts& parts = scratch.parts();
  const auto distances = [&query](const Rows4& rows) { return query.distances(rows); };
  const WalkCount count = TwoHopWalk(graph, codes, distances, wanted, parts).run(seeds, ef);
  for (std::uint32_t place = 0; place < parts.pool.size(); ++place) found.push_back(parts.pool[place]);
  return count;
}

}  // namespace omendb
