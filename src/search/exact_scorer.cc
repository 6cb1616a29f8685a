#include "search/exact_scorer.h"

#include <algorithm>
#include <cmath>

namespace omendb {
namespace {

constexpr std::uint64_t kCacheLine = 64;
// Beyond 1 KiB the hardware's own prefetcher has long noticed.
constexpr std::uint64_t kPrefetchedBytesMax = 1024;

float cosine_distance(simd::DotAndNorm row, float query_norm) {
  const float norms = query_norm * std::sqrt(row.norm2);
  return norms > 0 ? 1 - row.dot / norms : 1;
}

}  // namespace

ExactScorer::ExactScorer(const VectorField& field, const std::byte* vectors, std::span<const float> query)
    : field_(field),
      vectors_(vectors),
      query_(query.data()),
      query_norm_(0),
      kernels_(simd::kernels()) {
  if (field.metric == Metric::Cosine) query_norm_ = std::sqrt(kernels_.dot_f32(query_, query_, field.dimensions));
}

float ExactScorer::distance(Row row) const {
  const std::size_t n = field_.dimensions;
  const std::byte* vector = vectors_ + std::uint64_t{index(row)} * field_.row_bytes();
  switch (field_.datatype) {
    case Datatype::Float32: {
      const auto* values = reinterpret_cast<const float*>(vector);
      switch (field_.metric) {
        case Metric::L2: return kernels_.l2_squared_f32(query_, values, n);
        case Metric::Dot: return -kernels_.dot_f32(query_, values, n);
        case Metric::Cosine: return cosine_distance(kernels_.dot_and_norm_f32(query_, values, n), query_norm_);
        case Metric::L1: return kernels_.l1_f32(query_, values, n);
      }
      break;
    }
    case Datatype::Float16: {
      const auto* values = reinterpret_cast<const std::uint16_t*>(vector);
      switch (field_.metric) {
        case Metric::L2: return kernels_.l2_squared_f16(query_, values, n);
        case Metric::Dot: return -kernels_.dot_f16(query_, values, n);
        case Metric::Cosine: return cosine_distance(kernels_.dot_and_norm_f16(query_, values, n), query_norm_);
        case Metric::L1: return kernels_.l1_f16(query_, values, n);
      }
      break;
    }
    case Datatype::Uint8: {
      const auto* values = reinterpret_cast<const std::uint8_t*>(vector);
      switch (field_.metric) {
        case Metric::L2: return kernels_.l2_squared_u8(query_, values, n);
        case Metric::Dot: return -kernels_.dot_u8(query_, values, n);
        case Metric::Cosine: return cosine_distance(kernels_.dot_and_norm_u8(query_, values, n), query_norm_);
        case Metric::L1: return kernels_.l1_u8(query_, values, n);
      }
      break;
    }
  }
  return 0;
}

void ExactScorer::prefetch(Row row) const {
  const std::byte* vector = vectors_ + std::uint64_t{index(row)} * field_.row_bytes();
  const std::uint64_t bytes = std::min<std::uint64_t>(field_.row_bytes(), kPrefetchedBytesMax);
  for (std::uint64_t offset = 0; offset < bytes; offset += kCacheLine) __builtin_prefetch(vector + offset);
}

}  // namespace omendb
