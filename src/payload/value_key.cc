#include "payload/value_key.h"

#include <bit>

#include "base/assert.h"

namespace omendb {
namespace {

constexpr std::uint64_t kSign = std::uint64_t{1} << 63;

void append_big_endian(std::string& key, std::uint64_t bits) {
  for (int shift = 56; shift >= 0; shift -= 8) key += static_cast<char>(bits >> shift);
}

std::uint64_t take_big_endian(std::string_view key) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 8; ++i) bits = bits << 8 | static_cast<unsigned char>(key[i]);
  return bits;
}

// Positive doubles sort as their bits do, negative ones the other way round.
std::uint64_t ordered_bits(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value == 0 ? 0.0 : value);
  return (bits & kSign) != 0 ? ~bits : bits | kSign;
}

double from_ordered_bits(std::uint64_t bits) {
  return std::bit_cast<double>((bits & kSign) != 0 ? bits & ~kSign : ~bits);
}

}  // namespace

std::string key_of(std::int64_t value) {
  std::string key;
  append_big_endian(key, static_cast<std::uint64_t>(value) ^ kSign);
  return key;
}

std::string key_of(Timestamp time) { return key_of(std::int64_t{time.time_since_epoch().count()}); }

std::string key_of(double value) {
  std::string key;
  append_big_endian(key, ordered_bits(value));
  return key;
}

std::string key_of(GeoPoint point) {
  std::string key;
  append_big_endian(key, ordered_bits(point.lat));
  append_big_endian(key, ordered_bits(point.lon));
  return key;
}

std::int64_t integer_of_key(std::string_view key) {
  OMEN_ASSERT(key.size() == 8);
  return static_cast<std::int64_t>(take_big_endian(key) ^ kSign);
}

double number_of_key(std::string_view key) {
  OMEN_ASSERT(key.size() == 8);
  return from_ordered_bits(take_big_endian(key));
}

GeoPoint place_of_key(std::string_view key) {
  OMEN_ASSERT(key.size() == 16);
  return {from_ordered_bits(take_big_endian(key.substr(8))), from_ordered_bits(take_big_endian(key))};
}

}  // namespace omendb
