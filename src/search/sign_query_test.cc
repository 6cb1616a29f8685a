#include "search/sign_query.h"

#include <gtest/gtest.h>

#include <cmath>

#include "search/code_parts.h"
#include "search/exact_scorer.h"
#include "search/rounding.h"
#include "search/test_vectors.h"

namespace omendb {
namespace {

constexpr std::uint64_t kSeed = 41;

struct Case {
  const char* name;
  Metric metric;
  std::size_t dimensions;
  std::size_t clusters;  // 0: one cloud
  std::uint32_t rows;
};

class OneBitBound : public testing::TestWithParam<Case> {};

// At 1.9 standard deviations a bound is above the distance once in 35 rows.
TEST_P(OneBitBound, IsBelowTheDistanceOfNearlyAllRows) {
  const Case& c = GetParam();
  const VectorField field = field_of(c.dimensions, c.metric);
  const std::vector<float> vectors = c.clusters > 0 ? clustered_vectors(c.rows, c.dimensions, c.clusters, kSeed)
                                                    : random_vectors(c.rows, c.dimensions, kSeed);
  const auto table = coded(field, vectors, kSeed);
  std::size_t above = 0;
  std::size_t compared = 0;
  for (std::size_t q = 0; q < 6; ++q) {
    const std::span<const float> query = std::span(vectors).subspan(q * (c.rows / 6) * c.dimensions, c.dimensions);
    const CodeQuery codes(*table, query);
    const SignQuery signs(codes, {0, c.rows});
    ASSERT_TRUE(signs.usable());
    const ExactScorer exact(field, reinterpret_cast<const std::byte*>(vectors.data()), query);
    for (std::uint32_t b = kFirstCodedRows / kBlockRows; b < c.rows / kBlockRows; ++b) {
      const SignBlock block = table->parts().block(b);
      const ExtentQuery& extent = signs.of_extent(b * kBlockRows / kExtentRows);
      for (std::uint32_t i = 0; i < kBlockRows; ++i) {
        // A row whose bound is above its own distance would be lost with the threshold just beyond it.
        const float distance = exact.distance(Row{b * kBlockRows + i});
        const float threshold = std::nextafter(distance, INFINITY) + kRounding * std::fabs(distance);
        if (i % 8 != q) continue;  // a sample: one kernel call a row
        const std::uint32_t passed =
            simd::kernels().fastscan_mask_32(block.codes, signs.tables(), signs.groups(), block.add, block.rescale,
                                             extent.bound, threshold - extent.base);
        if ((passed >> i & 1) == 0) ++above;
        ++compared;
      }
    }
  }
  EXPECT_LE(static_cast<double>(above), 0.045 * static_cast<double>(compared)) << "seed " << kSeed;
}

INSTANTIATE_TEST_SUITE_P(
    Rows, OneBitBound,
    testing::Values(Case{"L2", Metric::L2, 128, 0, 12'000}, Case{"L2Clustered", Metric::L2, 64, 30, 140'000},
                    Case{"Dot", Metric::Dot, 100, 0, 12'000}, Case{"DotClustered", Metric::Dot, 64, 30, 140'000},
                    Case{"Cosine", Metric::Cosine, 100, 0, 12'000},
                    Case{"CosineClustered", Metric::Cosine, 64, 30, 140'000},
                    Case{"NoPowerOfTwo", Metric::L2, 700, 3, 6'000}),
    [](const auto& parameter) { return std::string(parameter.param.name); });

}  // namespace
}  // namespace omendb
