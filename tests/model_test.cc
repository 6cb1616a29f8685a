// A collection against a std::map: whatever is put, replaced, erased, linked, vacuumed, flushed or reopened, in any
// order, every answer is the map's.
#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <set>

#include "os/simulated_disk.h"
#include "tests/points.h"
#include "tests/steps.h"

namespace omendb {
namespace {

using testing::OwnedBatch;
using testing::PointMaker;
using testing::SteppedDatabase;

// Wide rows get a graph from 4,096 on, and narrow ones only from 65,536 (db/router.h).
constexpr std::uint32_t kDimensions = 1'024;

class Model {
 public:
  explicit Model(std::uint64_t seed, Metric metric)
      : random_(seed),
        maker_(kDimensions, seed),
        metric_(metric),
        database_(std::make_unique<SteppedDatabase>(*disk_)) {
    (**database_).create("c", {.dimensions = kDimensions, .metric = metric}).value();
    collection_ = database_->find("c");
    EXPECT_TRUE(collection_->create_field_index("id", FieldType::Integer).ok());
    indexed_ = 1;
  }

  void run(int operations) {
    for (int i = 0; i < operations && !::testing::Test::HasFatalFailure(); ++i) {
      switch (random_() % 16) {
        case 0: case 1: case 2: case 3: upsert(1 + random_() % 700); break;
        case 4: erase(random_() % 300); break;
        case 5: check_points(); break;
        case 6: case 7: check_search(); break;
        case 8: if (random_() % 8 == 0) reopen(); break;
        case 9: if (random_() % 8 == 0) {
          ASSERT_TRUE(collection_->checkpoint().ok());
        } break;
        case 10: if (random_() % 4 == 0) index_a_field(); break;
        default: database_->step(*collection_, random_); break;
      }
    }
    database_->settle(*collection_);
    check_points();
    for (int i = 0; i < 20; ++i) check_search();
    EXPECT_GT(collection_->stats().generation, 1u) << "no vacuum came";
    EXPECT_GT(rows_by_graph_, 0u) << "no graph was walked";
    EXPECT_GT(rows_by_list_, 0u) << "no field index listed what matches";
    reopen();
    check_points();
    check_search();
  }

 private:
  std::uint64_t some_id() { return random_() % 8'000; }

  void upsert(std::size_t count) {
    OwnedBatch batch;
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t id = some_id();
      batch.add(maker_, id, ++version_);
      points_[id] = version_;
      vectors_[id] = maker_.vector(id, version_);
    }
    ASSERT_TRUE(collection_->upsert(batch.view(), random_() % 2 ? Wait::Accepted : Wait::Durable).ok());
  }

  void erase(std::size_t count) {
    std::vector<PointId> ids;
    for (std::size_t i = 0; i < count; ++i) {
      ids.emplace_back(some_id());
      points_.erase(ids.back().number());
      vectors_.erase(ids.back().number());
    }
    ASSERT_TRUE(collection_->erase(ids, Wait::Accepted).ok());
  }

  void check_points() {
    ASSERT_EQ(collection_->count(), points_.size());
    for (int i = 0; i < 50; ++i) {
      const std::uint64_t id = some_id();
      const auto expected = points_.find(id);
      const std::optional<Point> found = collection_->get(id).value();
      ASSERT_EQ(found.has_value(), expected != points_.end()) << id;
      if (!found) continue;
      ASSERT_EQ(found->vector, vectors_[id]) << id;
      ASSERT_EQ(found->payload, PointMaker::payload(id, expected->second));
    }
    auto expected = points_.begin();
    ASSERT_TRUE(collection_->iterate([&](const Point& point) {
      EXPECT_EQ(point.id, PointId(expected->first));
      EXPECT_EQ(point.payload, PointMaker::payload(expected->first, expected->second));
      return ++expected != points_.end();
    }).ok());
    ASSERT_EQ(expected, points_.end());
  }

  void index_a_field() {
    const char* key = random_() % 2 ? "id" : "version";
    const auto indexed = collection_->field_indexes();
    const bool there = std::any_of(indexed.begin(), indexed.end(), [&](const auto& field) { return field.key == key; });
    ASSERT_TRUE((there && random_() % 8 == 0 ? collection_->drop_field_index(key)
                                             : collection_->create_field_index(key, FieldType::Integer)).ok());
    indexed_ = collection_->field_indexes().size();
  }

