#include "db/router.h"

#include <gtest/gtest.h>

#include "search/code_table.h"

namespace omendb {
namespace {

RouterInput input(std::uint32_t visible, std::uint32_t covered) {
  return {.visible = visible,
          .covered = covered,
          .settled = settled_rows(visible, covered, 128),
          .code_dimensions = 128};
}

TEST(Router, ChoosesByRowsAndOptions) {
  RouterInput exact = input(90'000, 80'000);
  exact.exact = true;
  RouterInput indexed = input(90'000, 80'000);
  indexed.freshness = Freshness::Indexed;
  RouterInput exact_indexed = exact;
  exact_indexed.freshness = Freshness::Indexed;
  RouterInput small_indexed = input(20'000, 0);
  small_indexed.freshness = Freshness::Indexed;
  RouterInput large_k = input(90'000, 80'000);
  large_k.k = 10'000;
  RouterInput mostly_erased = input(90'000, 80'000);
  mostly_erased.wanted_share = 0.001;
  const auto filtered = [](double share, std::optional<std::uint64_t> candidates) {
    RouterInput query = input(90'000, 80'000);
    query.filtered = true;
    query.wanted_share = share;
    query.candidates = candidates;
    return query;
  };

  struct Case {
    const char* name;
    RouterInput input;
    RowRange exact, graph, scan, listed = {};
  };
  const Case cases[] = {
      {"an empty collection is scanned in no time", input(0, 0), {0, 0}, {0, 0}, {0, 0}},
      {"rows without codes are compared one by one", input(4'095, 0), {0, 4'095}, {0, 0}, {0, 0}},
      {"without a graph everything is scanned", input(90'000, 0), {0, 0}, {0, 0}, {0, 90'000}},
      {"the graph answers its rows, a scan the tail", input(90'000, 80'000), {0, 0}, {0, 80'000}, {80'000, 90'000}},
      {"without a tail only the graph is asked", input(80'000, 80'000), {0, 0}, {0, 80'000}, {80'000, 80'000}},
      {"exact compares every row", exact, {0, 90'000}, {0, 0}, {0, 0}},
      {"indexed leaves the tail out", indexed, {0, 0}, {0, 80'000}, {80'000, 80'000}},
      {"a small collection is settled without a graph", small_indexed, {0, 0}, {0, 0}, {0, 20'000}},
      {"exact and indexed compares what is covered", exact_indexed, {0, 80'000}, {0, 0}, {0, 0}},
      {"a walk that would keep most rows is a scan", large_k, {0, 0}, {0, 0}, {0, 90'000}},
      {"few live rows are scanned", mostly_erased, {0, 0}, {0, 0}, {0, 90'000}},
      {"a filter that few rows match is scanned", filtered(0.04, std::nullopt), {0, 0}, {0, 0}, {0, 90'000}},
      {"a filter that many rows match is walked", filtered(0.5, std::nullopt), {0, 0}, {0, 80'000}, {80'000, 90'000}},
      {"few rows that an index knows are listed", filtered(0.5, 900), {0, 0}, {0, 0}, {0, 0}, {0, 90'000}},
      {"so are more of them, if a walk would take longer", filtered(0.04, 3'600), {0, 0}, {0, 0}, {0, 0}, {0, 90'000}},
      {"half of all rows are walked, index or not", filtered(0.5, 45'000), {0, 0}, {0, 80'000}, {80'000, 90'000}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const Plan plan = route(c.input);
    EXPECT_EQ(plan.exact.begin, c.exact.begin);
    EXPECT_EQ(plan.exact.size(), c.exact.size());
    EXPECT_EQ(plan.graph.size(), c.graph.size());
    EXPECT_EQ(plan.scan.size(), c.scan.size());
    EXPECT_EQ(plan.listed.size(), c.listed.size());
    if (!c.scan.empty()) {
      EXPECT_EQ(plan.scan.begin, c.scan.begin);
    }
  }
}

TEST(Router, LeavesAWalkForWhatIsCheaper) {
  const auto input_of = [](double share, std::optional<std::uint64_t> candidates, std::optional<std::uint64_t> known) {
    RouterInput query = input(1'000'000, 1'000'000);
    query.filtered = true;
    query.wanted_share = share;
    query.candidates = candidates;
    query.known_rows_cost = known;
    return query;
  };
  struct Case {
    const char* name;
    RouterInput input;
    bool walks, two_hop, list;
  };
  const Case cases[] = {
      {"without an index, for a scan", input_of(0.1, std::nullopt, std::nullopt), true, false, false},
      {"where all that match are known, for two hops", input_of(0.1, 100'000, 100'000), true, true, true},
      {"few rows that match are listed at once", input_of(0.003, 3'000, 3'000), false, false, true},
      {"more of them are walked to over two hops", input_of(0.03, 30'000, 30'000), true, true, true},
      {"if one part of the filter has no index they are listed", input_of(0.03, 30'000, std::nullopt), false, false, true},
      {"what does not match can be known too", input_of(0.2, std::nullopt, 800'000), true, true, true},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const Plan plan = route(c.input);
    EXPECT_EQ(!plan.graph.empty(), c.walks);
    EXPECT_EQ(plan.two_hop, c.two_hop);
    EXPECT_EQ(plan.list_is_cheaper, c.list);
    EXPECT_EQ(plan.listed.empty(), c.walks);
  }
  const WalkLimits limits = route(input_of(0.1, 100'000, 100'000)).limits;
  EXPECT_EQ(limits.look_after, look_after(0.1));
  EXPECT_LT(limits.look_after, limits.steps_max);
  EXPECT_GT(limits.near_share_min, 0.1) << "a tenth of all rows: two hops are cheaper";
  EXPECT_LT(limits.near_share_min, 0.9) << "where nearly all rows near the query match, the walk goes on";
}

TEST(Router, KeepsAtLeastKCandidates) {
  RouterInput query = input(1'000'000, 1'000'000);
  query.k = 100;
  EXPECT_EQ(route(query).ef, 100u);
  query.k = 10;
  EXPECT_EQ(route(query).ef, kEfMin);
  query.ef = 20;
  EXPECT_EQ(route(query).ef, 20u);
}

TEST(Router, WalksAsWideAsWasMeasured) {
  RouterInput query = input(1'000'000, 1'000'000);
  query.effort = {.covered = 900'000, .queries = 128, .for_10 = {.ef = 200}, .for_100 = {.ef = 650}};
  struct Case { std::uint32_t k, ef; };
  for (const Case& c : {Case{1, 200}, {10, 200}, {11, 205}, {100, 650}, {200, 1'300}}) {
    SCOPED_TRACE(c.k);
    query.k = c.k;
    EXPECT_EQ(route(query).ef, c.ef);
  }
  query.k = 10;
  query.ef = 80;
  EXPECT_EQ(route(query).ef, 80u) << "an `ef` that is asked for is taken";
}

TEST(Router, SettlesSmallCollectionsByTheBytesOfTheirCodes) {
  EXPECT_EQ(rows_settled_without_graph(128), 32'768u);
  EXPECT_EQ(rows_settled_without_graph(768), 5'461u);
  EXPECT_EQ(rows_settled_without_graph(65'536), kFirstCodedRows);
}

}  // namespace
}  // namespace omendb
