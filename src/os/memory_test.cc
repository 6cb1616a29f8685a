#include "os/memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace omendb {
namespace {

constexpr std::uint64_t kMiB = 1ull << 20;

TEST(GrowingMemory, GrowsInPlaceFilledWithZeros) {
  GrowingMemory memory = GrowingMemory::reserve(1ull << 32).value();
  std::byte* const data = memory.data();
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(data) % (2 * kMiB), 0u);
  EXPECT_EQ(memory.size(), 0u);
  EXPECT_EQ(memory.capacity(), 1ull << 32);

  memory.grow(10).value();
  EXPECT_EQ(memory.size(), kMiB / 16) << "small steps at first";
  data[0] = std::byte{7};
  memory.grow(9 * kMiB).value();
  memory.grow(1).value();
  EXPECT_EQ(memory.size(), 10 * kMiB);
  EXPECT_EQ(memory.data(), data);
  EXPECT_EQ(data[0], std::byte{7});
  EXPECT_TRUE(std::all_of(data + 1, data + memory.size(), [](std::byte byte) { return byte == std::byte{0}; }));
}

TEST(GrowingMemory, ReservedAddressesTakeNoMemory) {
  const std::uint64_t before = anonymous_memory_bytes();
  GrowingMemory memory = GrowingMemory::reserve(1ull << 36).value();
  memory.grow(1ull << 30).value();
  EXPECT_LT(anonymous_memory_bytes(), before + 64 * kMiB);
  std::fill_n(memory.data(), 128 * kMiB, std::byte{1});
  EXPECT_GE(anonymous_memory_bytes(), before + 100 * kMiB);
}

TEST(GrowingMemory, TakesNoHugePageForAFewBytes) {
  const std::uint64_t before = anonymous_memory_bytes();
  std::vector<GrowingMemory> many;
  for (int i = 0; i < 64; ++i) {
    many.push_back(GrowingMemory::reserve(1ull << 32).value());
    many.back().grow(100).value();
    many.back().data()[0] = std::byte{1};
  }
  EXPECT_LT(anonymous_memory_bytes(), before + 4 * kMiB);
}

TEST(GrowingMemory, RefusesMoreThanWasReserved) {
  GrowingMemory memory = GrowingMemory::reserve(3 * kMiB).value();
  EXPECT_EQ(memory.capacity(), 4 * kMiB) << "rounded up to huge pages";
  EXPECT_TRUE(memory.grow(4 * kMiB).ok());
  const Result<void> refused = memory.grow(4 * kMiB + 1);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::OutOfBudget);
  EXPECT_EQ(refused.error().message, "4194305 bytes wanted where 4194304 bytes are reserved");
  EXPECT_EQ(memory.size(), 4 * kMiB);
}

TEST(GrowingMemory, SaysSoWhenTheAddressSpaceIsUsedUp) {
  for (const std::uint64_t bytes : {1ull << 47, 1ull << 63, ~0ull}) {
    const auto refused = GrowingMemory::reserve(bytes);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::OutOfBudget);
  }
}

TEST(GrowingMemory, MovesWithItsBytes) {
  GrowingMemory first = GrowingMemory::reserve(kMiB).value();
  first.grow(1).value();
  first.data()[0] = std::byte{7};
  GrowingMemory second = std::move(first);
  EXPECT_EQ(second.data()[0], std::byte{7});
  GrowingMemory third;
  third = std::move(second);
  EXPECT_EQ(third.data()[0], std::byte{7});
  EXPECT_EQ(GrowingMemory().data(), nullptr);
}

TEST(Memory, AddressSpaceIsLessByWhatWasReserved) {
  const std::uint64_t before = free_address_bytes();
  const GrowingMemory memory = GrowingMemory::reserve(1ull << 36).value();
  EXPECT_LE(free_address_bytes(), before - (1ull << 36));
  EXPECT_GT(free_address_bytes(), before - (1ull << 37));
}

TEST(Memory, OfThisProcessIsLessThanItsLimit) {
  EXPECT_GT(anonymous_memory_bytes(), 0u);
  EXPECT_GT(memory_limit_bytes(), anonymous_memory_bytes());
  EXPECT_LT(memory_limit_bytes(), 1ull << 50) << "at most what the machine has";
}

}  // namespace
}  // namespace omendb
