// Payloads that change, points chosen by filters, pages and counts, other names of collections.
#include <gtest/gtest.h>

#include <fstream>
#include <future>
#include <string>
#include <thread>

#include "omendb/omendb.h"
#include "tests/database_fixture.h"
#include "tests/points.h"

namespace omendb {
namespace {

class Changes : public testing::DatabaseTest {
 protected:
  // Points 0 to count - 1 with {"n": id, "even": ...}.
  Collection numbers(std::size_t count) {
    Collection points = database_->create("c", {.dimensions = 1}).value();
    std::vector<PointId> ids;
    std::vector<float> vectors;
    std::vector<std::string> payloads;
    for (std::size_t i = 0; i < count; ++i) {
      ids.push_back(i);
      vectors.push_back(static_cast<float>(i));
      payloads.push_back("{\"n\":" + std::to_string(i) + ",\"even\":" + (i % 2 == 0 ? "true" : "false") + "}");
    }
    const std::vector<std::string_view> texts(payloads.begin(), payloads.end());
    EXPECT_TRUE(points.upsert({.ids = ids, .vectors = vectors, .payloads = texts}).ok());
    return points;
  }
};

Filter filter(std::string_view json) { return parse_filter(json).value(); }

std::string payload_of(const Collection& points, PointId id) { return points.get(id).value()->payload; }

TEST_F(Changes, OfPayloadsMergeReplaceAndRemoveKeys) {
  Collection points = numbers(4);
  const PointId ids[] = {1, 2, 77};
  ASSERT_TRUE(points.change_payload({.ids = ids}, SetPayload{R"({"n":10,"new":{"a":1.50}})"}).ok());
  EXPECT_EQ(payload_of(points, 1), R"({"n":10,"even":false,"new":{"a":1.50}})");
  EXPECT_EQ(payload_of(points, 3), R"({"n":3,"even":false})");
  ASSERT_TRUE(points.change_payload({.ids = ids}, SetPayload{R"({"b":null,"c":2})", "new"}).ok());
  EXPECT_EQ(payload_of(points, 2), R"({"n":10,"even":true,"new":{"a":1.50,"c":2}})");
  const std::string_view keys[] = {"even", "new.a"};
  ASSERT_TRUE(points.change_payload({.ids = ids}, DeletePayloadKeys{keys}).ok());
  EXPECT_EQ(payload_of(points, 1), R"({"n":10,"new":{"c":2}})");
  ASSERT_TRUE(points.change_payload({.ids = {ids, 1}}, OverwritePayload{R"({"only":1})"}).ok());
  EXPECT_EQ(payload_of(points, 1), R"({"only":1})");
  ASSERT_TRUE(points.change_payload({.ids = {ids, 1}}, ClearPayload{}).ok());
  EXPECT_EQ(payload_of(points, 1), "");
  EXPECT_EQ(points.get(1).value()->vector[0], 1);
  EXPECT_EQ(points.stats().rows, 4u);  // no row was written again

  for (const char* wrong : {"", "[1]", "{", "nothing"}) {
    SCOPED_TRACE(wrong);
    EXPECT_FALSE(points.change_payload({.ids = ids}, SetPayload{wrong}).ok());
  }
}

TEST_F(Changes, OfPayloadsAreThereAfterOpeningAndAfterAVacuum) {
  const PointId ids[] = {2};
  {
    Collection points = numbers(4);
    ASSERT_TRUE(points.change_payload({.ids = ids}, SetPayload{R"({"n":20})"}).ok());
  }
  open();
  Collection points = database_->collection("c").value();
  EXPECT_EQ(payload_of(points, 2), R"({"n":20,"even":true})");
  ASSERT_TRUE(points.vacuum().ok());
  EXPECT_EQ(payload_of(points, 2), R"({"n":20,"even":true})");
  ASSERT_TRUE(points.change_payload({.ids = ids}, SetPayload{R"({"n":21})"}).ok());
  ASSERT_TRUE(points.checkpoint().ok());
  EXPECT_TRUE(points.verify().value().damage.empty());
  open();
  EXPECT_EQ(payload_of(database_->collection("c").value(), 2), R"({"n":21,"even":true})");
}

// Many changes, so that the index reads its part again, and few, which are asked one by one.
TEST_F(Changes, OfPayloadsAreSeenByFiltersWithAnIndex) {
  Collection points = numbers(5'000);
  ASSERT_TRUE(points.create_field_index("n", FieldType::Integer).ok());
  ASSERT_TRUE(points.wait_field_indexes(std::chrono::seconds(30)).value());
  const auto count = [&](std::string_view json) { return points.count(filter(json)).value(); };
  const Filter small = filter(R"({"must":[{"key":"n","range":{"lt":3000}}]})");
  for (const std::uint32_t limit : {10u, 3'000u}) {
    SCOPED_TRACE(limit);
    const std::string below = R"({"must":[{"key":"n","range":{"lt":)" + std::to_string(limit) + "}}]}";
    const Filter some = filter(below);
    ASSERT_TRUE(points.change_payload({.filter = &some}, SetPayload{R"({"n":-7})"}, Wait::Accepted).ok());
    EXPECT_EQ(count(R"({"must":[{"key":"n","match":{"value":-7}}]})"), limit);
    EXPECT_EQ(count(R"({"must":[{"key":"n","range":{"gte":0}}]})"), 5'000u - limit);
    const SearchResult found = points.search(std::vector<float>{0}, {.k = 5, .filter = small}).value();
    EXPECT_EQ(found.neighbors.size(), 5u);
    EXPECT_EQ(found.neighbors[0].id, PointId(0));
    ASSERT_TRUE(points.wait_field_indexes(std::chrono::seconds(30)).value());
    EXPECT_EQ(count(R"({"must":[{"key":"n","match":{"value":-7}}]})"), limit);
  }
  ASSERT_TRUE(points.checkpoint().ok());
  open();
  EXPECT_EQ(database_->collection("c").value().count(filter(R"({"must":[{"key":"n","match":{"value":-7}}]})")).value(),
            3'000u);
}

// Damage stops the field indexes only as long as it is there.
TEST_F(Changes, AnUnreadablePayloadThatAVacuumLeftBehindStopsNoIndex) {
  const PointId first[] = {0};
  const std::string long_payload = R"({"text":")" + std::string(200'000, 'x') + R"("})";
  {
    Collection points = database_->create("c", {.dimensions = 1}).value();
    std::vector<PointId> ids;
    for (std::size_t i = 0; i < 1'500; ++i) ids.push_back(i);  // more than are asked one by one
    const std::vector<float> vectors(ids.size());
    std::vector<std::string_view> payloads(ids.size(), R"({"n":1})");
    payloads[0] = long_payload;
    ASSERT_TRUE(points.upsert({.ids = ids, .vectors = vectors, .payloads = payloads}).ok());
    ASSERT_TRUE(database_->close().ok());
  }
  std::fstream file(directory_ + "/db/c1/g1/payloads", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(100'000).put('y');
  file.close();
  open();
  Collection points = database_->collection("c").value();
  ASSERT_TRUE(points.create_field_index("n", FieldType::Integer).ok());
  EXPECT_EQ(points.wait_field_indexes(std::chrono::seconds(30)).error().code, ErrorCode::Corruption);
  ASSERT_TRUE(points.erase(first).ok());
  ASSERT_TRUE(points.vacuum().ok());
  EXPECT_TRUE(points.wait_field_indexes(std::chrono::seconds(30)).value());
  EXPECT_EQ(points.count(filter(R"({"must":[{"key":"n","match":{"value":1}}]})")).value(), 1'499u);
}

TEST_F(Changes, ErasesByFilter) {
  Collection points = numbers(100);
  ASSERT_TRUE(points.erase(filter(R"({"must":[{"key":"even","match":{"value":true}}]})")).ok());
  EXPECT_EQ(points.count(), 50u);
  EXPECT_FALSE(points.contains(4).value());
  EXPECT_TRUE(points.contains(5).value());
}

TEST_F(Changes, UpsertsOnlyWhatTheModeAndTheFilterAllow) {
  Collection points = numbers(3);
  const PointId ids[] = {1, 2, 9};
  const std::vector<float> vectors = {-1, -2, -9};
  const Batch batch{.ids = ids, .vectors = vectors};
  const auto value = [&](PointId id) {
    const auto point = points.get(id).value();
    return point ? std::optional(point->vector[0]) : std::nullopt;
  };
  ASSERT_TRUE(points.upsert(batch, UpsertMode::InsertOnly, {}).ok());
  EXPECT_EQ(value(1), 1);
  EXPECT_EQ(value(9), -9);
  const PointId both[] = {2, 50};
  ASSERT_TRUE(points.upsert({.ids = both, .vectors = std::span(vectors).first(2)}, UpsertMode::UpdateOnly, {}).ok());
  EXPECT_EQ(value(2), -1);
  EXPECT_EQ(value(50), std::nullopt);
  ASSERT_TRUE(points.upsert(batch, UpsertMode::Upsert, filter(R"({"must":[{"key":"n","match":{"value":1}}]})")).ok());
  EXPECT_EQ(value(1), -1);
  EXPECT_EQ(value(2), -1);  // it did not match: as it was
}

TEST_F(Changes, ScrollsInPagesByIdAndByValue) {
  Collection points = numbers(25);
  ScrollOptions options{.filter = filter(R"({"must":[{"key":"even","match":{"value":true}}]})"), .limit = 5};
  std::vector<PointId> seen;
  for (int page = 0; page < 10; ++page) {
    const ScrollPage found = points.scroll(options).value();
    for (const Point& point : found.points) seen.push_back(point.id);
    if (!found.next) break;
    options.from = found.next;
  }
  ASSERT_EQ(seen.size(), 13u);
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], PointId(2 * i));

  const PointId tens[] = {3};
  ASSERT_TRUE(points.change_payload({.ids = tens}, SetPayload{R"({"n":[7.5, 100]})"}).ok());
  const ScrollPage ordered =
      points.scroll({.limit = 3, .order_by = OrderBy{.key = "n", .descending = true}}).value();
  ASSERT_EQ(ordered.points.size(), 3u);
  EXPECT_EQ(ordered.points[0].id, PointId(3));
  EXPECT_EQ(ordered.order_values[0], OrderValue(std::int64_t{100}));
  EXPECT_EQ(ordered.points[1].id, PointId(24));
  const ScrollPage from =
      points.scroll({.limit = 2, .order_by = OrderBy{.key = "n", .start_from = OrderValue(7.25)}}).value();
  ASSERT_EQ(from.points.size(), 2u);
  EXPECT_EQ(from.points[0].id, PointId(3));
  EXPECT_EQ(from.order_values[0], OrderValue(7.5));
  EXPECT_EQ(from.points[1].id, PointId(8));
}

TEST_F(Changes, CountsValuesAndSamplesPoints) {
  Collection points = numbers(9);
  const std::vector<FacetHit> hits = points.facet("even", {}, 10).value();
  ASSERT_EQ(hits.size(), 2u);
  EXPECT_EQ(hits[0].value, FacetValue(true));
  EXPECT_EQ(hits[0].count, 5u);
  EXPECT_EQ(points.facet("n", {}, 4).value().size(), 4u);
  EXPECT_EQ(points.sample(4).value().size(), 4u);
  EXPECT_EQ(points.sample(100, filter(R"({"must":[{"key":"even","match":{"value":true}}]})")).value().size(), 5u);
}

TEST_F(Changes, AliasesNameCollectionsAndChangeTogether) {
  numbers(2);
  ASSERT_TRUE(database_->create("d", {.dimensions = 1}).ok());
  using Kind = AliasChange::Kind;
  const AliasChange create[] = {{Kind::Create, "today", "c"}, {Kind::Create, "old", "d"}};
  ASSERT_TRUE(database_->change_aliases(create).ok());
  EXPECT_EQ(database_->collection("today").value().count(), 2u);
  const AliasChange half[] = {{Kind::Create, "today", "d"}, {Kind::Remove, "nobody"}};
  EXPECT_EQ(database_->change_aliases(half).error().code, ErrorCode::NotFound);
  EXPECT_EQ(database_->collection("today").value().count(), 2u);  // none of them was made
  const AliasChange taken[] = {{Kind::Create, "d", "c"}};
  EXPECT_EQ(database_->change_aliases(taken).error().code, ErrorCode::AlreadyExists);
  EXPECT_EQ(database_->create("today", {.dimensions = 1}).error().code, ErrorCode::AlreadyExists);
  const AliasChange rename[] = {{Kind::Rename, "today", "now"}};
  ASSERT_TRUE(database_->change_aliases(rename).ok());
  open();
  EXPECT_FALSE(database_->collection("today").ok());
  EXPECT_EQ(database_->collection("now").value().count(), 2u);
  ASSERT_TRUE(database_->drop("d").ok());
  ASSERT_EQ(database_->aliases().size(), 1u);
  EXPECT_EQ(database_->aliases()[0].alias, "now");
}

TEST_F(Changes, NotesAreKept) {
  numbers(1);
  EXPECT_EQ(database_->collection("c").value().notes(), "");
  ASSERT_TRUE(database_->collection("c").value().set_notes(R"({"team":"search"})").ok());
  open();
  EXPECT_EQ(database_->collection("c").value().notes(), R"({"team":"search"})");
  EXPECT_EQ(database_->collection("c").value().set_notes(std::string(2 << 20, 'x')).error().code, ErrorCode::TooLarge);
}

TEST_F(Changes, IndexingRestsWhilePaused) {
  Collection points = database_->create("c", {.dimensions = 1'024}).value();
  points.pause_indexing(true);
  const testing::PointMaker maker(1'024, 1);
  std::vector<PointId> ids;
  std::vector<float> vectors;
  for (std::uint64_t i = 0; i < 6'000; ++i) {
    ids.push_back(i);
    const std::vector<float> vector = maker.vector(i);
    vectors.insert(vectors.end(), vector.begin(), vector.end());
  }
  ASSERT_TRUE(points.upsert({.ids = ids, .vectors = vectors}).ok());
  EXPECT_EQ(points.wait_indexed(std::chrono::minutes(2)).error().code, ErrorCode::Unsupported);
  EXPECT_EQ(points.upsert({.ids = {ids.data(), 1}, .vectors = {vectors.data(), 1'024}}, Wait::Indexed).error().code,
            ErrorCode::Unsupported);
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_EQ(points.progress().covered, 0u);
  EXPECT_EQ(points.progress().state, IndexState::Stopped);
  EXPECT_EQ(points.search(maker.vector(5'555), {.k = 1}).value().neighbors[0].id, PointId(5'555));
  points.pause_indexing(false);
  auto waiting = std::async(std::launch::async, [&] { return points.wait_indexed(std::chrono::minutes(2)); });
  points.pause_indexing(true);  // the one who waits is told, if it was not in time to be refused
  EXPECT_FALSE(waiting.get().ok());
  points.pause_indexing(false);
  EXPECT_TRUE(points.wait_indexed(std::chrono::minutes(2)).value());
}

}  // namespace
}  // namespace omendb
