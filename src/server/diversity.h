// Maximal marginal relevance: of candidates that are all near to a query, those that differ from each other.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/function_ref.h"

namespace omendb {

struct Diversity {
  double diversity = 0.5;  // 0: only relevance counts; 1: only difference
  std::size_t count = 10;  // how many are chosen
};

// Places of the chosen ones, in the order in which they are chosen: each time the candidate with the largest
// (1 - diversity) * relevance - diversity * (similarity to the chosen one it is most similar to). Larger is more
// similar.
std::vector<std::size_t> choose_diverse(std::span<const float> relevance,
                                        FunctionRef<float(std::size_t, std::size_t)> similarity,
                                        const Diversity& diversity);

}  // namespace omendb
