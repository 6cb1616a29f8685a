// What is promised of the work behind: accepted rows are on disk in time, whatever else goes on.
#include <gtest/gtest.h>

#include "os/simulated_disk.h"
#include "tests/points.h"
#include "tests/steps.h"

namespace omendb {
namespace {

using testing::OwnedBatch;
using testing::PointMaker;
using testing::SteppedDatabase;

constexpr std::uint32_t kDimensions = 16;

TEST(Upkeep, AcceptedRowsAreOnDiskAfterTwoLooksOfTheFlusher) {
  SimulatedDisk disk;
  SteppedDatabase database(disk);
  (*database).create("c", {.dimensions = kDimensions}).value();
  const auto collection = database.find("c");
  const PointMaker maker(kDimensions, 1);
  OwnedBatch batch;
  batch.add(maker, 7, 0);
  const Lsn lsn = collection->upsert(batch.view(), Wait::Accepted).value().lsn;
  EXPECT_LT(collection->stats().durable_lsn, lsn);
  for (int look = 0; look < 2; ++look) {
    collection->flush_behind();
    database.advance(std::chrono::milliseconds(100));
  }
  EXPECT_GE(collection->stats().durable_lsn, lsn);
}

}  // namespace
}  // namespace omendb
