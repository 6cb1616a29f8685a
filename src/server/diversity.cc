#include "server/diversity.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace omendb {
namespace {

// Of equal ones the last, as Qdrant takes it.
std::size_t place_of_largest(std::span<const double> scores) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < scores.size(); ++i) {
    if (scores[i] >= scores[best]) best = i;
  }
  return best;
}

}  // namespace

std::vector<std::size_t> choose_diverse(std::span<const float> relevance,
                                        FunctionRef<float(std::size_t, std::size_t)> similarity,
                                        const Diversity& diversity) {
  std::vector<std::size_t> pending(relevance.size());
  std::iota(pending.begin(), pending.end(), std::size_t{0});
  std::vector<float> nearest_chosen(relevance.size(), -std::numeric_limits<float>::infinity());
  std::vector<double> scores(relevance.begin(), relevance.end());
  std::vector<std::size_t> chosen;
  while (chosen.size() < diversity.count && !pending.empty()) {
    const std::size_t place = place_of_largest(scores);
    const std::size_t next = pending[place];
    chosen.push_back(next);
    // The last one takes the free place: which of equal ones comes next depends on that.
    pending[place] = pending.back();
    pending.pop_back();
    scores.resize(pending.size());
    for (std::size_t i = 0; i < pending.size(); ++i) {
      float& nearest = nearest_chosen[pending[i]];
      nearest = std::max(nearest, similarity(pending[i], next));
      scores[i] = (1 - diversity.diversity) * relevance[pending[i]] - diversity.diversity * nearest;
    }
  }
  return chosen;
}

}  // namespace omendb
