#include "server/http/memory.h"

#include <gtest/gtest.h>

namespace omendb {
namespace {

constexpr std::size_t kFree = MemoryLease::kFreeBytes;

TEST(RequestMemory, IsGivenUntilItIsGoneAndTakenBack) {
  RequestMemory memory(3 * kFree);
  MemoryLease one(memory);
  EXPECT_TRUE(one.cover(2 * kFree));
  EXPECT_TRUE(one.cover(kFree)) << "is covered already";
  EXPECT_EQ(memory.used(), kFree) << "the first of them are free";
  {
    MemoryLease other = one.sibling();
    EXPECT_TRUE(other.cover(3 * kFree));
    EXPECT_EQ(memory.used(), memory.limit());
    EXPECT_FALSE(one.cover(2 * kFree + 1));
    EXPECT_EQ(memory.used(), memory.limit()) << "what is refused changes nothing";
  }
  EXPECT_TRUE(one.cover(4 * kFree)) << "to the last byte";
  MemoryLease moved = std::move(one);
  one.release();
  EXPECT_EQ(memory.used(), memory.limit());
  moved = MemoryLease();
  EXPECT_EQ(memory.used(), 0u);
}

TEST(RequestMemory, IsFreeForSmallRequests) {
  RequestMemory memory(0);
  MemoryLease lease(memory);
  EXPECT_TRUE(lease.cover(kFree));
  EXPECT_FALSE(lease.cover(kFree + 1));
  EXPECT_FALSE(lease.can_cover(1)) << "there never will be any";
}

TEST(RequestMemory, IsEndlessForWhoBelongsToNoServer) {
  MemoryLease lease;
  EXPECT_TRUE(lease.cover(std::size_t{1} << 60));
  EXPECT_TRUE(lease.sibling().can_cover(std::size_t{1} << 60));
}

}  // namespace
}  // namespace omendb
