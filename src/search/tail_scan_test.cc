#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <set>

#include "search/scan.h"
#include "search/test_vectors.h"

namespace omendb {
namespace {

constexpr std::uint64_t kSeed = 21;
const RowFilter kAllLive(nullptr, 0);

// A field, its vectors and their codes.
struct Rows {
  Rows(Metric metric, std::size_t dimensions, std::vector<float> of_vectors)
      : field(field_of(dimensions, metric)), vectors(std::move(of_vectors)), table(coded(field, vectors, kSeed)) {}

  ExactScorer scorer(std::span<const float> query) const {
    return {field, reinterpret_cast<const std::byte*>(vectors.data()), query};
  }
  std::vector<float> query_near(std::size_t row, float noise, std::uint64_t seed) const {
    std::vector<float> query = random_vectors(1, field.dimensions, seed);
    for (std::size_t i = 0; i < query.size(); ++i) query[i] = vectors[row * query.size() + i] + noise * query[i];
    return query;
  }
  std::uint32_t size() const { return table->rows(); }

  std::vector<Candidate> exact(std::span<const float> query, RowRange rows, std::size_t k, const RowFilter& live) const {
    TopK nearest(k);
    exact_scan(scorer(query), live, rows, nearest);
    return nearest.take_sorted();
  }
  std::vector<Candidate> by_codes(std::span<const float> query, RowRange rows, std::size_t k,
                                  const RowFilter& live) const {
    TopK nearest(k);
    tail_scan(*table, CodeQuery(*table, query), scorer(query), live, rows, nearest);
    return nearest.take_sorted();
  }

