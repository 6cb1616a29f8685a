#include "server/similarity.h"

#include <gtest/gtest.h>

namespace omendb {
namespace {

TEST(Similarity, IsLargerForWhatIsNearer) {
  const VectorInput a = std::vector<float>{1, 2};
  const VectorInput b = std::vector<float>{4, -2};
  EXPECT_EQ(similarity(a, b, Metric::Dot), 0);
  EXPECT_EQ(similarity(a, b, Metric::L2), -25);
  EXPECT_EQ(similarity(a, b, Metric::L1), -7);
}

TEST(Similarity, OfSparseVectorsComesFromSharedIndices) {
  const VectorInput a = SparseVector{.indices = {1, 5, 9}, .values = {1, 2, 3}};
  const VectorInput b = SparseVector{.indices = {0, 5, 7, 9}, .values = {9, 4, 9, 1}};
  EXPECT_EQ(similarity(a, b, Metric::Dot), 11);
}

TEST(Similarity, OfAScoreIsThatOfItsVectors) {
  EXPECT_EQ(similarity_of(Metric::L2, 5), -25);
  EXPECT_EQ(similarity_of(Metric::L1, 7), -7);
  EXPECT_EQ(similarity_of(Metric::Cosine, 0.5F), 0.5F);
}

}  // namespace
}  // namespace omendb