  // The ids from `begin` on, by the payload that says them too.
  static Filter ids_from(std::uint64_t begin) {
    return parse_filter(R"({"must": {"key": "id", "range": {"gte": )" + std::to_string(begin) + "}}}").value();
  }

  // Exact search is exact, and search finds k live points that match, none of them twice, nearly as near.
  void check_search() {
    const std::vector<float> query = maker_.vector(random_() % 20'000, 77);
    const auto k = static_cast<std::uint32_t>(1 + random_() % 20);
    const std::uint64_t first = random_() % 2 ? 0 : (random_() % 2 ? some_id() : some_id() / 8);
    const Filter filter = first == 0 ? Filter{} : ids_from(first);
    const auto matches = [&](std::uint64_t id) { return id >= first; };
    const double kth = testing::kth_distance(metric_, vectors_, query, k, matches);
    const auto matching =
        static_cast<std::uint64_t>(std::distance(points_.lower_bound(first), points_.end()));
    ASSERT_EQ(collection_->count(filter).value(), matching);
    const std::size_t expected = std::min<std::size_t>(k, matching);
    for (const bool exact : {true, false}) {
      const SearchResult found =
          collection_->search(query, {.k = k, .ef = 40, .filter = filter, .exact = exact, .with_payload = true}).value();
      ASSERT_EQ(found.neighbors.size(), expected);
      rows_by_graph_ += found.explanation.rows_by_graph;
      rows_by_list_ += found.explanation.rows_by_list;
      std::set<PointId> ids;
      std::size_t near = 0;
      for (const Neighbor& neighbor : found.neighbors) {
        ASSERT_TRUE(ids.insert(neighbor.id).second) << "found twice";
        const auto point = points_.find(neighbor.id.number());
        ASSERT_NE(point, points_.end()) << "erased, but found";
        ASSERT_TRUE(matches(point->first)) << "filtered out, but found";
        ASSERT_EQ(neighbor.payload, PointMaker::payload(point->first, point->second));
        const double distance = testing::exact_distance(metric_, query, vectors_[point->first]);
        near += distance <= kth + 1e-4 * (1 + std::abs(kth));
      }
      if (exact) {
        ASSERT_EQ(near, expected);
      }
      asked_ += expected;
      found_ += near;
    }
    ASSERT_GE(static_cast<double>(found_), 0.97 * static_cast<double>(asked_));
  }

  void reopen() {
    if (random_() % 2 == 0) {
      ASSERT_TRUE((**database_).close().ok());
    }
    std::unique_ptr<SimulatedDisk> found = disk_->after_kill();  // closed or not: as the next process finds it
    collection_.reset();
    database_.reset();
    disk_ = std::move(found);
    database_ = std::make_unique<SteppedDatabase>(*disk_);
    collection_ = database_->find("c");
    collection_->keep();  // reads the ids
    ASSERT_EQ(collection_->field_indexes().size(), indexed_);
  }

  std::mt19937_64 random_;
  PointMaker maker_;
  Metric metric_;
  std::unique_ptr<SimulatedDisk> disk_ = std::make_unique<SimulatedDisk>();
  std::unique_ptr<SteppedDatabase> database_;
  std::shared_ptr<CollectionImpl> collection_;
  std::map<std::uint64_t, std::uint64_t> points_;        // id -> version
  std::map<std::uint64_t, std::vector<float>> vectors_;  // id -> of that version
  std::uint64_t version_ = 0;
  std::size_t asked_ = 0;
  std::size_t found_ = 0;
  std::uint64_t rows_by_graph_ = 0;
  std::uint64_t rows_by_list_ = 0;
  std::size_t indexed_ = 0;  // fields
};

class AgainstAMap : public ::testing::TestWithParam<Metric> {};

TEST_P(AgainstAMap, EveryAnswerIsTheMaps) {
  const std::uint64_t seed = testing::test_seed();
  std::cout << "OMENDB_SEED=" << seed << "\n";
  Model(seed, GetParam()).run(450);
}

INSTANTIATE_TEST_SUITE_P(Metrics, AgainstAMap, ::testing::Values(Metric::L2, Metric::Dot, Metric::Cosine),
                         [](const auto& metric) { return std::string(name_of(metric.param)); });

}  // namespace
}  // namespace omendb
