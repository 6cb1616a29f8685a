// From code distances to exact ones: the last step of a graph search.
#pragma once

#include <cstdint>
#include <span>

#include "search/code_query.h"
#include "search/code_table.h"
#include "search/exact_scorer.h"
#include "search/top_k.h"

namespace omendb {

// Offers the rows of `found` (nearest first by code distance, as beam_search() leaves them) with their exact distances,
// except those that by the code's error bound cannot enter. Adds the number of exact distances to `distances`.
void rerank(const ExactScorer& scorer, const CodeQuery& query, const CodeTable& codes, std::span<const Candidate> found,
            TopK& nearest, std::uint64_t& distances);

}  // namespace omendb
