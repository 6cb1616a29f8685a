#include "base/bytes.h"

#include <gtest/gtest.h>

#include <string>

namespace omendb {
namespace {

TEST(Bytes, WhatIsPutCanBeTaken) {
  Bytes bytes;
  put(bytes, std::uint32_t{0x0102'0304});
  put_text(bytes, "payload");
  put(bytes, 1.5f);
  EXPECT_EQ(bytes[0], std::byte{4}) << "numbers are little-endian";

  ByteReader reader(bytes);
  EXPECT_EQ(reader.take<std::uint32_t>(), 0x0102'0304u);
  EXPECT_EQ(reader.take_text(), "payload");
  EXPECT_EQ(reader.take<float>(), 1.5f);
  EXPECT_EQ(reader.remaining(), 0u);
}

TEST(Bytes, AReaderStopsAtTheEndAndStaysWhereItWas) {
  Bytes bytes;
  put(bytes, std::uint16_t{7});
  ByteReader reader(bytes);
  EXPECT_EQ(reader.take<std::uint32_t>(), std::nullopt);
  EXPECT_FALSE(reader.take_bytes(3).has_value());
  EXPECT_EQ(reader.take<std::uint16_t>(), std::uint16_t{7});
}

TEST(Bytes, ATextLongerThanTheRestIsNoText) {
  Bytes bytes;
  put(bytes, std::uint32_t{0xFFFF'FFFF});
  put_bytes(bytes, bytes_of("abc"));
  EXPECT_EQ(ByteReader(bytes).take_text(), std::nullopt);
}

TEST(Bytes, TextIsItsCharactersWhateverItsType) {
  const std::string text = "abc";
  EXPECT_EQ(text_of(bytes_of(text)), "abc");
  EXPECT_EQ(text_of(bytes_of("abc")), "abc") << "without the closing zero";
  EXPECT_EQ(text_of(bytes_of(std::string_view("abc"))), "abc");
}

}  // namespace
}  // namespace omendb
