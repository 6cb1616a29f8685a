// Sparse vectors: values at a few of very many indices, as models for words give them (SPLADE, BM25).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace omendb {

// Values at indices, each index once, in any order; what the collection gives back is sorted by index.
struct SparseVector {
  std::vector<std::uint32_t> indices;
  std::vector<float> values;  // one an index, finite
};

struct SparseView {
  std::span<const std::uint32_t> indices;
  std::span<const float> values;

  SparseView() = default;
  SparseView(std::span<const std::uint32_t> all_indices, std::span<const float> all_values)
      : indices(all_indices), values(all_values) {}
  SparseView(const SparseVector& vector) : indices(vector.indices), values(vector.values) {}
};

enum class SparseModifier : std::uint8_t {
  None,
  Idf,  // the query's values are weighted by how rare their indices are among the points
};

}  // namespace omendb
