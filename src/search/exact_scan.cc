#include "search/scan.h"

namespace omendb {
namespace {

// Vectors at least this far ahead are on their way while one is compared: the hardware's prefetcher stops at each page.
constexpr std::uint32_t kRowsAhead = 8;

}  // namespace

ScanCount exact_scan(const ExactScorer& scorer, const RowFilter& wanted, RowRange rows, TopK& nearest) {
  ScanCount count;
  for (std::uint32_t r = rows.begin; r < rows.end; ++r) {
    if (rows.end - r > kRowsAhead) scorer.prefetch(Row{r + kRowsAhead});
    if (!wanted.lives(Row{r})) continue;
    const Candidate candidate{scorer.distance(Row{r}), Row{r}};
    ++count.distances;
    if (candidate.distance <= nearest.threshold() && wanted.contains(candidate.row)) nearest.offer(candidate);
  }
  return count;
}

}  // namespace omendb
