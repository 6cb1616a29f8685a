// A query bound to the exact vectors of a field: the internal distance of a row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/row.h"
#include "omendb/types.h"
#include "simd/kernels.h"
#include "storage/schema.h"

namespace omendb {

class ExactScorer {
 public:
  // `vectors`: row r at r * field.row_bytes(). `query` has field.dimensions values, and outlives the scorer.
  ExactScorer(const VectorField& field, const std::byte* vectors, std::span<const float> query);

  float distance(Row row) const;

  void prefetch(Row row) const;

 private:
  const VectorField& field_;
  const std::byte* vectors_;
  const float* query_;
  float query_norm_;  // Cosine
  const simd::Kernels& kernels_;
};

}  // namespace omendb
