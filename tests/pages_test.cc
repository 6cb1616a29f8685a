// Pages, counts of values and orders: whatever makes them fast, they are what one who looks at every point would say.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "omendb/omendb.h"
#include "tests/database_fixture.h"
#include "tests/points.h"

namespace omendb {
namespace {

class Pages : public testing::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    points_.emplace(database_->create("c", {.dimensions = 1}).value());
    points_->pause_indexing(true);
  }

  // Points with {"n": id's number % 100}.
  void put(const std::vector<PointId>& ids) {
    const std::vector<float> vectors(ids.size(), 1.0f);
    std::vector<std::string> texts;
    for (const PointId id : ids) {
      const std::uint64_t n = (id.is_uuid() ? id.uuid_bytes()[3] : id.number()) % 100;
      texts.push_back("{\"n\":" + std::to_string(n) + "}");
      model_[id] = n;
    }
    const std::vector<std::string_view> payloads(texts.begin(), texts.end());
    EXPECT_TRUE(points_->upsert({.ids = ids, .vectors = vectors, .payloads = payloads}, Wait::Accepted).ok());
  }

  void erase(const std::vector<PointId>& ids) {
    for (const PointId id : ids) model_.erase(id);
    EXPECT_TRUE(points_->erase(ids, Wait::Accepted).ok());
  }

  PointId any_id() { return random_() % 3 == 0 || model_.empty() ? made_id() : known_id(); }

  PointId made_id() {
    switch (random_() % 3) {
      case 0: return random_() % 10'000;
      case 1: return random_();
    }
    std::array<std::uint8_t, 16> bytes;
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random_());
    return PointId::uuid(bytes);
  }

  // One that exists, or is next to it.
  PointId known_id() {
    const auto found = model_.lower_bound(made_id());
    return found == model_.end() ? model_.begin()->first : found->first;
  }

  std::vector<PointId> some_ids(std::size_t count) {
    std::set<PointId> ids;  // a batch has each once, so that the model need not know which wins
    for (std::size_t i = 0; i < count; ++i) ids.insert(any_id());
    std::vector<PointId> shuffled(ids.begin(), ids.end());
    std::shuffle(shuffled.begin(), shuffled.end(), random_);
    return shuffled;
  }

  // One page from a random place, of the points with n < below; 100: all.
  void expect_page(std::uint32_t limit, std::uint64_t below) {
    ScrollOptions options{.limit = limit};
    if (random_() % 4 != 0) options.from = any_id();
    if (below < 100) {
      options.filter =
          parse_filter(R"({"must":[{"key":"n","range":{"lt":)" + std::to_string(below) + "}}]}").value();
    }
    std::vector<PointId> expected;
    std::optional<PointId> next;
    for (auto at = options.from ? model_.lower_bound(*options.from) : model_.begin(); at != model_.end(); ++at) {
      if (at->second >= below) continue;
      if (expected.size() == limit) {
        next = at->first;
        break;
      }
      expected.push_back(at->first);
    }
    const ScrollPage page = points_->scroll(options).value();
    EXPECT_EQ(page.next, next);
    ASSERT_EQ(page.points.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_EQ(page.points[i].id, expected[i]);
  }

  void expect_pages() {
    for (const std::uint32_t limit : {1u, 10u, 500u, 1'000'000u}) {
      for (const std::uint64_t below : {0u, 1u, 50u, 100u}) expect_page(limit, below);
    }
  }

  // From the first page to the last.
  void expect_every_point(std::uint32_t limit) {
    ScrollOptions options{.limit = limit};
    auto expected = model_.begin();
    do {
      const ScrollPage page = points_->scroll(options).value();
      for (const Point& point : page.points) {
        ASSERT_TRUE(expected != model_.end() && point.id == expected->first) << point.id.to_string();
        ++expected;
      }
      options.from = page.next;
    } while (options.from);
    EXPECT_EQ(expected, model_.end());
  }

  std::uint64_t order_bytes() { return points_->stats().memory.ids - ids_alone_; }
  void remember_ids_bytes() { ids_alone_ = points_->stats().memory.ids; }

  const std::uint64_t seed_ = testing::test_seed();
  std::mt19937_64 random_{seed_};
  std::optional<Collection> points_;
  std::map<PointId, std::uint64_t> model_;
  std::uint64_t ids_alone_ = 0;
};

