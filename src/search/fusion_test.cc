#include "omendb/fusion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace omendb {
namespace {

PointId id(std::uint64_t number) { return PointId(number); }

const RankedList kDense = {{id(1), 0.9}, {id(2), 0.8}, {id(3), 0.7}};
const RankedList kSparse = {{id(3), 12}, {id(4), 7}, {id(1), 5}, {id(5), 0.5}};
const RankedList kAlone = {{id(6), 2}};
const RankedList kEqual = {{id(1), 3}, {id(2), 3}};

void expect_equal(const RankedList& got, const RankedList& want) {
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t i = 0; i < want.size(); ++i) {
    EXPECT_EQ(got[i].id.number(), want[i].id.number()) << "place " << i;
    EXPECT_NEAR(got[i].score, want[i].score, 1e-12) << "place " << i;
  }
}

// 1 / (place / weight + k - 1), added up over the lists by hand.
TEST(Fusion, AddsReciprocalRanksUp) {
  struct Case { const char* name; std::vector<RankedList> lists; std::uint32_t k; std::vector<float> weights; RankedList want; };
  const Case cases[] = {
      {"no lists", {}, 2, {}, {}},
      {"empty lists", {{}, {}}, 2, {}, {}},
      {"two lists: ties keep the order of the lists", {kDense, kSparse}, 2, {},
       {{id(1), 1 / 2. + 1 / 4.}, {id(3), 1 / 4. + 1 / 2.}, {id(2), 1 / 3.}, {id(4), 1 / 3.}, {id(5), 1 / 5.}}},
      {"k flattens", {kDense, kSparse}, 60, {},
       {{id(1), 1 / 60. + 1 / 62.}, {id(3), 1 / 62. + 1 / 60.}, {id(2), 1 / 61.}, {id(4), 1 / 61.}, {id(5), 1 / 63.}}},
      {"the least k", {kDense, kSparse}, 1, {},
       {{id(1), 1 + 1 / 3.}, {id(3), 1 / 3. + 1}, {id(2), 1 / 2.}, {id(4), 1 / 2.}, {id(5), 1 / 4.}}},
      {"weights divide places", {kDense, kSparse}, 2, {3, 0.5},
       {{id(1), 1 / (1 / 3. + 1) + 1 / 7.}, {id(3), 1 / 2. + 1 / 3.}, {id(2), 1 / (2 / 3. + 1)}, {id(4), 1 / 5.},
        {id(5), 1 / 9.}}},
      {"a list of no weight still has points", {kDense, kSparse}, 2, {1, -1},
       {{id(1), 1 / 2.}, {id(2), 1 / 3.}, {id(3), 1 / 4.}, {id(4), 0}, {id(5), 0}}},
      {"the best place of a repeated id counts", {{{id(8), 3}, {id(8), 2}, {id(9), 1}}}, 2, {},
       {{id(8), 1 / 2.}, {id(9), 1 / 4.}}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    expect_equal(fuse_by_rank(c.lists, {.k = c.k, .weights = c.weights}), c.want);
  }
}

// (score - (mean - 3 s)) / (6 s), s the square root of the squared differences from the mean over n - 1.
// kDense: mean 0.8, s 0.1. kSparse: mean 6.125, s 4.767511....
TEST(Fusion, AddsNormalisedScoresUp) {
  struct Case { const char* name; std::vector<RankedList> lists; RankedList want; };
  const Case cases[] = {
      {"no lists", {}, {}},
      {"two lists", {kDense, kSparse},
       {{id(1), 1.1273379735216953}, {id(3), 1.0387165086459595}, {id(4), 0.5305889835571996}, {id(2), 0.5},
        {id(5), 0.30335653427514475}}},
      {"a list of one is in the middle", {kDense, kAlone, {}},
       {{id(1), 2 / 3.}, {id(6), 0.5}, {id(2), 0.5}, {id(3), 1 / 3.}}},
      {"so are equal scores", {kEqual, kSparse},
       {{id(1), 0.9606713068550289}, {id(3), 0.7053831753126265}, {id(4), 0.5305889835571996}, {id(2), 0.5},
        {id(5), 0.30335653427514475}}},
      {"the best place of a repeated id counts", {{{id(1), 0.9}, {id(2), 0.8}, {id(1), 0.8}, {id(3), 0.7}}},
       {{id(1), 2 / 3.}, {id(2), 0.5}, {id(3), 1 / 3.}}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    expect_equal(fuse_by_score(c.lists), c.want);
  }
}

TEST(Fusion, KeepsTheOrderInWhichEqualPointsAreMet) {
  const std::vector<RankedList> lists = {{{id(9), 5}}, {{id(3), 5}}, {{id(7), 5}}};
  for (const RankedList& fused : {fuse_by_rank(lists), fuse_by_score(lists)}) {
    expect_equal(fused, {{id(9), 0.5}, {id(3), 0.5}, {id(7), 0.5}});
  }
}

}  // namespace
}  // namespace omendb
