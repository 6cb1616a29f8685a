#include "server/diversity.h"

#include <gtest/gtest.h>

#include <cmath>

namespace omendb {
namespace {

// Candidates on a line; the query is at 0.
std::vector<std::size_t> choose(std::vector<float> places, double diversity, std::size_t count) {
  std::vector<float> relevance;
  for (const float place : places) relevance.push_back(-std::abs(place));
  return choose_diverse(relevance, [&](std::size_t a, std::size_t b) { return -std::abs(places[a] - places[b]); },
                        {.diversity = diversity, .count = count});
}

TEST(Diversity, OfZeroIsTheOrderOfRelevance) {
  EXPECT_EQ(choose({3, 1, 2}, 0, 3), (std::vector<std::size_t>{1, 2, 0}));
}

TEST(Diversity, PrefersWhatIsUnlikeTheChosen) {
  EXPECT_EQ(choose({0.1F, 0.2F, -5, 0.3F}, 0.9, 2), (std::vector<std::size_t>{0, 2}));
}

TEST(Diversity, ChoosesAtMostWhatIsThere) {
  EXPECT_EQ(choose({1, 2}, 0.5, 9).size(), 2U);
  EXPECT_EQ(choose({}, 0.5, 9).size(), 0U);
}

}  // namespace
}  // namespace omendb
