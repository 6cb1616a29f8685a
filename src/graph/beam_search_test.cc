#include "graph/beam_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "graph/test_world.h"
#include "graph/two_hop_search.h"
#include "graph/walk.h"

namespace omendb {
namespace {

using testing::ElementsAre;

TEST(BeamSearch, FindsTheNearestPointsOfAGrid) {
  constexpr std::uint32_t kSide = 70;
  const World world(2, Metric::L2, grid_vectors(kSide));
  const auto graph = world.build(world.rows());
  const std::vector<float> query = {20.1f, 50.3f};
  const std::vector<Candidate> found = world.search(*graph, query, 3, 16);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].row, Row{50 * kSide + 20});
  EXPECT_EQ(found[1].row, Row{51 * kSide + 20});
  EXPECT_EQ(found[2].row, Row{50 * kSide + 21});
}

TEST(BeamSearch, FindsNothingInAnEmptyGraph) {
  const World world(2, Metric::L2, grid_vectors(70));
  const auto graph = world.build(0);
  EXPECT_THAT(world.search(*graph, world.vector(5), 3, 16), testing::IsEmpty());
}

TEST(BeamSearch, ReturnsEfCandidatesNearestFirst) {
  const World world(2, Metric::L2, grid_vectors(70));
  const auto graph = world.build(world.rows());
  WalkScratch scratch;
  std::vector<Candidate> found;
  const CodeQuery query(world.codes(), world.vector(2500));
  for (const std::uint32_t ef : {1u, 10u, 1000u}) {
    SCOPED_TRACE(ef);
    found.clear();
    beam_search(*graph, world.codes(), query, world.live(), ef, scratch, found);
    EXPECT_EQ(found.size(), ef);
    EXPECT_TRUE(std::ranges::is_sorted(found, {}, &Candidate::distance));
  }
}

// The marks hold the walk's number in 16 bits: the 65,536th walk must not take old marks for its own.
TEST(VisitedRows, AWalkSeesNoMarksOfAnother) {
  VisitedRows visited;
  for (int walk = 0; walk < 140'000; ++walk) {
    visited.start(500);
    const Row often{static_cast<std::uint32_t>(walk) % 400};  // in other words than row 499
    ASSERT_TRUE(visited.visit(often)) << "walk " << walk;
    ASSERT_FALSE(visited.visit(often)) << "walk " << walk;
    const bool number_is_back = walk % 65'535 == 0;
    ASSERT_TRUE(!number_is_back || visited.visit(Row{499})) << "walk " << walk;
  }
}

TEST(BeamSearch, ManyWalksWithOneScratchGiveTheSameAnswer) {
  const World world(2, Metric::L2, grid_vectors(70));
  const auto graph = world.build(world.rows());
  WalkScratch scratch;
  const CodeQuery query(world.codes(), world.vector(2500));
  std::vector<Candidate> first;
  beam_search(*graph, world.codes(), query, world.live(), 10, scratch, first);
  for (int walk = 0; walk < 600; ++walk) {
    std::vector<Candidate> found;
    beam_search(*graph, world.codes(), query, world.live(), 10, scratch, found);
    ASSERT_EQ(found.size(), first.size());
    for (std::size_t i = 0; i < found.size(); ++i) ASSERT_EQ(found[i].row, first[i].row) << "walk " << walk;
  }
}

