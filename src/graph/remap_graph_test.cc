#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "graph/graph_builder.h"
#include "graph/test_world.h"

namespace omendb {
namespace {

constexpr std::uint32_t kDimensions = 32;
constexpr std::uint64_t kSeed = 5;

// What vacuum does: a world without the erased rows, and where each row went.
struct Vacuumed {
  World world;
  std::vector<Row> moved_to;
};

Vacuumed vacuum(const World& world) {
  std::vector<Row> moved_to(world.rows(), kNoRow);
  std::vector<float> vectors;
  std::uint32_t next = 0;
  for (std::uint32_t row = 0; row < world.rows(); ++row) {
    if (!world.live().contains(Row{row})) continue;
    moved_to[row] = Row{next++};
    vectors.insert(vectors.end(), world.vector(row).begin(), world.vector(row).end());
  }
  return {World(kDimensions, Metric::L2, std::move(vectors)), std::move(moved_to)};
}

std::shared_ptr<const Graph> remap(const Graph& graph, const Vacuumed& vacuumed, std::uint32_t covered,
                                   std::size_t threads = 1) {
  auto executor = make_executor(threads, Priority::Normal);
  auto moved = remap_graph(graph, vacuumed.moved_to, vacuumed.world.codes(), covered, BuildOptions{}, *executor,
                           [] { return true; });
  OMEN_ASSERT(moved.ok());
  return std::move(moved).value();
}

double mean_recall(const World& world, const Graph& graph) {
  std::mt19937_64 random(kSeed);
  double sum = 0;
  for (int i = 0; i < 100; ++i) {
    const auto query = world.vector(static_cast<std::uint32_t>(random() % graph.covered()));
    sum += recall(world.search(graph, query, 10, 64), world.exact(query, 10, graph.covered()));
  }
  return sum / 100;
}

TEST(RemapGraph, FollowsTheRows) {
  World world(kDimensions, Metric::L2, low_rank_vectors(12'000, kDimensions, 8, kSeed));
  const auto graph = world.build(10'000);
  std::mt19937_64 random(kSeed);
  std::uint32_t covered = 0;
  for (std::uint32_t row = 0; row < world.rows(); ++row) {
    const bool erased = random() % 2 == 0;
    if (erased) world.erase(row);
    covered += row < 10'000 && !erased ? 1u : 0u;
  }
  const Vacuumed vacuumed = vacuum(world);
  const auto moved = remap(*graph, vacuumed, covered);
  EXPECT_EQ(moved->covered(), covered);
  EXPECT_THAT(moved->batch_ends(), testing::ElementsAre(covered));
  EXPECT_EQ(reached_from_entries(*moved).size(), covered);
  EXPECT_GE(mean_recall(vacuumed.world, *moved), 0.97) << "seed " << kSeed;
  EXPECT_TRUE(same_graph(*moved, *remap(*graph, vacuumed, covered, 3)));
}

TEST(RemapGraph, KeepsAGraphWithoutErasuresAsItIs) {
  const World world(kDimensions, Metric::L2, low_rank_vectors(6'000, kDimensions, 8, kSeed));
  const auto graph = world.build(6'000);
  const auto moved = remap(*graph, vacuum(world), 6'000);
  for (std::uint32_t row = 0; row < 6'000; ++row) {
    ASSERT_TRUE(std::ranges::equal(moved->links(Row{row}), graph->links(Row{row})));
  }
}

// A whole region is gone with all its bridges.
TEST(RemapGraph, MendsAGraphThatLostMostOfItsRows) {
  World world(kDimensions, Metric::L2, low_rank_vectors(50'000, kDimensions, 8, kSeed));
  const auto graph = world.build(50'000, 2);
  std::uint32_t covered = 0;
  for (std::uint32_t row = 0; row < world.rows(); ++row) {
    if (row % 10 != 0) world.erase(row);
    covered += row % 10 == 0 ? 1u : 0u;
  }
  const Vacuumed vacuumed = vacuum(world);
  const auto moved = remap(*graph, vacuumed, covered);
  EXPECT_EQ(reached_from_entries(*moved).size(), covered);
  EXPECT_GE(mean_recall(vacuumed.world, *moved), 0.95) << "seed " << kSeed;
}

TEST(RemapGraph, StopsWhenAskedTo) {
  const World world(kDimensions, Metric::L2, low_rank_vectors(6'000, kDimensions, 8, kSeed));
  const auto graph = world.build(6'000);
  const Vacuumed vacuumed = vacuum(world);
  auto executor = make_executor(1, Priority::Normal);
  const auto moved = remap_graph(*graph, vacuumed.moved_to, vacuumed.world.codes(), 6'000, BuildOptions{}, *executor,
                                 [] { return false; });
  ASSERT_FALSE(moved.ok());
  EXPECT_EQ(moved.error().code, ErrorCode::Cancelled);
}

}  // namespace
}  // namespace omendb
