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
  remember_ids_bytes();
  expect_pages();
  EXPECT_EQ(order_bytes(), 0u);
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

}  // namespace
}  // namespace omendb
