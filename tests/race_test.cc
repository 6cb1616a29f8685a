// Everything at once, with real threads: writers, erasers, searchers, the indexer, checkpoints and a vacuum. Points
// prove on their own that vector and payload belong together. Meant for the thread sanitizer above all.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "omendb/omendb.h"
#include "os/temporary_directory.h"
#include "tests/points.h"

namespace omendb {
namespace {

using testing::PointMaker;

constexpr std::uint32_t kDimensions = 48;
constexpr std::uint64_t kIds = 60'000;

std::uint64_t version_in(const std::string& payload) {
  return std::strtoull(payload.c_str() + payload.find("version") + 9, nullptr, 10);
}

TEST(Race, ReadersSeeWholePointsWhateverGoesOn) {
  const TemporaryDirectory directory;
  const PointMaker maker(kDimensions, 3);
  {
    Database database = Database::open(directory.path()).value();
    Collection points = database.create("c", {.dimensions = kDimensions}).value();
    std::atomic<bool> done{false};
    std::atomic<std::uint64_t> searches{0};
    std::atomic<std::uint64_t> newest{0};

    std::thread writer([&] {
      for (std::uint64_t begin = 0; begin < kIds; begin += 500) {
        auto batch = testing::batch_of(maker, begin, begin + 500, 1);
        EXPECT_TRUE(points.upsert(batch.view(), begin % 1'000 == 0 ? Wait::Accepted : Wait::Durable).ok());
        newest.store(begin + 500, std::memory_order_release);
      }
      for (std::uint64_t begin = 0; begin < kIds / 2; begin += 500) {
        auto batch = testing::batch_of(maker, begin, begin + 500, 2);
        EXPECT_TRUE(points.upsert(batch.view(), Wait::Accepted).ok());
      }
      EXPECT_TRUE(points.vacuum().ok());
      done = true;
    });
    std::thread eraser([&] {
      for (std::uint64_t id = kIds - 10'000; !done; id = id + 10 >= kIds ? kIds - 10'000 : id + 10) {
        const PointId ids[] = {id};
        EXPECT_TRUE(points.erase(ids, Wait::Accepted).ok());
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    });
    std::thread upkeep([&] {
      while (!done) {
        EXPECT_TRUE(points.checkpoint().ok());
        (void)points.progress();
        (void)points.stats();
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
      }
    });
    std::vector<std::thread> readers;
    for (int reader = 0; reader < 2; ++reader) {
      readers.emplace_back([&, reader] {
        std::mt19937_64 random(static_cast<std::uint64_t>(reader));
        while (!done) {
          const std::uint64_t rows = newest.load(std::memory_order_acquire);
          if (rows == 0) continue;
          const std::uint64_t id = random() % rows;
          const SearchResult found =
              points.search(maker.vector(id, 1), {.k = 5, .threads = 2, .with_payload = true, .with_vector = true})
                  .value();
          for (const Neighbor& neighbor : found.neighbors) {
            const std::uint64_t version = version_in(neighbor.payload);
            EXPECT_EQ(neighbor.payload, PointMaker::payload(neighbor.id.number(), version));
            EXPECT_EQ(neighbor.vector, maker.vector(neighbor.id.number(), version));
          }
          const std::optional<Point> point = points.get(id).value();
          if (point) {
            EXPECT_EQ(point->vector, maker.vector(id, version_in(point->payload)));
          }
          ++searches;
        }
      });
    }
    writer.join();
    eraser.join();
    upkeep.join();
    for (std::thread& reader : readers) reader.join();
    EXPECT_GT(searches, 0u);
    EXPECT_TRUE(points.wait_indexed(std::chrono::minutes(5)).value());
    EXPECT_EQ(points.get(1).value()->payload, PointMaker::payload(1, 2));
  }
  Database database = Database::open(directory.path()).value();
  Collection points = database.collection("c").value();
  EXPECT_EQ(points.get(1).value()->vector, maker.vector(1, 2));
  EXPECT_TRUE(points.verify().value().damage.empty());
}

}  // namespace
}  // namespace omendb
