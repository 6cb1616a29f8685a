#include "server/http/coding.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <random>

namespace omendb {
namespace {

std::string deflated(std::string_view text, int window_bits) {
  z_stream stream{};
  EXPECT_EQ(::deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string made(::deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(made.data());
  stream.avail_out = static_cast<uInt>(made.size());
  EXPECT_EQ(::deflate(&stream, Z_FINISH), Z_STREAM_END);
  made.resize(stream.total_out);
  ::deflateEnd(&stream);
  return made;
}

std::string text_of(std::size_t bytes) {
  std::mt19937 random(7);
  std::string text;
  while (text.size() < bytes) text += static_cast<char>('a' + random() % 16);
  return text;
}

TEST(Coding, EveryFrameIsInflatedUpToTheLimit) {
  for (const int window_bits : {16 + MAX_WBITS, MAX_WBITS, -MAX_WBITS}) {
    for (const std::size_t bytes : {std::size_t{0}, std::size_t{1}, std::size_t{65'536}, std::size_t{300'000}}) {
      SCOPED_TRACE(testing::Message() << "window bits " << window_bits << ", " << bytes << " bytes");
      const std::string text = text_of(bytes);
      const std::string packed = deflated(text, window_bits);
      const auto inflated = inflate_body(packed, bytes);
      ASSERT_TRUE(inflated.ok()) << inflated.error().message;
      EXPECT_EQ(inflated->text(), text);
      if (bytes == 0) continue;
      const auto refused = inflate_body(packed, bytes - 1);
      ASSERT_FALSE(refused.ok());
      EXPECT_EQ(refused.error().code, ErrorCode::TooLarge);
    }
  }
}

TEST(Coding, MembersOfAGzipFileFollowEachOther) {
  const auto inflated = inflate_body(gzip("one, ") + gzip("two"), 100);
  ASSERT_TRUE(inflated.ok());
  EXPECT_EQ(inflated->text(), "one, two");
}

TEST(Coding, WhatIsDamagedIsRefused) {
  const std::string packed = gzip(text_of(10'000));
  for (std::size_t length = 0; length < packed.size(); length += 97) {
    EXPECT_FALSE(inflate_body(packed.substr(0, length), 100'000).ok()) << length;
  }
  EXPECT_FALSE(inflate_body(packed + "x", 100'000).ok());
  EXPECT_FALSE(inflate_body("{\"vector\": [1, 2, 3]}", 100'000).ok());
  std::string altered = packed;
  altered[altered.size() / 2] ^= 1;
  EXPECT_FALSE(inflate_body(altered, 100'000).ok());
}

TEST(Coding, ABombIsGivenUpAtTheLimit) {
  const std::string bomb = gzip(std::string(std::size_t{100} << 20, ' '));
  EXPECT_LT(bomb.size(), std::size_t{1} << 20);
  const auto refused = inflate_body(bomb, std::size_t{1} << 20);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::TooLarge);
}

TEST(Coding, ABodyHasZeroesBehindItsEnd) {
  const auto body = inflate_body(gzip("abc"), 100);
  ASSERT_TRUE(body.ok());
  EXPECT_EQ(std::string_view(body->data() + body->size(), HttpBody::kPadding), std::string(HttpBody::kPadding, '\0'));
}

TEST(Coding, AcceptEncodingIsUnderstood) {
  struct Case {
    const char* header;
    bool want;
  };
  const Case cases[] = {{"gzip", true},           {"GZIP", true},          {"deflate, gzip;q=0.5", true}, {"*", true},
                        {"", false},              {"br", false},           {"gzip;q=0", false},           {"gzip; q=0.000", false},
                        {"gzip;q=0.001", true},   {"identity, br", false}, {"br;q=1,gzip;q=0", false},    {"gzipped", false},
                        {",, x-gzip ,", true}};
  for (const Case& c : cases) EXPECT_EQ(accepts_gzip(c.header), c.want) << c.header;
}

}  // namespace
}  // namespace omendb
