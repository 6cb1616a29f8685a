#include "search/sign_query.h"

#include <algorithm>
#include <cmath>

#include "search/code_parts.h"
#include "search/rounding.h"

namespace omendb {
namespace {

// Standard deviations between the estimate and the bound. RaBitQ's authors take 1.9, which a row is beyond once in 35
// times; but only the few rows whose distance is near the threshold run that risk at all, and the threshold is wide for
// most of a scan. Counted at k = 10 in 128 dimensions: of a million rows none of 300 neighbours is lost, of 60,000 rows
// one of 1,000.
constexpr float kDeviations = 1.9f;

// The standard deviation of the estimate of <q, r> is |q| |r| sqrt((1 / t^2 - 1) / (d - 1)), with t the cosine between
// r and its signs x. The estimate being gain <q, x> with gain = |r|^2 / <r, x> = 2 |r| / (t sqrt(d)), that is
//   gain |q| sqrt(1 - t^2) / 2 sqrt(d / (d - 1)).
// For a random rotation t^2 is near 2 / pi, 0.64 +- 0.08 at d = 128, so one number serves all rows. Kept for each row
// it decides nothing differently (8,960 and 8,905 rows compared of a million), for a seventh more bytes to scan.
constexpr float kDeviationPerGain = 0.3014f;  // sqrt(1 - 2 / pi) / 2

constexpr float kTableMax = simd::kFastScanEntryMax;

}  // namespace

SignQuery::SignQuery(const CodeQuery& query, RowRange rows) : first_extent_(rows.begin / kExtentRows) {
  const CodeTable::Parts& parts = query.table().parts();
  const std::size_t width = query.rotated().size();
  std::vector<float> relative(query.rotated().begin(), query.rotated().end());
  for (std::size_t i = 0; i < width; ++i) relative[i] -= parts.centre[i];
  fill_tables(relative);

  std::vector<float> centre(width);
  const std::uint32_t last_extent = (rows.end - 1) / kExtentRows;
  for (std::uint32_t extent = first_extent_; extent <= last_extent; ++extent) {
    parts.read_extent_centre(extent, centre.data());
    extents_.push_back(bind(query, centre));
    usable_ = usable_ && std::isfinite(extents_.back().base) && std::isfinite(extents_.back().bound.offset);
  }
  const bool is_zero = std::ranges::all_of(query.rotated(), [](float value) { return value == 0; });
  if (query.table().metric() == Metric::Cosine && is_zero) usable_ = false;
}

// Entry n of a group is the inner product of four of the query's coordinates with +1/2 where n has a bit and -1/2 where
// not, less its smallest value, in steps that make the widest group's largest entry kTableMax.
void SignQuery::fill_tables(const std::vector<float>& query) {
  const std::size_t groups = query.size() / 4;
  float widest = 0;
  for (std::size_t g = 0; g < groups; ++g) {
    float width = 0;
    for (std::size_t i = 4 * g; i < 4 * g + 4; ++i) width += std::fabs(query[i]);
    widest = std::max(widest, width);
    offset_ -= width / 2;
  }
  scale_ = widest / kTableMax;
  usable_ = std::isfinite(offset_);
  tables_.resize(groups / kGroupsPerLine);
  if (!(scale_ > 0)) return;
  const float inverse = 1 / scale_;
  if (!std::isfinite(inverse)) return;
  for (std::size_t g = 0; g < groups; ++g) {
    std::uint8_t* table = tables_[g / kGroupsPerLine].bytes + 16 * (g % kGroupsPerLine);
    for (unsigned n = 0; n < 16; ++n) {
      float above_smallest = 0;
      for (unsigned j = 0; j < 4; ++j) {
        const float value = query[4 * g + j];
        const bool bit = (n >> j & 1) != 0;
        if (bit == (value > 0)) above_smallest += std::fabs(value);
      }
      table[n] = static_cast<std::uint8_t>(std::min(std::round(above_smallest * inverse), kTableMax));
    }
  }
}

ExtentQuery SignQuery::bind(const CodeQuery& query, const std::vector<float>& centre) const {
  const simd::Kernels& kernels = simd::kernels();
  const float* q = query.rotated().data();
  const std::size_t width = centre.size();
  const float distance2 = kernels.l2_squared_f32(q, centre.data(), width);
  const float sizes2 = kernels.dot_f32(q, q, width) + kernels.dot_f32(centre.data(), centre.data(), width);
  const float estimate2 = kDeviationPerGain * kDeviationPerGain * distance2;
  const float tables2 = scale_ * scale_ * static_cast<float>(groups()) / 12;  // the variance of their roundings

  float base = 0;
  switch (query.table().metric()) {
    case Metric::L1:  // has no codes
    case Metric::L2: base = distance2 - kRounding * sizes2; break;
    case Metric::Cosine: base = (distance2 - kRounding * sizes2) / 2; break;
    case Metric::Dot: base = -kernels.dot_f32(q, centre.data(), width) - kRounding * sizes2 / 2; break;
  }
  // A row's gain is its -rescale, up to the weight of the inner product: lowering the estimate by gain times something
  // is raising the offset.
  return {.estimate = {.scale = scale_, .offset = offset_},
          .bound = {.scale = scale_, .offset = offset_ + kDeviations * std::sqrt(estimate2 + tables2)},
          .base = base};
}

}  // namespace omendb