TEST(BeamSearch, ErasedRowsAreWalkedThroughAndNeverReturned) {
  struct Case { const char* name; double erased_share; double recall; };
  const Case cases[] = {{"a third", 0.3, 0.95}, {"most", 0.9, 0.9}, {"nearly all", 0.99, 0.8}};
  constexpr std::uint64_t kSeed = 11;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  World world(32, Metric::L2, low_rank_vectors(12'000, 32, 10, kSeed));
  const auto graph = world.build(world.rows());
  std::mt19937_64 random(kSeed);
  std::vector<double> erased_from(world.rows());  // share on
  std::ranges::generate(erased_from, [&] { return std::uniform_real_distribution<>()(random); });
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    for (std::uint32_t row = 0; row < world.rows(); ++row) {
      if (erased_from[row] < c.erased_share) world.erase(row);
    }
    double sum = 0;
    constexpr std::uint32_t kQueries = 100;
    for (std::uint32_t i = 0; i < kQueries; ++i) {
      const auto query = world.vector(static_cast<std::uint32_t>(random() % world.rows()));
      const std::vector<Candidate> found = world.search(*graph, query, 10, 64);
      EXPECT_EQ(found.size(), 10u);
      for (const Candidate& candidate : found) EXPECT_TRUE(world.live().contains(candidate.row));
      sum += recall(found, world.exact(query, 10, world.rows()));
    }
    EXPECT_GE(sum / kQueries, c.recall);
  }
}

// Everything near the query is erased: the entries are alive and promise nothing of it.
TEST(BeamSearch, GetsPastAnErasedNeighbourhood) {
  constexpr std::uint32_t kSide = 70;
  World world(2, Metric::L2, grid_vectors(kSide));
  const auto graph = world.build(world.rows());
  for (std::uint32_t y = 25; y < 45; ++y) {
    for (std::uint32_t x = 25; x < 45; ++x) world.erase(y * kSide + x);
  }
  const std::vector<float> query = {34.0f, 35.2f};
  const std::vector<Candidate> found = world.search(*graph, query, 2, 16);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_THAT(found, testing::Pointwise(testing::Truly([](const auto& pair) {
                return std::get<0>(pair).row == std::get<1>(pair).row;
              }), world.exact(query, 2, world.rows())));
}

// Every second row each way: on the grid a wanted row has no other beside it, but some two links away.
TEST(TwoHopSearch, WalksFromWantedRowToWantedRowAndComparesNoOther) {
  constexpr std::uint32_t kSide = 70;
  const World world(2, Metric::L2, grid_vectors(kSide));
  const auto graph = world.build(world.rows());
  RowSet wanted_rows(world.rows());
  for (std::uint32_t y = 0; y < kSide; y += 2) {
    for (std::uint32_t x = 0; x < kSide; x += 2) wanted_rows.insert(Row{y * kSide + x});
  }
  const RowFilter wanted = world.live().within(wanted_rows);
  const std::vector<float> query_vector = {31.4f, 49.2f};
  const CodeQuery query(world.codes(), query_vector);
  WalkScratch scratch;
  std::vector<Candidate> found;
  const std::vector<Row> seeds = {Row{0}};
  const WalkCount count = two_hop_search(*graph, world.codes(), query, wanted, seeds, 16, scratch, found);
  ASSERT_EQ(found.size(), 16u);
  EXPECT_TRUE(std::ranges::is_sorted(found, {}, &Candidate::distance));
  for (const Candidate& candidate : found) EXPECT_TRUE(wanted_rows.contains(candidate.row));
  for (const std::uint32_t near : {50 * kSide + 32, 48 * kSide + 32, 50 * kSide + 30}) {
    EXPECT_TRUE(std::ranges::any_of(found, [&](const Candidate& c) { return c.row == Row{near}; })) << near;
  }
  EXPECT_LE(count.distances, wanted_rows.size());
}

TEST(TwoHopSearch, FindsOneRowInTwenty) {
  constexpr std::uint64_t kSeed = 13;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  World world(32, Metric::L2, low_rank_vectors(12'000, 32, 10, kSeed));
  const auto graph = world.build(world.rows());
  std::mt19937_64 random(kSeed);
  RowSet twentieth(world.rows());
  for (std::uint32_t row = 0; row < world.rows(); ++row) {
    if (random() % 20 == 0) twentieth.insert(Row{row});
  }
  for (std::uint32_t row = 0; row < world.rows(); row += 7) world.erase(row);
  const RowFilter wanted = world.live().within(twentieth);
  WalkScratch scratch;
  double sum = 0;
  constexpr std::uint32_t kQueries = 100;
  for (std::uint32_t i = 0; i < kQueries; ++i) {
    const auto vector = world.vector(static_cast<std::uint32_t>(random() % world.rows()));
    const CodeQuery query(world.codes(), vector);
    std::vector<Candidate> found;
    two_hop_search(*graph, world.codes(), query, wanted, twentieth.spread(64), 64, scratch, found);
    for (const Candidate& candidate : found) EXPECT_TRUE(wanted.contains(candidate.row));
    TopK exact(10);
    exact_scan(world.scorer(vector), wanted, {0, world.rows()}, exact);
    sum += recall(found, exact.take_sorted());
  }
  EXPECT_GE(sum / kQueries, 0.95);
}

// The filter keeps the far half of the grid: rows around the query are seen not to match, and the walk does not go on.
TEST(BeamSearch, LeavesAWalkThatAFilterOpposes) {
  constexpr std::uint32_t kSide = 70;
  const World world(2, Metric::L2, grid_vectors(kSide));
  const auto graph = world.build(world.rows());
  RowSet far(world.rows());
  for (std::uint32_t row = world.rows() / 2; row < world.rows(); ++row) far.insert(Row{row});
  const RowFilter wanted = world.live().within(far);
  struct Case { const char* name; std::vector<float> query; bool leaves; };
  const Case cases[] = {{"opposes", {35.2f, 3.1f}, true}, {"agrees", {35.2f, 60.1f}, false}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const CodeQuery query(world.codes(), c.query);
    WalkScratch scratch;
    std::vector<Candidate> found;
    const WalkLimits limits{.look_after = 40, .near_share_min = 0.2};
    const WalkCount count = beam_search(*graph, world.codes(), query, wanted, 32, scratch, found, kNoRow, limits);
    EXPECT_EQ(count.gave_up, c.leaves);
    EXPECT_EQ(count.near_share, c.leaves ? 0.0 : count.near_share);
    if (c.leaves) {
      EXPECT_EQ(count.steps, 40u);
    }
  }
}

}  // namespace
}  // namespace omendb
