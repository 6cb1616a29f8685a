#include "graph/rerank.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/test_world.h"

namespace omendb {
namespace {

TEST(Rerank, GivesTheExactNearestOfWhatWasFound) {
  for (const Metric metric : {Metric::L2, Metric::Dot, Metric::Cosine}) {
    SCOPED_TRACE(name_of(metric));
    const World world(32, metric, low_rank_vectors(6'000, 32, 8, 9));
    const CodeQuery query(world.codes(), world.vector(17));
    std::vector<Candidate> found;
    for (std::uint32_t row = 0; row < 6'000; ++row) found.push_back({query.distance(Row{row}), Row{row}});
    std::sort(found.begin(), found.end());
    TopK nearest(10);
    std::uint64_t distances = 0;
    rerank(world.scorer(world.vector(17)), query, world.codes(), found, nearest, distances);
    const std::vector<Candidate> wanted = world.exact(world.vector(17), 10, 6'000);
    const std::vector<Candidate> have = nearest.take_sorted();
    ASSERT_EQ(have.size(), wanted.size());
    for (std::size_t i = 0; i < have.size(); ++i) EXPECT_EQ(have[i].row, wanted[i].row);
    EXPECT_GE(distances, 10u);
    EXPECT_LT(distances, 300u) << "rows that cannot enter were compared";
  }
}

TEST(Rerank, KeepsWhatIsAlreadyNearer) {
  const World world(2, Metric::L2, grid_vectors(70));
  const CodeQuery query(world.codes(), world.vector(0));
  TopK nearest(1);
  nearest.offer({-1.0f, Row{4'000}});
  std::uint64_t distances = 0;
  const std::vector<Candidate> found = {{0.0f, Row{0}}};
  rerank(world.scorer(world.vector(0)), query, world.codes(), found, nearest, distances);
  EXPECT_EQ(nearest.take_sorted().front().row, Row{4'000});
}

}  // namespace
}  // namespace omendb
