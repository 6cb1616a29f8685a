#include "graph/search_effort.h"

#include <gtest/gtest.h>

#include "graph/test_world.h"

namespace omendb {
namespace {

constexpr auto kGoOn = [] { return true; };

// Normally distributed in all directions: the higher the rank, the harder to search.
std::vector<float> normal_vectors(std::uint32_t rows, std::uint32_t dimensions, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> vectors(std::size_t{rows} * dimensions);
  std::ranges::generate(vectors, [&] { return normal(random); });
  return vectors;
}

SearchEffort measured(const World& world, const Graph& graph, std::uint32_t ef_max = kEfMax, std::size_t threads = 1) {
  const auto executor = make_executor(threads, Priority::Normal);
  return measure_effort(graph, world.effort_sample(), ef_max, *executor, kGoOn).value();
}

double mean_recall(const World& world, const Graph& graph, std::span<const float> queries, std::uint32_t k,
                   std::uint32_t ef) {
  const std::uint32_t dimensions = world.field().dimensions;
  double sum = 0;
  std::size_t count = 0;
  for (; count < queries.size() / dimensions; ++count) {
    const auto query = queries.subspan(count * dimensions, dimensions);
    sum += recall(world.search(graph, query, k, ef), world.exact(query, k, graph.covered()));
  }
  return sum / static_cast<double>(count);
}

// What was measured on rows of the collection holds for queries it has never seen.
TEST(SearchEffort, IsEnoughForNewQueries) {
  for (const Metric metric : {Metric::L2, Metric::Cosine}) {
    SCOPED_TRACE(name_of(metric));
    constexpr std::uint32_t kRows = 5'000, kDimensions = 24;
    const World world(kDimensions, metric, normal_vectors(kRows, kDimensions, 1));
    const auto graph = world.build(kRows);
    const SearchEffort effort = measured(world, *graph);
    EXPECT_EQ(effort.covered, kRows);
    EXPECT_EQ(effort.queries, 128u);
    EXPECT_GE(effort.for_10.recall, kRecallWanted);
    EXPECT_GE(effort.for_100.recall, kRecallWanted);
    const std::vector<float> queries = normal_vectors(100, kDimensions, 2);
    EXPECT_GE(mean_recall(world, *graph, queries, 10, effort.for_10.ef), 0.94);
    EXPECT_GE(mean_recall(world, *graph, queries, 100, effort.for_100.ef), 0.94);
  }
}

TEST(SearchEffort, GrowsWithTheDifficultyOfTheData) {
  const World easy(2, Metric::L2, grid_vectors(70));
  EXPECT_EQ(measured(easy, *easy.build(easy.rows())).for_10.ef, kEfMin);
  const World hard(128, Metric::L2, normal_vectors(5'000, 128, 3));
  const auto graph = hard.build(hard.rows());
  const SearchEffort effort = measured(hard, *graph);
  EXPECT_GT(effort.for_10.ef, 70u);
  EXPECT_GE(effort.for_100.ef, effort.for_10.ef);

  const SearchEffort bounded = measured(hard, *graph, 70);
  EXPECT_EQ(bounded.for_10.ef, 70u) << "the widest walk allowed";
  EXPECT_LT(bounded.for_10.recall, kRecallWanted);
  EXPECT_GT(bounded.for_10.recall, 0.3);
}

TEST(SearchEffort, IsTheSameWhateverTheThreads) {
  const World world(24, Metric::L2, normal_vectors(5'000, 24, 4));
  const auto graph = world.build(world.rows());
  const SearchEffort one = measured(world, *graph, kEfMax, 1);
  const SearchEffort three = measured(world, *graph, kEfMax, 3);
  EXPECT_EQ(std::memcmp(&one, &three, sizeof one), 0);
}

TEST(SearchEffort, AsksLiveRowsOnly) {
  World world(2, Metric::L2, grid_vectors(70));
  const auto graph = world.build(world.rows());
  for (std::uint32_t row = 0; row < world.rows(); ++row) {
    if (row % 100 != 0) world.erase(row);
  }
  const SearchEffort few = measured(world, *graph);
  EXPECT_GE(few.for_10.recall, kRecallWanted) << "49 rows live, and a walk returns all of them";
  for (std::uint32_t row = 0; row < world.rows(); row += 100) world.erase(row);
  EXPECT_EQ(measured(world, *graph).covered, 0u) << "nobody is left to ask";
}

TEST(SearchEffort, CanBeCancelled) {
  const World world(2, Metric::L2, grid_vectors(70));
  const auto graph = world.build(world.rows());
  const auto executor = make_executor(1, Priority::Normal);
  int calls = 0;
  const auto cancelled = measure_effort(*graph, world.effort_sample(), kEfMax, *executor, [&] { return ++calls < 3; });
  ASSERT_FALSE(cancelled.ok());
  EXPECT_EQ(cancelled.error().code, ErrorCode::Cancelled);
}

// A row that asks must not find the way to its neighbours through itself.
TEST(BeamSearch, LeavesARowOutAsIfItWereNotThere) {
  const World world(2, Metric::L2, grid_vectors(70));
  const auto graph = world.build(world.rows());
  const Row centre{35 * 70 + 35};
  WalkScratch scratch;
  std::vector<Candidate> found;
  const CodeQuery query(world.codes(), world.vector(index(centre)));
  beam_search(*graph, world.codes(), query, world.live(), 40, scratch, found, centre);
  ASSERT_EQ(found.size(), 40u);
  for (const Candidate& candidate : found) EXPECT_NE(candidate.row, centre);
  found.clear();
  beam_search(*graph, world.codes(), query, world.live(), 40, scratch, found);
  EXPECT_EQ(found.front().row, centre);
}

}  // namespace
}  // namespace omendb
