// The store as its one user, the collection, sees it.
#include "storage/store.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "os/simulated_disk.h"
#include "storage/store_testing.h"

namespace omendb {
namespace {

constexpr const char* kPath = "c";

Schema two_dimensions() { return {{VectorField{"", 2, Metric::L2, Datatype::Float32}}}; }

std::unique_ptr<Store> opened(Disk& disk) {
  auto store = Store::open(disk, kPath);
  EXPECT_TRUE(store.ok()) << store.error().message;
  if (!store.ok()) return nullptr;
  const auto loaded = (*store)->load_ids();
  EXPECT_TRUE(loaded.ok());
  return std::move(*store);
}

std::unique_ptr<Store> created(Disk& disk) {
  auto store = Store::create(disk, kPath, two_dimensions());
  EXPECT_TRUE(store.ok()) << store.error().message;
  if (!store.ok()) return nullptr;
  EXPECT_TRUE((*store)->load_ids().ok());
  return std::move(*store);
}

TEST(Store, KeepsPointsOverAReopening) {
  SimulatedDisk disk;
  {
    const auto store = created(disk);
    TestBatch batch(2);
    batch.add(7, {1, 2}, "{\"a\":1}");
    batch.add(9, {3, 4}, "");
    ASSERT_TRUE(store->upsert(batch.rows()).ok());
  }
  const auto store = opened(disk);
  EXPECT_EQ(contents(*store), (Contents{{7, {{1, 2}, "{\"a\":1}"}}, {9, {{3, 4}, ""}}}));
}

}  // namespace
}  // namespace omendb
