#include "search/top_k.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace omendb {
namespace {

std::vector<std::uint32_t> rows_of(TopK& nearest) {
  std::vector<std::uint32_t> rows;
  for (const Candidate& candidate : nearest.take_sorted()) rows.push_back(index(candidate.row));
  return rows;
}

TEST(TopK, KeepsTheNearestInOrder) {
  TopK nearest(3);
  for (const float distance : {5.0f, 1.0f, 4.0f, 2.0f, 3.0f}) {
    nearest.offer({distance, Row{static_cast<std::uint32_t>(distance)}});
  }
  EXPECT_THAT(rows_of(nearest), testing::ElementsAre(1, 2, 3));
}

TEST(TopK, BreaksTiesByRowWhateverTheOrderOfOffers) {
  for (const auto& order : {std::vector<std::uint32_t>{1, 2, 3, 4}, {4, 3, 2, 1}, {2, 4, 1, 3}}) {
    TopK nearest(2);
    for (const std::uint32_t row : order) nearest.offer({7.0f, Row{row}});
    EXPECT_THAT(rows_of(nearest), testing::ElementsAre(1, 2));
  }
}

TEST(TopK, HasAThresholdOnceItIsFull) {
  TopK nearest(2);
  nearest.offer({1, Row{0}});
  EXPECT_EQ(nearest.threshold(), std::numeric_limits<float>::infinity());
  nearest.offer({3, Row{1}});
  EXPECT_EQ(nearest.threshold(), 3);
  nearest.offer({2, Row{2}});
  EXPECT_EQ(nearest.threshold(), 2);
}

}  // namespace
}  // namespace omendb
