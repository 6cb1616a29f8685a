// Points with several vectors, with sparse ones or with none, and changes of points that leave the rest of them as it is.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <thread>

#include "omendb/omendb.h"
#include "tests/database_fixture.h"
#include "tests/points.h"

namespace omendb {
namespace {

class Vectors : public testing::DatabaseTest {};

CollectionOptions image_and_words() {
  CollectionOptions options{.dimensions = 2};
  options.vectors = {{"image", 3, Metric::Cosine}};
  options.sparse_vectors = {{"words"}};
  return options;
}

std::vector<PointId> ids_of(const SearchResult& result) {
  std::vector<PointId> ids;
  for (const Neighbor& neighbor : result.neighbors) ids.push_back(neighbor.id);
  return ids;
}

using Ids = std::vector<PointId>;

// Point 1 has all three vectors, 2 only the unnamed one, 3 only words, 4 none.
void fill(Collection& points) {
  const PointId ids[] = {1, 2, 3, 4};
  const std::vector<float> unnamed = {1, 1, 2, 2};
  const std::uint8_t has_unnamed[] = {1, 1, 0, 0};
  const std::vector<float> image = {0, 3, 4};
  const std::uint8_t has_image[] = {1, 0, 0, 0};
  const std::uint32_t indices[] = {9, 5};
  const float values[] = {0.5f, 2};
  const std::uint32_t one_index[] = {5};
  const float one_value[] = {3};
  const SparseView words[] = {{indices, values}, {}, {one_index, one_value}, {}};
  const std::uint8_t has_words[] = {1, 0, 1, 0};
  const VectorColumn columns[] = {{"", unnamed, has_unnamed}, {"image", image, has_image}};
  const SparseColumn sparse[] = {{"words", words, has_words}};
  const std::string_view payloads[] = {R"({"n":1})", R"({"n":2})", R"({"n":3})", ""};
  ASSERT_TRUE(points.upsert({.ids = ids, .payloads = payloads, .columns = columns, .sparse_columns = sparse}).ok());
}

void expect_filled(const Collection& points) {
  const Point first = points.get(1).value().value();
  EXPECT_EQ(first.vector, (std::vector<float>{1, 1}));
  ASSERT_EQ(first.vectors.size(), 1u);
  EXPECT_EQ(first.vectors[0].name, "image");
  EXPECT_EQ(first.vectors[0].values, (std::vector<float>{0, 3, 4}));
  ASSERT_EQ(first.sparse_vectors.size(), 1u);
  EXPECT_EQ(first.sparse_vectors[0].vector.indices, (std::vector<std::uint32_t>{5, 9}));
  EXPECT_EQ(first.sparse_vectors[0].vector.values, (std::vector<float>{2, 0.5f}));
  const Point third = points.get(3).value().value();
  EXPECT_TRUE(third.vector.empty());
  EXPECT_TRUE(third.vectors.empty());
  EXPECT_EQ(third.sparse_vectors.size(), 1u);
  const Point fourth = points.get(4).value().value();
  EXPECT_TRUE(fourth.vector.empty() && fourth.vectors.empty() && fourth.sparse_vectors.empty());

  EXPECT_EQ(points.count(), 4u);
  EXPECT_EQ(ids_of(points.search(std::vector<float>{2, 2}).value()), (Ids{2, 1}));
  EXPECT_EQ(ids_of(points.search(std::vector<float>{0, 1, 1}, {.vector_name = "image"}).value()), (Ids{1}));
  const std::uint32_t index[] = {5};
  const float value[] = {1};
  const SearchResult words = points.search(SparseView(index, value), {.vector_name = "words"}).value();
  EXPECT_EQ(ids_of(words), (Ids{3, 1}));
  EXPECT_EQ(words.neighbors[1].score, 2);
  Filter with_image;
  with_image.must.push_back({HasVector{"image"}});
  EXPECT_EQ(points.count(with_image).value(), 1u);
}

TEST_F(Vectors, EachPointHasThoseItWasGiven) {
  Collection points = database_->create("c", image_and_words()).value();
  fill(points);
  expect_filled(points);
}

TEST_F(Vectors, AreThereAgainAfterOpeningAndAfterAVacuum) {
  {
    Collection points = database_->create("c", image_and_words()).value();
    fill(points);
    ASSERT_TRUE(points.vacuum().ok());
    expect_filled(points);
  }
  open();
  Collection points = database_->collection("c").value();
  EXPECT_EQ(points.options().dimensions, 2u);
  ASSERT_EQ(points.options().vectors.size(), 1u);
  EXPECT_EQ(points.options().vectors[0].metric, Metric::Cosine);
  ASSERT_EQ(points.options().sparse_vectors.size(), 1u);
  expect_filled(points);
}

std::vector<PointId> ids_from(std::size_t begin, std::size_t end) {
  std::vector<PointId> ids;
  for (std::size_t i = begin; i < end; ++i) ids.push_back(i);
  return ids;
}

TEST_F(Vectors, AVacuumNeedsNoDenseOne) {
  CollectionOptions options;
  options.sparse_vectors = {{"words"}};
  Collection points = database_->create("c", options).value();
  const std::uint32_t index[] = {5};
  const float value[] = {1};
  const std::vector<SparseView> vectors(200, SparseView(index, value));
  const SparseColumn columns[] = {{"words", vectors, {}}};
  ASSERT_TRUE(points.upsert({.ids = ids_from(0, 200), .sparse_columns = columns}).ok());
  ASSERT_TRUE(points.erase(ids_from(0, 100)).ok());
  const Result<void> vacuumed = points.vacuum();
  ASSERT_TRUE(vacuumed.ok()) << vacuumed.error().message;
  EXPECT_EQ(points.stats().rows, 100u);
  EXPECT_EQ(points.search(SparseView(index, value), {.k = 200, .vector_name = "words"}).value().neighbors.size(), 100u);
}

// Graphs under construction have their room in the budget, and a vacuum uses that of all of them.
TEST_F(Vectors, AVacuumOfSeveralFitsIntoAFullBudget) {
  open({.memory_budget = 1 << 20});
  CollectionOptions options;
  options.vectors = {{"a", 1}, {"b", 1}, {"c", 1}};
  Collection points = database_->create("c", options).value();
  const float zero[] = {0};
  const VectorColumn columns[] = {{"a", zero, {}}, {"b", zero, {}}, {"c", zero, {}}};
  std::size_t count = 0;
  Result<WriteReceipt> written = WriteReceipt{};
  while (written.ok()) {
    const PointId id = count++;
    written = points.upsert({.ids = {&id, 1}, .columns = columns}, Wait::Accepted);
  }
  ASSERT_EQ(written.error().code, ErrorCode::OutOfBudget);
  ASSERT_TRUE(points.erase(ids_from(0, count / 2)).ok());
  const Result<void> vacuumed = points.vacuum();
  ASSERT_TRUE(vacuumed.ok()) << vacuumed.error().message;
  EXPECT_EQ(points.stats().rows, points.count());
}

// Nobody writes, and nobody asks for the indexes to come: they do all the same.
TEST_F(Vectors, AreIndexedAgainBehindAVacuum) {
  constexpr std::size_t kPoints = 4'000;  // more than are compared one by one
  CollectionOptions options;
  options.sparse_vectors = {{"words"}};
  Collection points = database_->create("c", options).value();
  ASSERT_TRUE(points.create_field_index("n", FieldType::Integer).ok());
  const std::uint32_t index[] = {5};
  const float value[] = {1};
  const std::vector<SparseView> vectors(kPoints, SparseView(index, value));
  const SparseColumn columns[] = {{"words", vectors, {}}};
  ASSERT_TRUE(points.upsert({.ids = ids_from(0, kPoints), .sparse_columns = columns}).ok());
  ASSERT_TRUE(points.erase(ids_from(0, 500)).ok());
  ASSERT_TRUE(points.wait_field_indexes(std::chrono::seconds(30)).value());
  ASSERT_TRUE(points.vacuum().ok());
  const auto indexed = [&] { return points.field_indexes()[0].rows > 0 && points.stats().memory.sparse > 0; };
  for (int i = 0; i < 2'000 && !indexed(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_TRUE(indexed());
}

TEST_F(Vectors, AreFoundWhereMostPointsLackThem) {
  const std::uint64_t seed = testing::test_seed();
  SCOPED_TRACE("OMENDB_SEED=" + std::to_string(seed));
  CollectionOptions options;
  options.vectors = {{"a", 1'024}, {"b", 1'024}};
  Collection points = database_->create("c", options).value();
  const testing::PointMaker maker(1'024, seed);
  constexpr std::size_t kPoints = 6'000;  // more than are settled without a graph
  std::vector<PointId> ids;
  std::vector<float> a;
  std::vector<float> b;
  std::vector<std::uint8_t> has_b;
  for (std::size_t i = 0; i < kPoints; ++i) {
    ids.push_back(i);
    const std::vector<float> vector = maker.vector(i);
    a.insert(a.end(), vector.begin(), vector.end());
    has_b.push_back(i % 10 == 3);
    if (has_b.back() != 0) b.insert(b.end(), vector.begin(), vector.end());
  }
  const VectorColumn columns[] = {{"a", a, {}}, {"b", b, has_b}};
  ASSERT_TRUE(points.upsert({.ids = ids, .columns = columns}).ok());
  const auto check = [&] {
    for (std::size_t i = 3; i < kPoints; i += 397) {
      const std::vector<float> query = maker.vector(i / 10 * 10 + 3);
      EXPECT_EQ(points.search(query, {.k = 1, .vector_name = "a"}).value().neighbors[0].id, PointId(i / 10 * 10 + 3));
      const SearchResult found = points.search(query, {.k = 20, .vector_name = "b"}).value();
      ASSERT_EQ(found.neighbors.size(), 20u);
      EXPECT_EQ(found.neighbors[0].id, PointId(i / 10 * 10 + 3));
      for (const Neighbor& neighbor : found.neighbors) EXPECT_EQ(neighbor.id.number() % 10, 3u);
    }
  };
  check();
  ASSERT_TRUE(points.wait_indexed(std::chrono::minutes(2)).value());
  check();
}

TEST_F(Vectors, AreUpdatedAndDeletedOneByOne) {
  Collection points = database_->create("c", image_and_words()).value();
  fill(points);
  const PointId ids[] = {1, 3};
  const std::vector<float> image = {1, 0, 0, 0, 0, 2};
  const VectorColumn columns[] = {{"image", image, {}}};
  ASSERT_TRUE(points.update_vectors({.ids = ids, .columns = columns}).ok());
  EXPECT_EQ(ids_of(points.search(std::vector<float>{0, 0, 1}, {.vector_name = "image"}).value()), (Ids{3, 1}));
  const Point first = points.get(1).value().value();
  EXPECT_EQ(first.vector, (std::vector<float>{1, 1}));
  EXPECT_EQ(first.sparse_vectors.size(), 1u);
  EXPECT_EQ(first.payload, R"({"n":1})");

  const std::string_view names[] = {"", "words"};
  ASSERT_TRUE(points.delete_vectors({.ids = {ids, 1}}, names).ok());
  EXPECT_EQ(ids_of(points.search(std::vector<float>{2, 2}).value()), (Ids{2}));
  EXPECT_TRUE(points.get(1).value()->sparse_vectors.empty());
  EXPECT_EQ(points.get(1).value()->vectors[0].values, (std::vector<float>{1, 0, 0}));

  const PointId stranger[] = {2, 77};
  const Result<WriteReceipt> refused = points.update_vectors({.ids = stranger, .columns = columns});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::NotFound);
  EXPECT_TRUE(points.get(2).value()->vectors.empty());  // nothing was changed
}

TEST_F(Vectors, UpdatesOfOnePointInOneBatchAddUp) {
  Collection points = database_->create("c", image_and_words()).value();
  fill(points);
  const PointId ids[] = {1, 2, 1};
  const std::vector<float> unnamed = {7, 7, 8, 8};
  const std::uint8_t has_unnamed[] = {1, 1, 0};
  const std::vector<float> image = {0, 0, 2};
  const std::uint8_t has_image[] = {0, 0, 1};
  const VectorColumn columns[] = {{"", unnamed, has_unnamed}, {"image", image, has_image}};
  ASSERT_TRUE(points.update_vectors({.ids = ids, .columns = columns}).ok());
  const Point first = points.get(1).value().value();
  EXPECT_EQ(first.vector, (std::vector<float>{7, 7}));
  EXPECT_EQ(first.vectors[0].values, (std::vector<float>{0, 0, 2}));
  EXPECT_EQ(first.sparse_vectors.size(), 1u);
  EXPECT_EQ(points.get(2).value()->vector, (std::vector<float>{8, 8}));
  EXPECT_EQ(points.stats().rows, 6u);  // four, and one more for each point that changed
}

TEST_F(Vectors, RefusesWhatDoesNotFit) {
  Collection points = database_->create("c", image_and_words()).value();
  const PointId ids[] = {1};
  const std::vector<float> one = {1, 2, 3};
  const std::uint32_t twice[] = {4, 4};
  const float values[] = {1, 2};
  const SparseView words[] = {{twice, values}};
  const VectorColumn stranger[] = {{"sound", one, {}}};
  const VectorColumn narrow[] = {{"image", std::span(one).first(2), {}}};
  const VectorColumn again[] = {{"image", one, {}}, {"image", one, {}}};
  const SparseColumn not_unique[] = {{"words", words, {}}};
  const std::vector<float> unnamed = {1, 2};
  struct Case {
    const char* name;
    Batch batch;
  };
  const Case cases[] = {
      {"a name that no vector has", {.ids = ids, .vectors = unnamed, .columns = stranger}},
      {"too few values", {.ids = ids, .vectors = unnamed, .columns = narrow}},
      {"a name twice", {.ids = ids, .vectors = unnamed, .columns = again}},
      {"an index twice", {.ids = ids, .vectors = unnamed, .sparse_columns = not_unique}},
      {"no unnamed vectors, and no word of it", {.ids = ids}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const Result<WriteReceipt> refused = points.upsert(c.batch);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::InvalidArgument) << refused.error().message;
  }
  EXPECT_EQ(points.count(), 0u);
}

TEST_F(Vectors, ManhattanSearchAgreesWithEveryRowCompared) {
  const testing::PointMaker maker(24, 3);
  for (const Datatype datatype : {Datatype::Float32, Datatype::Float16}) {
    SCOPED_TRACE(name_of(datatype));
    Collection points =
        database_->create(name_of(datatype), {.dimensions = 24, .metric = Metric::L1, .datatype = datatype}).value();
    constexpr std::size_t kPoints = 6'000;  // more than other metrics compare one by one
    std::vector<PointId> ids;
    std::vector<float> vectors;
    for (std::size_t i = 0; i < kPoints; ++i) {
      ids.push_back(i);
      const std::vector<float> vector = maker.vector(i);
      vectors.insert(vectors.end(), vector.begin(), vector.end());
    }
    ASSERT_TRUE(points.upsert({.ids = ids, .vectors = vectors}).ok());
    EXPECT_TRUE(points.wait_indexed(std::chrono::seconds(10)).value());
    const std::vector<float> query = maker.vector(kPoints);
    std::vector<std::pair<float, PointId>> expected;
    for (std::size_t i = 0; i < kPoints; ++i) {
      const std::vector<float> kept = points.get(i).value()->vector;
      float distance = 0;
      for (std::size_t j = 0; j < 24; ++j) distance += std::fabs(query[j] - kept[j]);
      expected.emplace_back(distance, i);
    }
    std::sort(expected.begin(), expected.end());
    const SearchResult found = points.search(query, {.k = 20}).value();
    ASSERT_EQ(found.neighbors.size(), 20u);
    for (std::size_t i = 0; i < 20; ++i) EXPECT_NEAR(found.neighbors[i].score, expected[i].first, 1e-3);
    EXPECT_EQ(found.neighbors[0].id, expected[0].second);
  }
}

TEST_F(Vectors, ManhattanRowsCostNoGraph) {
  open({.memory_budget = 1 << 20});
  Collection points = database_->create("c", {.dimensions = 1, .metric = Metric::L1}).value();
  constexpr std::size_t kPoints = 10'000;  // at some 50 bytes each
  const std::vector<float> vectors(kPoints);
  EXPECT_TRUE(points.upsert({.ids = ids_from(0, kPoints), .vectors = vectors}).ok());
}

TEST_F(Vectors, SparseSearchAgreesWithEveryRowCompared) {
  const std::uint64_t seed = testing::test_seed();
  SCOPED_TRACE("OMENDB_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  CollectionOptions options;
  options.sparse_vectors = {{"words", SparseModifier::Idf}};
  Collection points = database_->create("c", options).value();
  constexpr std::size_t kPoints = 3'000;
  std::vector<PointId> ids;
  std::vector<SparseVector> vectors(kPoints);
  for (std::size_t i = 0; i < kPoints; ++i) {
    ids.push_back(i);
    for (std::uint32_t index = 0; index < 60; ++index) {
      if (random() % 12 != 0) continue;
      vectors[i].indices.push_back(index * 1'000);
      vectors[i].values.push_back(static_cast<float>(random() % 100) / 16);
    }
  }
  const std::vector<SparseView> views(vectors.begin(), vectors.end());
  const SparseColumn columns[] = {{"words", views, {}}};
  ASSERT_TRUE(points.upsert({.ids = ids, .sparse_columns = columns}).ok());
  const Ids erased = {5, 6, 7, 2'999};
  ASSERT_TRUE(points.erase(erased).ok());
  const auto gone = [&](std::size_t i) { return std::find(erased.begin(), erased.end(), PointId(i)) != erased.end(); };

  const SparseVector query{{0, 7'000, 59'000}, {1, 0.5f, 2}};
  std::vector<double> weights;
  for (const std::uint32_t index : query.indices) {
    double having = 0;
    for (std::size_t i = 0; i < kPoints; ++i) {
      const auto& indices = vectors[i].indices;
      if (!gone(i) && std::find(indices.begin(), indices.end(), index) != indices.end()) ++having;
    }
    weights.push_back(std::log((kPoints - 4 - having + 0.5) / (having + 0.5) + 1));
  }
  std::vector<std::pair<double, std::size_t>> expected;
  for (std::size_t i = 0; i < kPoints; ++i) {
    double score = 0;
    bool shares = false;
    for (std::size_t q = 0; q < query.indices.size(); ++q) {
      for (std::size_t j = 0; j < vectors[i].indices.size(); ++j) {
        if (vectors[i].indices[j] != query.indices[q]) continue;
        shares = true;
        score += weights[q] * query.values[q] * vectors[i].values[j];
      }
    }
    if (shares && !gone(i)) expected.emplace_back(-score, i);
  }
  std::sort(expected.begin(), expected.end());
  const SearchResult found = points.search(query, {.k = 50, .vector_name = "words"}).value();
  ASSERT_EQ(found.neighbors.size(), 50u);
  for (std::size_t i = 0; i < 50; ++i) EXPECT_NEAR(found.neighbors[i].score, -expected[i].first, 1e-4);
}

}  // namespace
}  // namespace omendb