  VectorField field;
  std::vector<float> vectors;
  std::unique_ptr<CodeTable> table;
};

std::vector<std::uint32_t> rows_of(const std::vector<Candidate>& candidates) {
  std::vector<std::uint32_t> rows;
  for (const Candidate& candidate : candidates) rows.push_back(index(candidate.row));
  return rows;
}

std::size_t common(const std::vector<Candidate>& a, const std::vector<Candidate>& b) {
  std::set<Row> rows;
  for (const Candidate& candidate : a) rows.insert(candidate.row);
  return static_cast<std::size_t>(std::ranges::count_if(b, [&](const Candidate& c) { return rows.contains(c.row); }));
}

struct Case {
  const char* name;
  Metric metric;
  std::size_t dimensions;
  std::size_t rows;
  std::size_t clusters;  // rows arrive cluster by cluster; 0: in no order
  RowRange range;
};

class TailScan : public testing::TestWithParam<Case> {};

TEST_P(TailScan, FindsWhatAnExactScanFinds) {
  const Case& c = GetParam();
  const Rows rows(c.metric, c.dimensions,
                  c.clusters > 0 ? clustered_vectors(c.rows, c.dimensions, c.clusters, kSeed)
                                 : random_vectors(c.rows, c.dimensions, kSeed));
  std::size_t found = 0;
  const std::size_t queries = 40;
  const std::size_t k = 10;
  for (std::size_t q = 0; q < queries; ++q) {
    const std::vector<float> query = rows.query_near(q * (c.rows / queries), 0.5f, kSeed + q);
    found += common(rows.exact(query, c.range, k, kAllLive), rows.by_codes(query, c.range, k, kAllLive));
  }
  EXPECT_GE(static_cast<double>(found) / static_cast<double>(queries * k), 0.99) << "seed " << kSeed;
}

INSTANTIATE_TEST_SUITE_P(
    Rows, TailScan,
    testing::Values(Case{"L2", Metric::L2, 64, 40'000, 0, {0, 40'000}},
                    Case{"L2SortedByCluster", Metric::L2, 64, 40'000, 50, {0, 40'000}},
                    Case{"L2OverSeveralExtents", Metric::L2, 32, 150'000, 40, {0, 150'000}},
                    Case{"Dot", Metric::Dot, 64, 40'000, 0, {0, 40'000}},
                    Case{"DotSortedByCluster", Metric::Dot, 32, 150'000, 40, {0, 150'000}},
                    Case{"Cosine", Metric::Cosine, 100, 40'000, 0, {0, 40'000}},
                    Case{"CosineSortedByCluster", Metric::Cosine, 100, 80'000, 50, {0, 80'000}},
                    Case{"OneDimension", Metric::L2, 1, 20'000, 0, {0, 20'000}},
                    Case{"Wide", Metric::L2, 700, 8'000, 10, {0, 8'000}},
                    Case{"FirstRowsOnly", Metric::L2, 64, 5'000, 0, {10, 4'000}},
                    Case{"LessThanABlock", Metric::L2, 64, 5'000, 0, {4'200, 4'230}},
                    Case{"OddEnds", Metric::L2, 64, 9'999, 0, {4'001, 9'977}}),
    [](const auto& parameter) { return std::string(parameter.param.name); });

TEST(TailScanCount, ReadsAFractionOfTheRows) {
  const Rows rows(Metric::L2, 64, clustered_vectors(60'000, 64, 300, kSeed));
  const std::vector<float> query = rows.query_near(50'000, 0.1f, kSeed);
  TopK nearest(10);
  const ScanCount count =
      tail_scan(*rows.table, CodeQuery(*rows.table, query), rows.scorer(query), kAllLive, {0, rows.size()}, nearest);
  EXPECT_LT(count.distances, 12'000u);  // the 4,096 rows without one-bit codes, a sample, and the neighbourhood
}

TEST(TailScan, StartsFromTheThresholdOfCandidatesAlreadyFound) {
  const Rows rows(Metric::L2, 64, random_vectors(20'000, 64, kSeed));
  const std::vector<float> query = rows.query_near(3, 0.5f, kSeed);
  TopK nearest(10);
  const CodeQuery codes(*rows.table, query);
  exact_scan(rows.scorer(query), kAllLive, {0, 10'000}, nearest);
  tail_scan(*rows.table, codes, rows.scorer(query), kAllLive, {10'000, 20'000}, nearest);
  const std::vector<Candidate> expected = rows.exact(query, {0, 20'000}, 10, kAllLive);
  EXPECT_GE(common(nearest.take_sorted(), expected), 9u);

  TopK unbeatable(1);
  unbeatable.offer({-1, Row{0}});
  const ScanCount count =
      tail_scan(*rows.table, codes, rows.scorer(query), kAllLive, {10'000, 20'000}, unbeatable);
  EXPECT_LT(count.distances, 100u);
  EXPECT_THAT(rows_of(unbeatable.take_sorted()), testing::ElementsAre(0));
}

TEST(TailScan, PassesOverErasedRowsAndStillFindsK) {
  const Rows rows(Metric::L2, 64, random_vectors(30'000, 64, kSeed));
  std::vector<std::atomic<std::uint64_t>> erased_at(rows.size());
  const std::vector<float> query = rows.query_near(7, 0.5f, kSeed);
  for (const Candidate& candidate : rows.exact(query, {0, rows.size()}, 500, kAllLive)) {
    erased_at[index(candidate.row)] = 4;
  }
  const RowFilter live(erased_at.data(), 5);
  const std::vector<Candidate> found = rows.by_codes(query, {0, rows.size()}, 10, live);
  EXPECT_GE(common(found, rows.exact(query, {0, rows.size()}, 10, live)), 9u);
  for (const Candidate& candidate : found) {
    EXPECT_TRUE(live.contains(candidate.row));
  }
}

TEST(TailScan, ReturnsAllRowsWhenFewerThanKLive) {
  const Rows rows(Metric::L2, 8, random_vectors(6'000, 8, kSeed));
  std::vector<std::atomic<std::uint64_t>> erased_at(rows.size());
  for (std::uint32_t row = 0; row < rows.size(); ++row) erased_at[row] = row % 1000 == 5 ? 0 : 1;
  const std::vector<float> query = rows.query_near(0, 1, kSeed);
  const auto found = rows.by_codes(query, {0, rows.size()}, 10, RowFilter(erased_at.data(), 1));
  EXPECT_THAT(rows_of(found), testing::UnorderedElementsAre(5, 1005, 2005, 3005, 4005, 5005));
}

TEST(TailScan, FindsRowsThatAreAllTheSame) {
  for (const float value : {0.0f, 3.0f}) {
    const Rows rows(Metric::L2, 8, std::vector<float>(20'000 * 8, value));
    const std::vector<float> query(8, value);
    const auto found = rows.by_codes(query, {0, rows.size()}, 5, kAllLive);
    ASSERT_EQ(found.size(), 5u);
    for (const Candidate& candidate : found) EXPECT_EQ(candidate.distance, 0);
  }
}

TEST(TailScan, AnswersAQueryWithoutDirection) {
  const Rows rows(Metric::Cosine, 8, random_vectors(10'000, 8, kSeed));
  const std::vector<float> zero(8);
  EXPECT_THAT(rows_of(rows.by_codes(zero, {0, rows.size()}, 3, kAllLive)), testing::ElementsAre(0, 1, 2));
}

TEST(TailScan, KeepsRowsWhoseSizesOverflow) {
  std::vector<float> vectors = random_vectors(10'000, 8, kSeed);
  for (std::size_t i = 0; i < 8; ++i) vectors[9'000 * 8 + i] = 1e25f;  // its square is infinite, its product is not
  const Rows rows(Metric::Dot, 8, vectors);
  const std::vector<float> query(8, 1.0f);
  EXPECT_EQ(rows.by_codes(query, {0, rows.size()}, 1, kAllLive).front().row, Row{9'000});
}

TEST(ParallelTailScan, FindsTheSame) {
  const Rows rows(Metric::L2, 64, clustered_vectors(60'000, 64, 30, kSeed));
  const auto executor = make_executor(3, Priority::Normal);
  std::size_t found = 0;
  for (std::size_t q = 0; q < 20; ++q) {
    const std::vector<float> query = rows.query_near(q * 2'999, 0.5f, kSeed + q);
    TopK nearest(10);
    exact_scan(rows.scorer(query), kAllLive, {0, 100}, nearest);
    parallel_tail_scan(*rows.table, CodeQuery(*rows.table, query), rows.scorer(query), kAllLive, {100, rows.size()},
                       nearest, *executor);
    found += common(nearest.take_sorted(), rows.exact(query, {0, rows.size()}, 10, kAllLive));
  }
  EXPECT_GE(found, 198u) << "seed " << kSeed;
}

}  // namespace
}  // namespace omendb
