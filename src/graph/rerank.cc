#include "graph/rerank.h"

#include <algorithm>
#include <cstddef>

namespace omendb {

void rerank(const ExactScorer& scorer, const CodeQuery& query, const CodeTable& codes, std::span<const Candidate> found,
            TopK& nearest, std::uint64_t& distances) {
  // Exact vectors are long and cold; a few on the way at once keep the memory busy.
  constexpr std::size_t kVectorsAhead = 4;
  for (std::size_t i = 0; i < std::min(kVectorsAhead, found.size()); ++i) scorer.prefetch(found[i].row);

  for (std::size_t i = 0; i < found.size(); ++i) {
    const Candidate& candidate = found[i];
    if (candidate.distance - query.error(codes.factors(candidate.row)) > nearest.threshold()) continue;
    if (i + kVectorsAhead < found.size()) scorer.prefetch(found[i + kVectorsAhead].row);
    nearest.offer({scorer.distance(candidate.row), candidate.row});
    ++distances;
  }
}

}  // namespace omendb
