// Made-up vectors for the tests of this folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "search/code_table.h"
#include "storage/schema.h"

namespace omendb {

inline std::vector<float> random_vectors(std::size_t rows, std::size_t dimensions, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> vectors(rows * dimensions);
  for (float& value : vectors) value = normal(random);
  return vectors;
}

// Clouds around `clusters` far-away points, cluster by cluster: rows arrive sorted.
inline std::vector<float> clustered_vectors(std::size_t rows, std::size_t dimensions, std::size_t clusters,
                                            std::uint64_t seed) {
  std::vector<float> vectors = random_vectors(rows, dimensions, seed);
  const std::vector<float> centres = random_vectors(clusters, dimensions, seed + 1);
  for (std::size_t row = 0; row < rows; ++row) {
    const float* centre = &centres[row * clusters / rows * dimensions];
    for (std::size_t i = 0; i < dimensions; ++i) {
      vectors[row * dimensions + i] = 10 + 3 * centre[i] + vectors[row * dimensions + i] / 2;
    }
  }
  return vectors;
}

inline VectorField field_of(std::size_t dimensions, Metric metric) {
  return {.name = "",
          .dimensions = static_cast<std::uint32_t>(dimensions),
          .metric = metric,
          .datatype = Datatype::Float32};
}

inline std::unique_ptr<CodeTable> coded(const VectorField& field, std::span<const float> vectors, std::uint64_t seed) {
  std::unique_ptr<CodeTable> table = CodeTable::create(field, seed).value();
  table->append(std::as_bytes(vectors)).value();
  return table;
}

}  // namespace omendb
