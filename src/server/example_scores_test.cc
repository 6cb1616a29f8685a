#include "server/example_scores.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace omendb {
namespace {

using testing::ElementsAre;
using testing::FloatEq;
using testing::FloatNear;

TEST(ExampleScores, AddUp) {
  const Similarities positive[] = {{3, 1}, {1, 0}};
  const Similarities negative[] = {{0, 5}};
  EXPECT_THAT(sum_scores(positive, negative, 2), ElementsAre(4, -4));
}

TEST(ExampleScores, OrTheBestOneDecides) {
  const Similarities positive[] = {{3, 1, 0}};
  const Similarities negative[] = {{0, 3, 0}};
  // (3/4 + 1) / 2, and of equal ones the negative one.
  EXPECT_THAT(best_scores(positive, negative, 3), ElementsAre(FloatEq(0.875F), FloatEq(-0.875F), FloatEq(-0.5F)));
  EXPECT_THAT(best_scores({}, negative, 3), ElementsAre(FloatEq(-0.5F), FloatEq(-0.875F), FloatEq(-0.5F)));
}

TEST(ExampleScores, OfADiscoveryCountSidesFirst) {
  const SimilarityPair context[] = {{{2, 1, 1}, {1, 2, 1}}};
  EXPECT_THAT(discovery_scores({0, 3, 0}, context), ElementsAre(FloatEq(1.5F), FloatEq(-0.125F), FloatEq(0.5F)));
}

TEST(ExampleScores, OfAContextAreZeroOnTheRightSide) {
  const SimilarityPair context[] = {{{2, 1}, {1, 2}}};
  EXPECT_THAT(context_scores(context, 2), ElementsAre(0, FloatNear(-0.5F, 1e-6F)));
}

}  // namespace
}  // namespace omendb
