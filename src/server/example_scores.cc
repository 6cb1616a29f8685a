#include "server/example_scores.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace omendb {
namespace {

// From -1 to 1, and cheap.
float sigmoid(float x) { return x / (1 + std::abs(x)); }
float sigmoid_above_zero(float x) { return 0.5F * (sigmoid(x) + 1); }

std::vector<float> largest(std::span<const Similarities> examples, std::size_t candidates) {
  std::vector<float> best(candidates, -std::numeric_limits<float>::infinity());
  for (const Similarities& example : examples) {
    for (std::size_t i = 0; i < candidates; ++i) best[i] = std::max(best[i], example[i]);
  }
  return best;
}

}  // namespace

std::vector<float> sum_scores(std::span<const Similarities> positive, std::span<const Similarities> negative,
                              std::size_t candidates) {
  std::vector<float> scores(candidates, 0);
  for (const Similarities& example : positive) {
    for (std::size_t i = 0; i < candidates; ++i) scores[i] += example[i];
  }
  for (const Similarities& example : negative) {
    for (std::size_t i = 0; i < candidates; ++i) scores[i] -= example[i];
  }
  return scores;
}

std::vector<float> best_scores(std::span<const Similarities> positive, std::span<const Similarities> negative,
                               std::size_t candidates) {
  std::vector<float> scores = largest(positive, candidates);
  const std::vector<float> against = largest(negative, candidates);
  for (std::size_t i = 0; i < candidates; ++i) {
    scores[i] = scores[i] > against[i] ? sigmoid_above_zero(scores[i]) : -sigmoid_above_zero(against[i]);
  }
  return scores;
}

std::vector<float> discovery_scores(const Similarities& target, std::span<const SimilarityPair> context) {
  std::vector<float> scores;
  for (const float similarity : target) scores.push_back(sigmoid_above_zero(similarity));
  for (const SimilarityPair& pair : context) {
    for (std::size_t i = 0; i < scores.size(); ++i) {
      if (pair.positive[i] > pair.negative[i]) scores[i] += 1;
      if (pair.positive[i] < pair.negative[i]) scores[i] -= 1;
    }
  }
  return scores;
}

std::vector<float> context_scores(std::span<const SimilarityPair> context, std::size_t candidates) {
  std::vector<float> scores(candidates, 0);
  for (const SimilarityPair& pair : context) {
    for (std::size_t i = 0; i < candidates; ++i) {
      const float difference = pair.positive[i] - pair.negative[i] - std::numeric_limits<float>::epsilon();
      scores[i] += sigmoid(std::min(difference, 0.0F));
    }
  }
  return scores;
}

}  // namespace omendb
