// Scores of candidates by how alike they are to several examples.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace omendb {

using Similarities =
    std::vector<float>;  // of all candidates to one example, in the candidates' order; larger is more alike

// Of recommendations: positive ones less negative ones.
std::vector<float> sum_scores(std::span<const Similarities> positive, std::span<const Similarities> negative,
                              std::size_t candidates);

// Of recommendations: the sigmoid of the largest positive one, or below zero that of the largest negative one if it is
// not smaller.
std::vector<float> best_scores(std::span<const Similarities> positive, std::span<const Similarities> negative,
                               std::size_t candidates);

// Two examples between which the space is divided.
struct SimilarityPair {
  Similarities positive;
  Similarities negative;
};

// One for each pair on whose positive side a candidate is, less one for each other, and the sigmoid of how alike it is
// to the target.
std::vector<float> discovery_scores(const Similarities& target, std::span<const SimilarityPair> context);

// Zero on the positive side of all pairs, and below it the more the farther on the other side of some.
std::vector<float> context_scores(std::span<const SimilarityPair> context, std::size_t candidates);

}  // namespace omendb
