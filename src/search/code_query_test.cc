#include "search/code_query.h"

#include <gtest/gtest.h>

#include <cmath>

#include "search/exact_scorer.h"
#include "search/test_vectors.h"

namespace omendb {
namespace {

constexpr std::uint64_t kSeed = 11;

struct Case {
  const char* name;
  std::size_t dimensions;
  Metric metric;
  bool clustered;
};

class CodeQueryAccuracy : public testing::TestWithParam<Case> {};

TEST_P(CodeQueryAccuracy, DistancesAreWithinTheirError) {
  const Case& c = GetParam();
  const std::size_t rows = 4200;
  const VectorField field = field_of(c.dimensions, c.metric);
  const std::vector<float> vectors =
      c.clustered ? clustered_vectors(rows, c.dimensions, 5, kSeed) : random_vectors(rows, c.dimensions, kSeed);
  const auto table = coded(field, vectors, kSeed);

  std::size_t outside = 0;
  const std::size_t queries = 8;
  for (std::size_t q = 0; q < queries; ++q) {
    const std::span<const float> near_a_row = std::span(vectors).subspan(q * 500 * c.dimensions, c.dimensions);
    std::vector<float> query = random_vectors(1, c.dimensions, kSeed + 100 + q);
    for (std::size_t i = 0; i < c.dimensions; ++i) query[i] = query[i] / 4 + near_a_row[i];
    const CodeQuery codes(*table, query);
    const ExactScorer exact(field, reinterpret_cast<const std::byte*>(vectors.data()), query);
    for (std::uint32_t row = 0; row < rows; ++row) {
      const float distance = exact.distance(Row{row});
      const float error = codes.error(table->factors(Row{row}));
      if (std::fabs(codes.distance(Row{row}) - distance) > error) ++outside;
    }
  }
  EXPECT_LE(outside, rows * queries / 1000) << "seed " << kSeed;
}

INSTANTIATE_TEST_SUITE_P(
    Tables, CodeQueryAccuracy,
    testing::Values(Case{"L2", 128, Metric::L2, false}, Case{"L2Clustered", 128, Metric::L2, true},
                    Case{"Dot", 128, Metric::Dot, false}, Case{"DotClustered", 128, Metric::Dot, true},
                    Case{"Cosine", 100, Metric::Cosine, false}, Case{"CosineClustered", 100, Metric::Cosine, true},
                    Case{"OneDimension", 1, Metric::L2, false}, Case{"ThreeDimensions", 3, Metric::L2, true},
                    Case{"Wide", 784, Metric::L2, true}, Case{"BeyondTheQueryLimit", 4000, Metric::L2, false}),
    [](const auto& parameter) { return std::string(parameter.param.name); });

TEST(CodeQuery, AZeroQueryHasNoDirectionUnderCosine) {
  const std::vector<float> vectors = random_vectors(4096, 16, kSeed);
  const auto table = coded(field_of(16, Metric::Cosine), vectors, kSeed);
  const std::vector<float> zero(16);
  EXPECT_EQ(CodeQuery(*table, zero).distance(Row{5}), 1);
}

}  // namespace
}  // namespace omendb
