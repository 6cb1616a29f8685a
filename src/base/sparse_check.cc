#include "base/sparse_check.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

namespace omendb {
namespace {

Error invalid(std::string message) { return {ErrorCode::InvalidArgument, std::move(message)}; }

Result<void> check_unique(std::span<const std::uint32_t> indices) {
  const auto not_ascending = [](std::uint32_t a, std::uint32_t b) { return a >= b; };
  if (std::ranges::adjacent_find(indices, not_ascending) == indices.end()) return {};
  std::vector<std::uint32_t> sorted(indices.begin(), indices.end());
  std::ranges::sort(sorted);
  const auto twice = std::ranges::adjacent_find(sorted);
  if (twice == sorted.end()) return {};
  return invalid("the sparse vector's indices must be unique, and " + std::to_string(*twice) + " comes twice");
}

}  // namespace

Result<void> check_sparse(SparseView vector) {
  if (vector.indices.size() != vector.values.size()) {
    return invalid("the sparse vector's values must be the same length as indices: there are " +
                   std::to_string(vector.values.size()) + " values and " + std::to_string(vector.indices.size()) +
                   " indices");
  }
  const auto wild = std::ranges::find_if(vector.values, [](float value) { return !std::isfinite(value); });
  if (wild != vector.values.end()) {
    const auto place = static_cast<std::size_t>(wild - vector.values.begin());
    return invalid("the sparse vector has a NaN or an infinity at index " + std::to_string(vector.indices[place]));
  }
  return check_unique(vector.indices);
}

SparseVector sorted_by_index(SparseView vector) {
  SparseVector sorted{{vector.indices.begin(), vector.indices.end()}, {vector.values.begin(), vector.values.end()}};
  if (std::ranges::is_sorted(sorted.indices)) return sorted;
  std::vector<std::size_t> order(vector.indices.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t place) { return vector.indices[place]; });
  for (std::size_t i = 0; i < order.size(); ++i) {
    sorted.indices[i] = vector.indices[order[i]];
    sorted.values[i] = vector.values[order[i]];
  }
  return sorted;
}

}  // namespace omendb
