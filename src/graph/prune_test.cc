#include "graph/prune.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/test_world.h"

namespace omendb {
namespace {

using testing::ElementsAre;

constexpr std::uint32_t kSide = 70;

// Distances on the grid are whole numbers; those by codes are near them.
std::vector<Candidate> candidates_of(const World& world, Row row, std::vector<std::uint32_t> others) {
  const LinkDistance distance(world.codes(), 0);
  std::vector<Candidate> candidates;
  for (const std::uint32_t other : others) {
    candidates.push_back({distance(world.codes().record(row), world.codes().record(Row{other})), Row{other}});
  }
  std::sort(candidates.begin(), candidates.end());
  return candidates;
}

std::vector<Row> kept(const World& world, Row row, std::vector<std::uint32_t> others, float alpha,
                      std::uint32_t links_max) {
  const LinkDistance distance(world.codes(), 0);
  std::vector<Candidate> candidates = candidates_of(world, row, std::move(others));
  candidates.resize(Pruner(world.codes(), distance, alpha).prune(candidates, links_max));
  std::vector<Row> rows;
  for (const Candidate& candidate : candidates) rows.push_back(candidate.row);
  return rows;
}

constexpr std::uint32_t at(std::uint32_t x, std::uint32_t y) { return y * kSide + x; }

//    .  .  N  .  .
//    W  .  o  e  E      e stands between o and E: the walk reaches E through it
TEST(Prune, DropsWhatANearerLinkLeadsTo) {
  const World world(2, Metric::L2, grid_vectors(kSide));
  const Row o{at(30, 30)};
  EXPECT_THAT(kept(world, o, {at(40, 30), at(60, 30), at(30, 45), at(12, 30)}, 1.1f, kLinksMax),
              ElementsAre(Row{at(40, 30)}, Row{at(30, 45)}, Row{at(12, 30)}));
}

TEST(Prune, KeepsMoreTheLargerAlphaIs) {
  const World world(2, Metric::L2, grid_vectors(kSide));
  const Row o{at(30, 30)};
  // f is 25 from o and 20 from n: 1.25 times nearer to it.
  const std::vector<std::uint32_t> n_and_f = {at(30, 45), at(50, 45)};
  EXPECT_THAT(kept(world, o, n_and_f, 1.2f, kLinksMax), ElementsAre(Row{at(30, 45)}));
  EXPECT_THAT(kept(world, o, n_and_f, 1.3f, kLinksMax), ElementsAre(Row{at(30, 45)}, Row{at(50, 45)}));
}

TEST(Prune, KeepsNoMoreThanAsked) {
  const World world(2, Metric::L2, grid_vectors(kSide));
  EXPECT_THAT(kept(world, Row{at(30, 30)}, {at(40, 30), at(30, 45), at(12, 30)}, 1.1f, 2),
              ElementsAre(Row{at(40, 30)}, Row{at(30, 45)}));
}

TEST(Prune, KeepsOneOfManyEqualRows) {
  std::vector<float> vectors = grid_vectors(kSide);
  for (std::uint32_t copy = 0; copy < 40; ++copy) vectors.insert(vectors.end(), {30.0f, 30.0f});
  const World world(2, Metric::L2, std::move(vectors));
  std::vector<std::uint32_t> others = {at(40, 30)};
  for (std::uint32_t copy = 0; copy < 40; ++copy) others.push_back(kSide * kSide + copy);
  EXPECT_THAT(kept(world, Row{at(30, 30)}, others, 1.15f, kLinksMax),
              ElementsAre(Row{kSide * kSide}, Row{at(40, 30)}));
}

}  // namespace
}  // namespace omendb
