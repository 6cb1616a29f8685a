// How far apart two rows are when links are made: by their 8-bit codes, never negative.
//
// L2 and cosine: squared Euclidean distance. Dot: M^2 - <a, b>, where a and b are taken from the centre of the codes
// and M is the longest row. The centre does no harm: a query ranks rows by <q, x> = <q, x - centre> + <q, centre>,
// and the second term is the same for all. M^2 keeps the distances positive, so that pruning by a factor means
// something. The usual lift into Euclidean space (one coordinate more, sqrt(M^2 - |x|^2): Bachrach et al., RecSys
// 2014) was measured and rejected: with spread norms queries lie far from all rows in that space, and recall fell
// from 0.99 to 0.68 to 0.93.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/row.h"
#include "search/code_table.h"
#include "simd/kernels.h"

namespace omendb {

class LinkDistance {
 public:
  // `norm2_max`: M^2 of the rows linked so far; only Metric::Dot asks.
  LinkDistance(const CodeTable& codes, float norm2_max)
      : dot_(simd::kernels().dot_i8),
        code_dimensions_(codes.code_dimensions()),
        norm2_max_(norm2_max),
        by_product_(codes.metric() == Metric::Dot) {}

  float operator()(const CodeRecord& a, const CodeRecord& b) const {
    const std::int32_t dot = dot_(a.code(), b.code(), code_dimensions_);
    const float product = a.scale * b.scale * static_cast<float>(dot);
    return std::max(0.0f, by_product_ ? norm2_max_ - product : a.norm2 + b.norm2 - 2 * product);
  }

 private:
  std::int32_t (*dot_)(const std::int8_t*, const std::int8_t*, std::size_t);
  std::size_t code_dimensions_;
  float norm2_max_;
  bool by_product_;
};

// M^2 of rows [begin, end) and those already `known`; left as it is where the metric does not ask.
inline float largest_norm2(const CodeTable& codes, std::uint32_t begin, std::uint32_t end, float known) {
  if (codes.metric() != Metric::Dot) return known;
  for (std::uint32_t row = begin; row < end; ++row) known = std::max(known, codes.record(Row{row}).norm2);
  return known;
}

}  // namespace omendb
