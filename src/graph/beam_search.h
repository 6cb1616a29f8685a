// Walking the graph towards a query (best-first beam search: Malkov and Yashunin, 2018, algorithm 2; linear pool).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/row.h"
#include "graph/graph.h"
#include "search/code_query.h"
#include "search/row_filter.h"
#include "search/top_k.h"

namespace omendb {

struct WalkCount {
  std::uint64_t steps = 0;      // rows whose links were read
  std::uint64_t distances = 0;  // code distances
  bool gave_up = false;         // wanted rows are rare around the query, and another search finds them sooner
  double near_share = 0;        // then: of the rows nearest to the query, those wanted when the walk looked around
};

constexpr std::uint32_t kStepsUnlimited = 0xFFFF'FFFF;

// When a walk that wants some of the live rows gives up: after `steps_max`, or earlier: after `look_after` steps it looks
// around, and of the rows around the query it has to have found that at least `near_share_min` are wanted.
struct WalkLimits {
  std::uint32_t steps_max = kStepsUnlimited;
  std::uint32_t look_after = kStepsUnlimited;
  double near_share_min = 0;
};

// Reusable memory of a walk: the pool and the visited marks. One a thread; grows to the graphs it meets.
class WalkScratch {
 public:
  WalkScratch();
  ~WalkScratch();
  WalkScratch(WalkScratch&&) noexcept;
  struct Parts;
  Parts& parts() { return *parts_; }

 private:
  std::unique_ptr<Parts> parts_;
};

// Appends to `found` the up to `ef` nearest wanted rows met, nearest first by code distance. Other rows are walked
// through and never returned, and they do not eat into `ef`. May find fewer than exist where the graph is thin or it gave
// up: the caller then asks another search. `left_out` is neither returned nor walked through, as if it were not in the
// graph.
WalkCount beam_search(const Graph& graph, const CodeTable& codes, const CodeQuery& query, const RowFilter& wanted,
                      std::uint32_t ef, WalkScratch& scratch, std::vector<Candidate>& found, Row left_out = kNoRow,
                      const WalkLimits& limits = {});

}  // namespace omendb
