// The public API as a user meets it: what goes in comes out, and what cannot go in is refused in words.
#include <gtest/gtest.h>

#include <future>
#include <limits>
#include <string>
#include <thread>

#include "omendb/omendb.h"
#include "tests/database_fixture.h"
#include "tests/points.h"

namespace omendb {
namespace {

class Api : public testing::DirectoryTest {
 protected:
  Database open(DatabaseOptions options = {}) { return Database::open(directory_ + "/db", options).value(); }
};

Batch one(const PointId& id, const std::vector<float>& vector) { return {{&id, 1}, vector, {}}; }

TEST_F(Api, GivesBackWhatWasPut) {
  Database database = open();
  Collection points = database.create("words", {.dimensions = 3}).value();
  const PointId ids[] = {7, PointId::parse("5c56c793-69f3-4fbf-87e6-c4bf54c28c26").value()};
  const std::vector<float> vectors = {1, 2, 3, -4, 5.5f, 1e-20f};
  const std::string_view payloads[] = {R"({"word": "coffee", "n": [1, 2.50]})", ""};
  ASSERT_TRUE(points.upsert({ids, vectors, payloads}).ok());

  const Point first = points.get(ids[0]).value().value();
  EXPECT_EQ(first.vector, (std::vector<float>{1, 2, 3}));
  EXPECT_EQ(first.payload, payloads[0]);
  const Point second = points.get(ids[1]).value().value();
  EXPECT_EQ(second.vector, (std::vector<float>{-4, 5.5f, 1e-20f}));
  EXPECT_EQ(second.payload, "");
  EXPECT_EQ(points.count(), 2u);
  EXPECT_FALSE(points.get(8).value().has_value());
}

TEST_F(Api, TheLastOfTwoEqualIdsInABatchWins) {
  Database database = open();
  Collection points = database.create("c", {.dimensions = 1}).value();
  const PointId ids[] = {1, 2, 1};
  const std::vector<float> vectors = {10, 20, 30};
  ASSERT_TRUE(points.upsert({ids, vectors, {}}).ok());
  EXPECT_EQ(points.count(), 2u);
  EXPECT_EQ(points.get(1).value()->vector[0], 30);
  const SearchResult near_ten = points.search(std::vector<float>{10}, {.k = 3}).value();
  ASSERT_EQ(near_ten.neighbors.size(), 2u);
  EXPECT_EQ(near_ten.neighbors[0].id, PointId(2));
}

TEST_F(Api, ReplacesAndErases) {
  Database database = open();
  Collection points = database.create("c", {.dimensions = 1}).value();
  for (float value : {1.0f, 2.0f}) ASSERT_TRUE(points.upsert(one(5, {value})).ok());
  EXPECT_EQ(points.count(), 1u);
  EXPECT_EQ(points.search(std::vector<float>{1}).value().neighbors.size(), 1u);
  EXPECT_EQ(points.search(std::vector<float>{1}).value().neighbors[0].score, 1);
  const PointId ids[] = {5, 6};
  ASSERT_TRUE(points.erase(ids).ok());
  EXPECT_EQ(points.count(), 0u);
  EXPECT_FALSE(points.contains(5).value());
  EXPECT_TRUE(points.search(std::vector<float>{1}).value().neighbors.empty());
}

TEST_F(Api, RefusesWhatCannotBeComparedAndSaysWhy) {
  Database database = open();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  struct Case {
    const char* name;
    CollectionOptions options;
    std::vector<float> vector;
    const char* says;
  };
  const Case cases[] = {
      {"nan", {.dimensions = 2}, {1, nan}, "NaN"},
      {"infinity", {.dimensions = 2}, {infinity, 1}, "infinity"},
      {"huge", {.dimensions = 2}, {1e30f, 1}, "too long"},
      {"narrow", {.dimensions = 2}, {1}, "2 values"},
      {"wide", {.dimensions = 2}, {1, 2, 3}, "2 values"},
      {"zero", {.dimensions = 2, .metric = Metric::Cosine}, {0, 0}, "zero vector"},
      {"fraction", {.dimensions = 2, .datatype = Datatype::Uint8}, {1, 2.5f}, "whole numbers"},
      {"byte", {.dimensions = 2, .datatype = Datatype::Uint8}, {1, 256}, "whole numbers"},
      {"half", {.dimensions = 2, .datatype = Datatype::Float16}, {1, 70'000}, "65504"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Collection points = database.create(c.name, c.options).value();
    const auto refused = points.upsert(one(1, c.vector));
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::InvalidArgument);
    EXPECT_NE(refused.error().message.find(c.says), std::string::npos) << refused.error().message;
    EXPECT_EQ(points.count(), 0u);
    // The thread sanitizer leaves address space for few collections at once.
    ASSERT_TRUE(database.drop(c.name).ok());
  }
}

TEST_F(Api, RefusesPayloadsThatAreNotJsonObjects) {
  Database database = open();
  Collection points = database.create("c", {.dimensions = 1}).value();
  for (const std::string_view text : {"{", "[1]", "nonsense", "{\"a\":}", "1"}) {
    const PointId id = 1;
    const float value = 1;
    const auto refused = points.upsert({{&id, 1}, {&value, 1}, {&text, 1}});
    ASSERT_FALSE(refused.ok()) << text;
    EXPECT_EQ(refused.error().code, ErrorCode::InvalidArgument);
  }
  EXPECT_EQ(points.count(), 0u);
}

TEST_F(Api, RefusesQueriesAndOptionsOutsideTheirBounds) {
  Database database = open();
  Collection points = database.create("c", {.dimensions = 2}).value();
  EXPECT_EQ(points.search(std::vector<float>{1}).error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(points.search(std::vector<float>{1, 2}, {.k = 0}).error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(points.search(std::vector<float>{1, 2}, {.k = 10'001}).error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(points.search_batch(std::vector<float>{1, 2, 3}).error().code, ErrorCode::InvalidArgument);
  CollectionOptions narrow{.dimensions = 1};
  narrow.vectors = {{"image", 0}};
  EXPECT_EQ(database.create("bad", narrow).error().code, ErrorCode::InvalidArgument);
  narrow.vectors = {{"image", 3}, {"image", 3}};
  EXPECT_EQ(database.create("bad", narrow).error().code, ErrorCode::InvalidArgument);
  Collection without = database.create("payloads only", {}).value();
  EXPECT_EQ(without.search(std::vector<float>{}).error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(database.create("bad", {.dimensions = 65'537}).error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(database.create("../up", {.dimensions = 1}).error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(database.create("c", {.dimensions = 1}).error().code, ErrorCode::AlreadyExists);
  EXPECT_EQ(database.collection("none").error().code, ErrorCode::NotFound);
}

TEST_F(Api, ScoresAreWhatTheMetricSays) {
  Database database = open();
  struct Case {
    const char* name;
    Metric metric;
    float score;
  };
  const Case cases[] = {{"l2", Metric::L2, 5}, {"dot", Metric::Dot, 0}, {"cosine", Metric::Cosine, 0}, {"l1", Metric::L1, 7}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Collection points = database.create(c.name, {.dimensions = 2, .metric = c.metric}).value();
    ASSERT_TRUE(points.upsert(one(1, {3, 0})).ok());
    EXPECT_FLOAT_EQ(points.search(std::vector<float>{0, 4}).value().neighbors[0].score, c.score);
  }
  Collection cosine = database.collection("cosine").value();
  EXPECT_FLOAT_EQ(cosine.search(std::vector<float>{9, 0}).value().neighbors[0].score, 1);
  EXPECT_FLOAT_EQ(cosine.search(std::vector<float>{-1, 0}).value().neighbors[0].score, -1);
}

TEST_F(Api, AScoreThresholdKeepsTheNearOnes) {
  Database database = open();
  Collection l2 = database.create("l2", {.dimensions = 1}).value();
  Collection dot = database.create("dot", {.dimensions = 1, .metric = Metric::Dot}).value();
  for (std::uint64_t i = 1; i <= 5; ++i) {
    ASSERT_TRUE(l2.upsert(one(i, {static_cast<float>(i)})).ok());
    ASSERT_TRUE(dot.upsert(one(i, {static_cast<float>(i)})).ok());
  }
  EXPECT_EQ(l2.search(std::vector<float>{1}, {.score_threshold = 2.0f}).value().neighbors.size(), 3u);
  EXPECT_EQ(dot.search(std::vector<float>{1}, {.score_threshold = 4.0f}).value().neighbors.size(), 2u);
}

TEST_F(Api, KeepsEveryDatatypeAcrossReopening) {
  for (const Datatype datatype : {Datatype::Float32, Datatype::Float16, Datatype::Uint8}) {
    const std::string name(name_of(datatype));
    {
      Database database = open();
      Collection points = database.create(name, {.dimensions = 4, .datatype = datatype}).value();
      ASSERT_TRUE(points.upsert(one(1, {0, 7, 128, 255})).ok());
    }
    Database database = open();
    Collection points = database.collection(name).value();
    EXPECT_EQ(points.options().datatype, datatype);
    EXPECT_EQ(points.get(1).value()->vector, (std::vector<float>{0, 7, 128, 255}));
    EXPECT_EQ(points.search(std::vector<float>{0, 7, 128, 255}).value().neighbors[0].score, 0);
  }
}

TEST_F(Api, AnswersRightAtUnusualDimensions) {
  Database database = open();
  for (const std::uint32_t dimensions : {1u, 3u, 1'025u, 65'536u}) {
    SCOPED_TRACE(dimensions);
    Collection points = database.create("d" + std::to_string(dimensions), {.dimensions = dimensions}).value();
    std::vector<float> far(dimensions, 1.0f), near(dimensions, 0.5f);
    near.back() = 0.75f;
    ASSERT_TRUE(points.upsert(one(1, far)).ok());
    ASSERT_TRUE(points.upsert(one(2, near)).ok());
    const SearchResult found = points.search(std::vector<float>(dimensions, 0.5f)).value();
    ASSERT_EQ(found.neighbors.size(), 2u);
    EXPECT_EQ(found.neighbors[0].id, PointId(2));
    EXPECT_FLOAT_EQ(found.neighbors[0].score, 0.25f);
    EXPECT_FLOAT_EQ(found.neighbors[1].score, 0.5f * std::sqrt(static_cast<float>(dimensions)));
  }
}

TEST_F(Api, IteratesInIdOrder) {
  Database database = open();
  Collection points = database.create("c", {.dimensions = 1}).value();
  const PointId uuid = PointId::parse("00000000-0000-0000-0000-000000000001").value();
  for (const PointId id : {PointId(9), uuid, PointId(3), PointId(18'446'744'073'709'551'615u)}) {
    ASSERT_TRUE(points.upsert(one(id, {1})).ok());
  }
  std::vector<PointId> seen;
  ASSERT_TRUE(points.iterate([&](const Point& point) {
    seen.push_back(point.id);
    return true;
  }).ok());
  EXPECT_EQ(seen, (std::vector<PointId>{3, 9, 18'446'744'073'709'551'615u, uuid}));
}

TEST_F(Api, SearchesCountsAndIteratesWhatMatches) {
  Database database = open();
  Collection points = database.create("c", {.dimensions = 1}).value();
  const std::vector<PointId> ids = {1, 2, 3, 4};
  const std::vector<float> vectors = {1, 2, 3, 4};
  const std::vector<std::string_view> payloads = {R"({"city": "Rome"})", R"({"city": "Bern"})", "", R"({"city": "Bern"})"};
  ASSERT_TRUE(points.upsert({ids, vectors, payloads}).ok());
  const Filter bern = parse_filter(R"({"must": {"key": "city", "match": {"value": "Bern"}}})").value();

  const SearchResult found = points.search(std::vector<float>{1}, {.filter = bern}).value();
  ASSERT_EQ(found.neighbors.size(), 2u);
  EXPECT_EQ(found.neighbors[0].id, PointId(2));
  EXPECT_EQ(found.neighbors[1].id, PointId(4));
  EXPECT_EQ(points.count(bern).value(), 2u);
  std::vector<PointId> seen;
  ASSERT_TRUE(points.iterate([&](const Point& point) {
    seen.push_back(point.id);
    return true;
  }, bern).ok());
  EXPECT_EQ(seen, (std::vector<PointId>{2, 4}));

  Filter nonsense;
  nonsense.must = {Condition{FieldCondition{"a..b", {IsNull{}}}}};
  EXPECT_EQ(points.search(std::vector<float>{1}, {.filter = nonsense}).error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(points.count(nonsense).error().code, ErrorCode::InvalidArgument);
}

TEST_F(Api, AFieldIndexIsBuiltKeptUpAndFoundAgain) {
  const testing::PointMaker maker(8, 1);
  const auto below = [](std::uint64_t end) {
    return parse_filter(R"({"must": {"key": "id", "range": {"lt": )" + std::to_string(end) + "}}}").value();
  };
  const auto put = [&](Collection& points, std::uint64_t begin, std::uint64_t end) {
    testing::OwnedBatch batch = testing::batch_of(maker, begin, end);
    ASSERT_TRUE(points.upsert(batch.view(), Wait::Accepted).ok());
  };
  const auto payloads_read = [&](const Collection& points) {
    const SearchResult found = points.search(maker.vector(5), {.filter = below(100)}).value();
    EXPECT_EQ(found.neighbors.size(), 10u);
    EXPECT_EQ(points.count(below(100)).value(), 100u);
    return found.explanation.payloads_read;
  };
  {
    Database database = open();
    Collection points = database.create("c", {.dimensions = 8}).value();
    put(points, 0, 3'000);
    EXPECT_GT(payloads_read(points), 0u) << "without an index payloads are read";
    ASSERT_TRUE(points.create_field_index("id", FieldType::Integer).ok());
    ASSERT_TRUE(points.wait_field_indexes(std::chrono::minutes(1)).value());
    EXPECT_EQ(payloads_read(points), 0u);
    put(points, 3'000, 9'000);
    ASSERT_TRUE(points.wait_field_indexes(std::chrono::minutes(1)).value());
    EXPECT_LE(payloads_read(points), 1'024u) << "of the newest rows at most";
    EXPECT_EQ(points.drop_field_index("name").error().code, ErrorCode::NotFound);
    EXPECT_EQ(points.create_field_index("a..b", FieldType::Keyword).error().code, ErrorCode::InvalidArgument);
    ASSERT_TRUE(database.close().ok());
  }
  Database database = open();
  Collection points = database.collection("c").value();
  ASSERT_EQ(points.field_indexes().size(), 1u);
  EXPECT_EQ(points.field_indexes()[0].key, "id");
  EXPECT_GE(points.field_indexes()[0].rows, 7'976u) << "kept on disk";
  EXPECT_LE(payloads_read(points), 1'024u);
  ASSERT_TRUE(points.drop_field_index("id").ok());
  EXPECT_TRUE(points.field_indexes().empty());
  EXPECT_GT(payloads_read(points), 0u);
}

TEST_F(Api, DropsACollectionAndItsFiles) {
  Database database = open();
  Collection points = database.create("gone", {.dimensions = 1}).value();
  ASSERT_TRUE(points.upsert(one(1, {1})).ok());
  ASSERT_TRUE(database.drop("gone").ok());
  EXPECT_TRUE(database.names().empty());
  EXPECT_EQ(database.drop("gone").error().code, ErrorCode::NotFound);
  ASSERT_TRUE(database.create("gone", {.dimensions = 2}).ok());
  EXPECT_EQ(database.collection("gone").value().count(), 0u);
}

TEST_F(Api, ASecondOwnerIsToldWhoHoldsTheDatabase) {
  Database database = open();
  const auto second = Database::open(directory_ + "/db");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::Locked);
  EXPECT_NE(second.error().message.find(std::to_string(::getpid())), std::string::npos) << second.error().message;
}

TEST_F(Api, RefusesRowsOverTheMemoryBudgetAndSaysHowManyFit) {
  Database database = open({.memory_budget = 4 << 20});
  Collection points = database.create("c", {.dimensions = 128}).value();
  const testing::PointMaker maker(128, 1);
  std::uint64_t taken = 0;
  Result<WriteReceipt> last = WriteReceipt{};
  for (; taken < 100'000; taken += 1'000) {
    testing::OwnedBatch batch = testing::batch_of(maker, taken, taken + 1'000);
    last = points.upsert(batch.view(), Wait::Accepted);
    if (!last.ok()) break;
  }
  ASSERT_FALSE(last.ok());
  EXPECT_EQ(last.error().code, ErrorCode::OutOfBudget);
  EXPECT_NE(last.error().message.find("fit"), std::string::npos);
  EXPECT_EQ(points.count(), taken);
  EXPECT_EQ(points.search(maker.vector(5)).value().neighbors[0].id, PointId(5));
}

TEST_F(Api, AClosedDatabaseTakesNoWritesButItsReadersGoOn) {
  Database database = open();
  Collection points = database.create("c", {.dimensions = 1}).value();
  ASSERT_TRUE(points.upsert(one(1, {1})).ok());
  ASSERT_TRUE(database.close().ok());
  EXPECT_EQ(points.upsert(one(2, {2})).error().code, ErrorCode::ReadOnly);
  EXPECT_EQ(points.search(std::vector<float>{1}).value().neighbors.size(), 1u);
}

TEST_F(Api, WithoutAnIndexerTheTailIsScannedAndWaitingIsRefused) {
  Database database = open({.index_in_background = false});
  Collection points = database.create("c", {.dimensions = 768}).value();
  const testing::PointMaker maker(768, 1);
  testing::OwnedBatch batch = testing::batch_of(maker, 0, 6'000);
  ASSERT_TRUE(points.upsert(batch.view(), Wait::Accepted).ok());
  EXPECT_EQ(points.progress().tail, 6'000u);
  EXPECT_EQ(points.progress().state, IndexState::Stopped);
  EXPECT_EQ(points.wait_indexed(std::chrono::seconds(1)).error().code, ErrorCode::Unsupported);
  const SearchResult found = points.search(maker.vector(77)).value();
  EXPECT_EQ(found.neighbors[0].id, PointId(77));
  EXPECT_EQ(found.explanation.rows_by_scan, 6'000u);
  EXPECT_TRUE(points.search(maker.vector(77), {.freshness = Freshness::Indexed}).value().neighbors.empty());
}

// One that is asked for while another copies comes after it, although nobody writes any more.
TEST_F(Api, VacuumsThatAreAskedForAtOnceAllEnd) {
  Database database = open();
  Collection points = database.create("c", {.dimensions = 1}).value();
  testing::OwnedBatch batch = testing::batch_of(testing::PointMaker(1, 1), 0, 1'000);
  ASSERT_TRUE(points.upsert(batch.view()).ok());
  for (int round = 0; round < 10; ++round) {
    std::vector<std::future<bool>> askers;
    for (int asker = 0; asker < 3; ++asker) {
      askers.push_back(std::async(std::launch::async, [&points] { return points.vacuum().ok(); }));
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    for (auto& asker : askers) EXPECT_EQ(asker.wait_for(std::chrono::seconds(30)), std::future_status::ready);
    if (HasFailure()) (void)database.close();  // whoever waits is told
    for (auto& asker : askers) ASSERT_TRUE(asker.get());
  }
}

TEST_F(Api, ALongTailIsScannedByAllCoresWithTheSameAnswer) {
  constexpr std::uint64_t kRows = 300'000;  // long enough for several threads unless one is asked for
  Database database = open({.index_in_background = false});
  Collection points = database.create("c", {.dimensions = 8}).value();
  const testing::PointMaker maker(8, 1);
  for (std::uint64_t id = 0; id < kRows; id += 10'000) {
    ASSERT_TRUE(points.upsert(testing::batch_of(maker, id, id + 10'000).view(), Wait::Accepted).ok());
  }
  for (const std::uint64_t id : {0u, 123'456u, 299'999u}) {
    const auto together = points.search(maker.vector(id), {.k = 20}).value().neighbors;
    const auto alone = points.search(maker.vector(id), {.k = 20, .threads = 1}).value().neighbors;
    ASSERT_EQ(together.size(), alone.size());
    for (std::size_t i = 0; i < alone.size(); ++i) {
      EXPECT_EQ(together[i].id, alone[i].id);
      EXPECT_EQ(together[i].score, alone[i].score);
    }
    EXPECT_EQ(together[0].id, PointId(id));
  }
}

}  // namespace
}  // namespace omendb
