// Recall through the life of a collection: all tail, half linked, linked, churned, vacuumed, reopened.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "omendb/omendb.h"
#include "os/temporary_directory.h"
#include "tests/points.h"

namespace omendb {
namespace {

using testing::PointMaker;

constexpr std::uint32_t kDimensions = 96;
constexpr std::uint64_t kRows = 60'000;

class Recall : public ::testing::TestWithParam<Metric> {
 protected:
  void put(Collection& points, std::uint64_t begin, std::uint64_t end, std::uint64_t version) {
    for (; begin < end; begin += 1'000) {
      auto batch = testing::batch_of(maker_, begin, begin + 1'000, version);
      ASSERT_TRUE(points.upsert(batch.view(), Wait::Accepted).ok());
      for (std::uint64_t id = begin; id < begin + 1'000; ++id) live_[id] = version;
    }
  }

  // The share of the ten nearest that a default search finds, against exact search.
  double recall(const Collection& points) {
    std::size_t found = 0;
    constexpr std::size_t kQueries = 100;
    for (std::uint64_t i = 0; i < kQueries; ++i) {
      const std::vector<float> query = maker_.vector(1'000'000 + i);
      const SearchResult exact = points.search(query, {.exact = true}).value();
      const SearchResult answer = points.search(query).value();
      EXPECT_EQ(answer.neighbors.size(), 10u);
      for (const Neighbor& neighbor : answer.neighbors) {
        EXPECT_TRUE(live_.contains(neighbor.id.number()));
        for (const Neighbor& right : exact.neighbors) found += right.id == neighbor.id;
      }
    }
    return static_cast<double>(found) / (10 * kQueries);
  }

  const TemporaryDirectory temporary_;
  const std::string directory_ = temporary_.path();
  PointMaker maker_{kDimensions, 11};
  std::map<std::uint64_t, std::uint64_t> live_;
};

TEST_P(Recall, StaysHighThroughTheLifeOfACollection) {
  const CollectionOptions options{.dimensions = kDimensions, .metric = GetParam()};
  {
    Database database = Database::open(directory_, {.index_in_background = false}).value();
    Collection points = database.create("c", options).value();
    put(points, 0, kRows, 0);
    EXPECT_GE(recall(points), 0.99) << "all tail";
  }
  Database database = Database::open(directory_).value();
  Collection points = database.collection("c").value();
  ASSERT_TRUE(points.wait_indexed(std::chrono::minutes(5)).value());
  EXPECT_EQ(points.progress().tail, 0u);
  EXPECT_GT(points.search(maker_.vector(1)).value().explanation.rows_by_graph, 0u);
  EXPECT_GE(recall(points), 0.95) << "linked";
  const MeasuredRecall measured = points.stats().measured;
  EXPECT_EQ(measured.queries, 128u);
  EXPECT_EQ(measured.rows, kRows);
  EXPECT_GE(measured.ef, 64u);
  EXPECT_GE(measured.recall_at_10, 0.95);

  put(points, kRows, kRows + 5'000, 0);
  EXPECT_GE(recall(points), 0.95) << "linked, with a tail";

  put(points, 0, kRows / 2, 1);
  std::vector<PointId> erased;
  for (std::uint64_t id = 0; id < kRows; id += 3) {
    erased.emplace_back(id);
    live_.erase(id);
  }
  ASSERT_TRUE(points.erase(erased).ok());
  ASSERT_TRUE(points.wait_indexed(std::chrono::minutes(5)).value());
  EXPECT_EQ(points.count(), live_.size());
  EXPECT_GE(recall(points), 0.95) << "half replaced, a third erased";

  ASSERT_TRUE(points.vacuum().ok());
  EXPECT_EQ(points.stats().rows, live_.size());
  ASSERT_TRUE(points.wait_indexed(std::chrono::minutes(5)).value());
  EXPECT_GE(recall(points), 0.95) << "vacuumed";
  ASSERT_TRUE(database.close().ok());

  Database again = Database::open(directory_).value();
  Collection reopened = again.collection("c").value();
  EXPECT_EQ(reopened.progress().tail, 0u) << "the graph was saved";
  EXPECT_GE(reopened.stats().measured.recall_at_10, 0.95) << "with what was measured on it";
  EXPECT_GE(recall(reopened), 0.95) << "reopened";
}

// Filters of every width on a number that says where a point lies (its first coordinate), so that they can agree with a
// query or oppose it, and on one that has nothing to do with it.
class FilteredRecall : public Recall {
 protected:
  void load(Collection& points) {
    for (std::uint64_t begin = 0; begin < kRows; begin += 1'000) {
      auto batch = testing::batch_of(maker_, begin, begin + 1'000);
      for (std::size_t i = 0; i < batch.texts.size(); ++i) {
        const float x = batch.vectors[i * kDimensions];
        xs_.push_back(x);
        batch.texts[i] = "{\"x\": " + std::to_string(x) + ", \"n\": " + std::to_string((begin + i) * 7'919 % kRows) + "}";
      }
      ASSERT_TRUE(points.upsert(batch.view(), Wait::Accepted).ok());
    }
    std::sort(xs_.begin(), xs_.end());
  }

  double x_at(double share) const { return xs_[static_cast<std::size_t>(share * static_cast<double>(xs_.size() - 1))]; }

  static Filter below(const std::string& key, double bound) {
    return parse_filter("{\"must\": {\"key\": \"" + key + "\", \"range\": {\"lt\": " + std::to_string(bound) + "}}}")
        .value();
  }

  std::vector<float> xs_;
};

TEST_P(FilteredRecall, FindsTheNearestThatMatchAtEverySelectivity) {
  Database database = Database::open(directory_).value();
  Collection points = database.create("c", {.dimensions = kDimensions, .metric = GetParam()}).value();
  load(points);
  ASSERT_TRUE(points.wait_indexed(std::chrono::minutes(5)).value());

  // Queries on the side where x is small: filters that keep small x agree with them, filters that keep large x oppose.
  std::vector<std::vector<float>> queries;
  for (std::uint64_t id = 1'000'000; queries.size() < 30; ++id) {
    std::vector<float> query = maker_.vector(id);
    if (query[0] < x_at(0.1)) queries.push_back(std::move(query));
  }
  for (const double share : {0.001, 0.02, 0.05, 0.1, 0.3, 0.9}) {
    struct Case {
      const char* name;
      Filter filter;
    };
    Filter opposing;
    opposing.must_not = {Condition{below("x", x_at(1 - share))}};
    const Case cases[] = {{"agrees", below("x", x_at(share))},
                          {"opposes", opposing},
                          {"has nothing to do with it", below("n", share * kRows)}};
    for (const Case& c : cases) {
      SCOPED_TRACE(std::string(c.name) + " at " + std::to_string(share));
      const std::uint64_t matching = points.count(c.filter).value();
      EXPECT_NEAR(static_cast<double>(matching) / kRows, share, 0.001);
      std::size_t found = 0;
      std::uint64_t rows_by_graph = 0;
      for (const std::vector<float>& query : queries) {
        const SearchResult exact = points.search(query, {.filter = c.filter, .exact = true}).value();
        const SearchResult answer = points.search(query, {.filter = c.filter}).value();
        ASSERT_EQ(answer.neighbors.size(), std::min<std::uint64_t>(10, matching));
        rows_by_graph += answer.explanation.rows_by_graph;
        for (const Neighbor& neighbor : answer.neighbors) {
          for (const Neighbor& right : exact.neighbors) found += right.id == neighbor.id;
        }
      }
      EXPECT_GE(static_cast<double>(found), 0.95 * 10 * static_cast<double>(queries.size()));
      if (share == 0.9) {
        EXPECT_GT(rows_by_graph, 0u) << "no walk";
      }
      if (share == 0.001) {
        EXPECT_EQ(rows_by_graph, 0u) << "a walk for few rows";
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Metrics, FilteredRecall, ::testing::Values(Metric::L2),
                         [](const auto& metric) { return std::string(name_of(metric.param)); });

INSTANTIATE_TEST_SUITE_P(Metrics, Recall, ::testing::Values(Metric::L2, Metric::Dot, Metric::Cosine),
                         [](const auto& metric) { return std::string(name_of(metric.param)); });

}  // namespace
}  // namespace omendb
