#include "graph/graph_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "graph/test_world.h"

namespace omendb {
namespace {

constexpr std::uint64_t kSeed = 3;

TEST(GraphBuilder, FindsWhatAComparisonWithEveryRowFinds) {
  struct Case { const char* name; Metric metric; std::uint32_t rank; double recall; };
  const Case cases[] = {
      {"L2", Metric::L2, 8, 0.98},
      {"cosine", Metric::Cosine, 12, 0.97},
      {"dot, with norms spread over orders of magnitude", Metric::Dot, 16, 0.95},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(testing::Message() << c.name << ", seed " << kSeed);
    constexpr std::uint32_t kRows = 10'000;
    constexpr std::uint32_t kQueries = 200;
    const std::vector<float> all = low_rank_vectors(kRows + kQueries, 64, c.rank, kSeed);
    const World world(64, c.metric, {all.begin(), all.begin() + kRows * 64});
    const auto graph = world.build(kRows, 2);
    double sum = 0;
    for (std::uint32_t i = 0; i < kQueries; ++i) {
      const auto query = std::span(all).subspan((kRows + i) * std::size_t{64}, 64);
      sum += recall(world.search(*graph, query, 10, 64), world.exact(query, 10, kRows));
    }
    EXPECT_GE(sum / kQueries, c.recall);
  }
}

TEST(GraphBuilder, GivesTheSameGraphWithAnyNumberOfThreads) {
  const World world(32, Metric::L2, low_rank_vectors(8'000, 32, 8, kSeed));
  const auto one = world.build(world.rows(), 1);
  EXPECT_TRUE(same_graph(*one, *world.build(world.rows(), 2)));
  EXPECT_TRUE(same_graph(*one, *world.build(world.rows(), 3)));
}

TEST(GraphBuilder, EveryLinkLeadsToAnotherCoveredRowOnce) {
  const World world(32, Metric::L2, low_rank_vectors(8'000, 32, 8, kSeed));
  const auto graph = world.build(6'000);
  ASSERT_EQ(graph->covered(), 6'000u);
  for (std::uint32_t row = 0; row < graph->covered(); ++row) {
    std::vector<Row> links(graph->links(Row{row}).begin(), graph->links(Row{row}).end());
    while (!links.empty() && links.back() == kNoRow) links.pop_back();
    ASSERT_FALSE(links.empty());
    std::ranges::sort(links);
    EXPECT_TRUE(std::ranges::adjacent_find(links) == links.end()) << "row " << row << " has a link twice";
    EXPECT_FALSE(std::ranges::binary_search(links, Row{row})) << "row " << row << " leads to itself";
    EXPECT_LT(index(links.back()), graph->covered());
  }
}

TEST(GraphBuilder, EveryRowCanBeReached) {
  struct Case { const char* name; std::vector<float> vectors; };
  std::vector<float> sorted_by_cluster;
  for (std::uint32_t cluster = 0; cluster < 8; ++cluster) {
    std::vector<float> one = low_rank_vectors(1'000, 16, 4, kSeed + cluster);
    for (float& value : one) value += 100.0f * static_cast<float>(cluster);
    sorted_by_cluster.insert(sorted_by_cluster.end(), one.begin(), one.end());
  }
  std::vector<float> crowd = low_rank_vectors(6'000, 16, 4, kSeed);
  for (std::size_t copy = 1'000; copy < 3'000; ++copy) std::copy_n(crowd.begin(), 16, &crowd[copy * 16]);
  std::vector<float> equal(5'000 * 16, 1.0f);
  const Case cases[] = {
      {"rows in any order", low_rank_vectors(8'000, 16, 4, kSeed)},
      {"cluster after cluster", sorted_by_cluster},
      {"a third of the rows equal", crowd},
      {"all rows equal", equal},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const World world(16, Metric::L2, c.vectors);
    const auto graph = world.build(world.rows(), 2);
    EXPECT_EQ(reached_from_entries(*graph).size(), world.rows());
  }
}

TEST(GraphBuilder, ErasedRowsGetNoLinksAndAreLinkedByNone) {
  World world(32, Metric::L2, low_rank_vectors(8'000, 32, 8, kSeed));
  for (std::uint32_t row = 0; row < world.rows(); row += 3) world.erase(row);
  const auto graph = world.build(world.rows());
  for (std::uint32_t row = 0; row < graph->covered(); ++row) {
    for (const Row link : graph->links(Row{row})) {
      if (link == kNoRow) break;
      ASSERT_NE(row % 3, 0u) << "erased row " << row << " has links";
      ASSERT_NE(index(link) % 3, 0u) << "row " << row << " leads to an erased one";
    }
  }
}

TEST(GraphBuilder, RowsThatComeAfterAllOthersWereErasedAreFound) {
  World world(32, Metric::L2, low_rank_vectors(5'000, 32, 8, kSeed));
  const auto old = world.build(4'000);
  for (std::uint32_t row = 0; row < 4'000; ++row) world.erase(row);
  const auto graph = world.build(world.rows(), 1, old.get());
  double sum = 0;
  for (std::uint32_t row = 4'000; row < 4'100; ++row) {
    sum += recall(world.search(*graph, world.vector(row), 10, 64), world.exact(world.vector(row), 10, world.rows()));
  }
  EXPECT_GE(sum / 100, 0.9);
}

TEST(GraphBuilder, LeavesTheGraphItExtendsAsItWas) {
  const World world(32, Metric::L2, low_rank_vectors(8'000, 32, 8, kSeed));
  const auto base = world.build(5'000);
  const auto longer = world.build(8'000, 2, base.get());
  EXPECT_TRUE(same_graph(*base, *world.build(5'000)));
  EXPECT_EQ(longer->covered(), 8'000u);
}

TEST(GraphBuilder, StopsWhenAskedTo) {
  const World world(32, Metric::L2, low_rank_vectors(8'000, 32, 8, kSeed));
  auto executor = make_executor(2, Priority::Normal);
  auto builder = GraphBuilder::extend(nullptr, world.codes(), BuildOptions{});
  ASSERT_TRUE(builder.ok());
  int pauses = 0;
  const Result<void> added = builder->add_batch(8'000, world.live(), *executor, [&] { return ++pauses < 20; });
  ASSERT_FALSE(added.ok());
  EXPECT_EQ(added.error().code, ErrorCode::Cancelled);
  EXPECT_EQ(pauses, 20);
}

TEST(GraphBuilder, AsksForLargerBatchesAsItGrows) {
  const World world(32, Metric::L2, low_rank_vectors(20'000, 32, 8, kSeed));
  auto executor = make_executor(2, Priority::Normal);
  auto builder = GraphBuilder::extend(nullptr, world.codes(), BuildOptions{});
  ASSERT_TRUE(builder.ok());
  std::uint32_t before = 0;
  for (const std::uint32_t end : {1'000u, 10'000u, 20'000u}) {
    ASSERT_TRUE(builder->add_batch(end, world.live(), *executor, [] { return true; }).ok());
    EXPECT_GE(builder->next_batch_rows(), before);
    before = builder->next_batch_rows();
  }
  EXPECT_GT(before, 64u);
}

}  // namespace
}  // namespace omendb
