// How far apart two rows are when links are made: squared Euclidean distance by their 8-bit codes, never negative.
//
// Under Metric::Dot the rows are lifted first: each gets one more coordinate, sqrt(M^2 - |y|^2), where y = x - centre and
// M is the largest |y| known. All lifted rows have the norm M, so the nearest to (q, 0) is the one with the largest inner
// product <q, y> (Bachrach et al., RecSys 2014), and links made of lifted distances lead there. The centre does no harm:
// <q, x> = <q, y> + <q, centre>, and the second term is the same for every row.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "search/code_table.h"
#include "simd/kernels.h"

namespace omendb {

class LinkDistance {
 public:
  // `largest_norm2`: M^2, of the rows linked so far; a longer row counts as just as long. Only Metric::Dot asks.
  LinkDistance(const CodeTable& codes, float largest_norm2)
      : dot_(simd::kernels().dot_i8),
        code_dimensions_(codes.code_dimensions()),
        largest_norm2_(largest_norm2),
        lifted_(codes.metric() == Metric::Dot) {}

  float operator()(const CodeRecord& a, const CodeRecord& b) const {
    const std::int32_t dot = dot_(a.code(), b.code(), code_dimensions_);
    const float apart = a.norm2 + b.norm2 - 2 * a.scale * b.scale * static_cast<float>(dot);
    if (!lifted_) return std::max(0.0f, apart);
    const float lifts = lift(a) - lift(b);
    return std::max(0.0f, apart + lifts * lifts);
  }

 private:
  float lift(const CodeRecord& record) const { return std::sqrt(std::max(0.0f, largest_norm2_ - record.norm2)); }

  std::int32_t (*dot_)(const std::int8_t*, const std::int8_t*, std::size_t);
  std::size_t code_dimensions_;
  float largest_norm2_;
  bool lifted_;
};

// M^2 of rows [begin, end) and one already known; left as it is where the metric does not ask.
inline float largest_norm2(const CodeTable& codes, std::uint32_t begin, std::uint32_t end, float known) {
  if (codes.metric() != Metric::Dot) return known;
  for (std::uint32_t row = begin; row < end; ++row) known = std::max(known, codes.record(Row{row}).norm2);
  return known;
}

}  // namespace omendb
