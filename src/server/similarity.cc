#include "server/similarity.h"

#include <cmath>

namespace omendb {
namespace {

float dense_similarity(const std::vector<float>& left, const std::vector<float>& right, Metric metric) {
  float sum = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    const float difference = left[i] - right[i];
    if (larger_is_nearer(metric)) {
      sum += left[i] * right[i];
    } else {
      sum -= metric == Metric::L1 ? std::abs(difference) : difference * difference;
    }
  }
  return sum;
}

float sparse_similarity(const SparseVector& left, const SparseVector& right) {
  float sum = 0;
  for (std::size_t i = 0, j = 0; i < left.indices.size() && j < right.indices.size();) {
    if (left.indices[i] == right.indices[j]) {
      sum += left.values[i++] * right.values[j++];
    } else if (left.indices[i] < right.indices[j]) {
      ++i;
    } else {
      ++j;
    }
  }
  return sum;
}

}  // namespace

float similarity_of(Metric metric, float score) {
  if (larger_is_nearer(metric)) return score;
  return metric == Metric::L1 ? -score : -score * score;
}

float similarity(const VectorInput& left, const VectorInput& right, Metric metric) {
  if (const auto* dense = std::get_if<std::vector<float>>(&left)) {
    return dense_similarity(*dense, std::get<std::vector<float>>(right), metric);
  }
  return sparse_similarity(std::get<SparseVector>(left), std::get<SparseVector>(right));
}

}  // namespace omendb