TEST_F(Pages, ByIdAreRightWhateverIsPutErasedReplacedAndVacuumed) {
  SCOPED_TRACE("OMENDB_SEED=" + std::to_string(seed_));
  for (int step = 0; step < 40; ++step) {
    SCOPED_TRACE(step);
    switch (random_() % 8) {
      case 0: erase(some_ids(1'000)); break;
      case 1: {
        const auto begin = model_.lower_bound(any_id());  // neighbours
        std::vector<PointId> ids;
        for (auto at = begin; at != model_.end() && ids.size() < 500; ++at) ids.push_back(at->first);
        erase(ids);
        break;
      }
      case 2:
        ASSERT_TRUE(points_->vacuum().ok());
        break;
      case 3:
        ASSERT_TRUE(points_->create_field_index("n", FieldType::Integer).ok());
        break;
      default:
        put(some_ids(1 + random_() % 3'000));
    }
    expect_pages();
    if (HasFailure()) return;
  }
}

TEST_F(Pages, ByIdAreRightInACollectionOfManyRuns) {
  SCOPED_TRACE("OMENDB_SEED=" + std::to_string(seed_));
  std::vector<PointId> ids;
  for (int i = 0; i < 150'000; ++i) ids.push_back(made_id());
  put(ids);
  expect_pages();
  expect_every_point(5'000);
  put(some_ids(70'000));
  expect_pages();
  expect_every_point(999);
}

TEST_F(Pages, OfIdsThatAscendNeedNoMemory) {
  std::vector<PointId> ids;
  for (std::uint64_t id = 0; id < 5'000; ++id) ids.push_back(10 * id);
  put(ids);
  remember_ids_bytes();
  expect_pages();
  EXPECT_EQ(order_bytes(), 0u);

  put({PointId(7)});
  for (std::uint64_t id = 0; id < 3'000; ++id) ids[id] = PointId(100'000 + id);
  ids.resize(3'000);
  put(ids);
  remember_ids_bytes();
  expect_pages();
  EXPECT_EQ(order_bytes(), 8'001u * 4);

  ASSERT_TRUE(points_->vacuum().ok());
  remember_ids_bytes();
  EXPECT_EQ(order_bytes(), 0u);
  expect_pages();
  EXPECT_EQ(order_bytes(), 8'001u * 4);
}

TEST_F(Pages, ComeWithoutAnOrderWhereMemoryIsShort) {
  std::vector<PointId> ids;
  for (std::uint64_t id = 5'000; id > 0; --id) ids.push_back(id);
  put(ids);
  open({.memory_budget = 1});  // all that is there is over it
  points_.emplace(database_->collection("c").value());
  EXPECT_TRUE(points_->contains(1).value());  // the ids are read by now
  remember_ids_bytes();
  expect_pages();
  EXPECT_EQ(order_bytes(), 0u);
}

TEST_F(Pages, GiveTheirOrderUpForRowsThatNeedItsMemory) {
  open({.memory_budget = 8 << 20});
  points_.emplace(database_->collection("c").value());
  std::vector<PointId> ids;
  for (std::uint64_t id = 5'000; id > 0; --id) ids.push_back(id);
  put(ids);
  remember_ids_bytes();
  expect_pages();
  EXPECT_GT(order_bytes(), 0u);
  for (std::uint64_t id = 0; id < 45'000; ++id) ids.push_back(10'000 + id);
  const std::vector<float> vectors(ids.size(), 1.0f);
  const auto refused = points_->upsert({.ids = ids, .vectors = vectors}, Wait::Accepted);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::OutOfBudget);
  EXPECT_EQ(order_bytes(), 0u) << "it was tried without the order";
  expect_pages();
}

// Even ids are always there, whatever else goes on: each pass meets every one of them once.
TEST_F(Pages, OfManyReadersMissNothingBesideWritesAndVacuums) {
  constexpr std::uint64_t kIds = 12'000;
  std::vector<PointId> even;
  for (std::uint64_t id = 0; id < kIds; id += 2) even.push_back(id);
  std::shuffle(even.begin(), even.end(), random_);
  put(even);
  std::atomic<bool> done{false};
  std::thread writer([&] {
    std::mt19937_64 random(1);
    const std::vector<float> vectors(500, 1.0f);
    for (int round = 0; round < 60; ++round) {
      std::vector<PointId> ids;
      for (std::size_t i = 0; i < vectors.size(); ++i) ids.push_back(random() % kIds);
      EXPECT_TRUE(points_->upsert({.ids = ids, .vectors = vectors}, Wait::Accepted).ok());
      std::vector<PointId> odd;
      for (int i = 0; i < 300; ++i) odd.push_back(random() % kIds | 1);
      EXPECT_TRUE(points_->erase(odd, Wait::Accepted).ok());
      if (round % 20 != 19) continue;
      EXPECT_TRUE(points_->vacuum().ok());
    }
    done = true;
  });
  std::vector<std::thread> readers;
  std::atomic<int> passes{0};
  for (std::uint32_t reader = 0; reader < 2; ++reader) {
    readers.emplace_back([&, reader] {
      do {
        ScrollOptions options{.limit = 100 + 400 * reader};
        std::vector<PointId> seen;
        do {
          const ScrollPage page = points_->scroll(options).value();
          for (const Point& point : page.points) seen.push_back(point.id);
          options.from = page.next;
        } while (options.from);
        EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
        EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end());
        EXPECT_EQ(std::count_if(seen.begin(), seen.end(), [](PointId id) { return id.number() % 2 == 0; }),
                  static_cast<std::ptrdiff_t>(kIds / 2));
        ++passes;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));  // the vacuum needs a core, too
      } while (!done);
    });
  }
  writer.join();
  for (std::thread& reader : readers) reader.join();
  EXPECT_GT(passes, 3);
}

// Two collections of the same points, of which only one ever has field indexes: it must answer as the other does, which
// reads payloads.
class Values : public testing::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    indexed_.emplace(database_->create("indexed", {.dimensions = 1}).value());
    plain_.emplace(database_->create("plain", {.dimensions = 1}).value());
  }

  std::string any_value() {
    static const char* const kValues[] = {
        "1", "2", "-7", "1.0", "2.5", "true", "false", "null", "{}", "{\"v\":1}", "\"red\"", "\"blue\"", "\"\"",
        "\"2024-05-01T12:00:00Z\"", "\"2024-05-01\"", "\"550e8400-e29b-41d4-a716-446655440000\"", "9007199254740992",
        "9007199254740993", "9007199254740994.0", "18446744073709551615", "9223372036854775807", "-9223372036854775808",
        "-0.0", "0"};
    const std::uint64_t drawn = random_() % 100;
    if (drawn < 40) return kValues[random_() % std::size(kValues)];
    if (drawn < 60) return std::to_string(static_cast<std::int64_t>(random_() % 2'000) - 1'000);
    if (drawn < 70) return std::to_string(static_cast<double>(random_() % 2'000) / 8);
    if (drawn < 80) return "\"t" + std::to_string(random_() % 300) + "\"";
    std::string array = "[";
    for (std::uint64_t i = random_() % 4; i > 0; --i) array += (array.size() == 1 ? "" : ",") + any_value();
    return array + "]";
  }

  // Values of one type and few others, or of all.
  std::string payload() {
    if (random_() % 50 == 0) return "";
    const std::string n = "{\"n\":" + std::to_string(random_() % 1'000);
    if (random_() % 50 == 0) return n + "}";
    const bool of_any = random_() % 100 < others_percent_;
    return n + ",\"v\":" + (of_any ? any_value() : std::to_string(random_() % 500)) + "}";
  }

  void put(std::size_t count) {
    std::vector<PointId> ids;
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < count; ++i) {
      ids.push_back(random_() % 8'000);
      texts.push_back(payload());
    }
    const std::vector<float> vectors(count, 1.0f);
    const std::vector<std::string_view> payloads(texts.begin(), texts.end());
    for_both([&](Collection& points) {
      return points.upsert({.ids = ids, .vectors = vectors, .payloads = payloads}, Wait::Accepted).ok();
    });
  }

  void change(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      std::vector<PointId> ids;
      for (int j = 0; j < 20; ++j) ids.push_back(random_() % 8'000);
      const std::string text = "{\"v\":" + any_value() + "}";
      for_both([&](Collection& points) {
        return points.change_payload({.ids = ids}, SetPayload{text}, Wait::Accepted).ok();
      });
    }
  }

  void erase(std::size_t count) {
    std::vector<PointId> ids;
    for (std::size_t i = 0; i < count; ++i) ids.push_back(random_() % 8'000);
    for_both([&](Collection& points) { return points.erase(ids, Wait::Accepted).ok(); });
  }

  template <class Act>
  void for_both(Act act) {
    EXPECT_TRUE(act(*indexed_));
    EXPECT_TRUE(act(*plain_));
  }

  Filter any_filter() {
    if (random_() % 3 == 0) return {};
    const std::uint64_t below = random_() % 3 == 0 ? 10 : random_() % 1'000;
    return parse_filter(R"({"must":[{"key":"n","range":{"lt":)" + std::to_string(below) + "}}]}").value();
  }

  void expect_facets() {
    const Filter filter = any_filter();
    for (const std::uint32_t limit : {0u, 3u, 100'000u}) {
      const auto found = indexed_->facet("v", filter, limit).value();
      const auto expected = plain_->facet("v", filter, limit).value();
      ASSERT_EQ(found.size(), expected.size());
      for (std::size_t i = 0; i < found.size(); ++i) {
        ASSERT_EQ(found[i].value, expected[i].value);
        ASSERT_EQ(found[i].count, expected[i].count);
      }
    }
  }

  void expect_orders() {
    for (const std::uint32_t limit : {1u, 20u, 1'000u}) {
      OrderBy order{.key = "v", .descending = random_() % 2 == 0};
      switch (random_() % 4) {
        case 0: order.start_from = OrderValue(static_cast<std::int64_t>(random_() % 2'000) - 1'000); break;
        case 1: order.start_from = OrderValue(static_cast<double>(random_() % 2'000) / 4); break;
        case 2: order.start_from = OrderValue(std::int64_t{9007199254740993}); break;
        default: break;
      }
      const ScrollOptions options{.filter = any_filter(), .limit = limit, .order_by = order};
      const ScrollPage found = indexed_->scroll(options).value();
      const ScrollPage expected = plain_->scroll(options).value();
      ASSERT_EQ(found.points.size(), expected.points.size());
      for (std::size_t i = 0; i < found.points.size(); ++i) {
        ASSERT_EQ(found.points[i].id, expected.points[i].id) << i;
        ASSERT_EQ(found.points[i].payload, expected.points[i].payload);
        ASSERT_EQ(found.order_values[i], expected.order_values[i]) << i;
      }
    }
  }

  // Points and indexes that come, change and go, in any order; `expect` after each.
  template <class Expect>
  void whatever_happens(Expect expect) {
    ASSERT_TRUE(indexed_->create_field_index("v", FieldType::Integer).ok());
    put(7'000);  // the first part of an index, large enough for the next not to be merged with it
    ASSERT_TRUE(indexed_->wait_field_indexes(std::chrono::seconds(60)).value());
    for (int step = 0; step < 60 && !HasFailure(); ++step) {
      SCOPED_TRACE(step);
      switch (random_() % 10) {
        case 0: {
          const auto type = static_cast<FieldType>(random_() % 8);
          SCOPED_TRACE(name_of(type));
          ASSERT_TRUE(indexed_->create_field_index("v", type).ok());
          break;
        }
        case 1: ASSERT_TRUE(indexed_->create_field_index("n", FieldType::Integer).ok()); break;
        case 2: erase(500); break;
        case 3: change(1 + random_() % 100); break;
        case 4: for_both([](Collection& points) { return points.vacuum().ok(); }); break;
        case 5:
        case 6: ASSERT_TRUE(indexed_->wait_field_indexes(std::chrono::seconds(60)).value()); break;
        default: put(1 + random_() % 2'500);
      }
      expect();
    }
  }

  const std::uint64_t seed_ = testing::test_seed();
  std::mt19937_64 random_{seed_};
  const std::uint64_t others_percent_ = std::array<std::uint64_t, 3>{2, 20, 100}[random_() % 3];
  std::optional<Collection> indexed_;
  std::optional<Collection> plain_;
};

TEST_F(Values, AreCountedAlikeWithAnIndexAndWithout) {
  SCOPED_TRACE("OMENDB_SEED=" + std::to_string(seed_));
  whatever_happens([&] { expect_facets(); });
}

TEST_F(Values, OrderPointsAlikeWithAnIndexAndWithout) {
  SCOPED_TRACE("OMENDB_SEED=" + std::to_string(seed_));
  whatever_happens([&] { expect_orders(); });
}

TEST_F(Values, AreOrderedExactlyWhereAFloatIndexHasThemRounded) {
  constexpr std::int64_t kRounded = std::int64_t{1} << 53;
  constexpr std::uint64_t kPoints = 5'000;
  ASSERT_TRUE(indexed_->create_field_index("v", FieldType::Float).ok());
  for (std::uint64_t id = 0; id < kPoints; ++id) {
    const PointId ids[] = {id};
    const std::string text = "{\"v\":" + std::to_string(kRounded + static_cast<std::int64_t>(id)) + "}";
    const std::string_view payloads[] = {text};
    const float vector[] = {1};
    ASSERT_TRUE(indexed_->upsert({.ids = ids, .vectors = vector, .payloads = payloads}, Wait::Accepted).ok());
  }
  ASSERT_TRUE(indexed_->wait_field_indexes(std::chrono::seconds(60)).value());
  for (const bool descending : {false, true}) {
    for (const std::int64_t start : {kRounded + 6, kRounded + 7}) {
      const OrderBy order{.key = "v", .descending = descending, .start_from = OrderValue(start)};
      const ScrollPage page = indexed_->scroll({.limit = 5, .order_by = order}).value();
      ASSERT_EQ(page.points.size(), 5u);
      for (std::int64_t i = 0; i < 5; ++i) {
        EXPECT_EQ(page.order_values[static_cast<std::size_t>(i)], OrderValue(descending ? start - i : start + i));
      }
    }
  }
}

}  // namespace
}  // namespace omendb
