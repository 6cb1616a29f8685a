#include "base/crc32c.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace omendb {
namespace {

Bytes repeated(std::size_t count, unsigned value) { return Bytes(count, static_cast<std::byte>(value)); }

Bytes counting(int first, int step) {
  Bytes bytes;
  for (int i = 0; i < 32; ++i) bytes.push_back(static_cast<std::byte>(first + step * i));
  return bytes;
}

Bytes random_bytes(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Bytes bytes(count);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

// By the definition: one bit after the other.
std::uint32_t bit_by_bit(std::span<const std::byte> bytes) {
  std::uint32_t crc = 0xFFFF'FFFF;
  for (const std::byte byte : bytes) {
    crc ^= std::to_integer<std::uint32_t>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F6'3B78 : 0);
  }
  return ~crc;
}

TEST(Crc32c, AgreesWithPublishedValues) {
  struct Case {
    const char* name;
    Bytes bytes;
    std::uint32_t want;
  };
  const std::string_view digits = "123456789";
  const Case cases[] = {
      {"nothing", {}, 0},
      {"RFC 3720 B.4: 32 zeros", repeated(32, 0), 0x8A91'36AA},
      {"RFC 3720 B.4: 32 ones", repeated(32, 0xFF), 0x62A8'AB43},
      {"RFC 3720 B.4: counting up", counting(0, 1), 0x46DD'794E},
      {"RFC 3720 B.4: counting down", counting(31, -1), 0x113F'DB5C},
      {"the check value of the CRC catalogue", Bytes(bytes_of(digits).begin(), bytes_of(digits).end()), 0xE306'9283},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(crc32c(c.bytes), c.want);
    EXPECT_EQ(crc32c_by_tables(c.bytes), c.want);
  }
}

TEST(Crc32c, IsTheSameForEveryLengthAndAlignment) {
  const Bytes bytes = random_bytes(10'000, 1);
  for (const std::size_t length : {1u, 7u, 8u, 9u, 1023u, 3071u, 3072u, 3073u, 6143u, 6144u, 9300u}) {
    for (const std::size_t begin : {0u, 1u, 3u, 7u, 8u}) {
      SCOPED_TRACE(testing::Message() << "length " << length << ", begin " << begin);
      const auto part = std::span(bytes).subspan(begin, length);
      const std::uint32_t want = bit_by_bit(part);
      EXPECT_EQ(crc32c(part), want);
      EXPECT_EQ(crc32c_by_tables(part), want);
    }
  }
}

TEST(Crc32c, ContinuesFromASeed) {
  const Bytes bytes = random_bytes(8'000, 2);
  const std::uint32_t whole = crc32c(bytes);
  for (const std::size_t cut : {0u, 1u, 100u, 3072u, 7999u, 8000u}) {
    SCOPED_TRACE(cut);
    const auto head = std::span(bytes).first(cut);
    const auto tail = std::span(bytes).subspan(cut);
    EXPECT_EQ(crc32c(tail, crc32c(head)), whole);
    EXPECT_EQ(crc32c_by_tables(tail, crc32c_by_tables(head)), whole);
  }
}

TEST(Crc32c, NoticesEveryFlippedBit) {
  Bytes bytes = random_bytes(4'096, 3);
  const std::uint32_t whole = crc32c(bytes);
  for (std::size_t bit = 0; bit < bytes.size() * 8; bit += 5) {
    const std::byte mask{static_cast<std::uint8_t>(1u << (bit % 8))};
    bytes[bit / 8] ^= mask;
    ASSERT_NE(crc32c(bytes), whole) << "bit " << bit;
    bytes[bit / 8] ^= mask;
  }
}

}  // namespace
}  // namespace omendb
