// What a point is called.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "omendb/result.h"

namespace omendb {

// An unsigned 64-bit number or a UUID. Numbers come before UUIDs in id order.
class PointId {
 public:
  constexpr PointId() = default;
  constexpr PointId(std::uint64_t number) : low_(number) {}
  static PointId uuid(const std::array<std::uint8_t, 16>& bytes);

  // Decimal digits, or a UUID in any of its usual spellings (hyphenated, 32 digits, urn:uuid:). Else InvalidArgument.
  static Result<PointId> parse(std::string_view text);

  constexpr bool is_uuid() const { return is_uuid_; }
  constexpr std::uint64_t number() const { return low_; }  // meaningless for a UUID
  std::array<std::uint8_t, 16> uuid_bytes() const;         // meaningless for a number
  std::string to_string() const;                           // parse() reads it back

  friend constexpr auto operator<=>(const PointId&, const PointId&) = default;

 private:
  // In this order the defaulted comparison is id order: numbers first, then UUIDs by their bytes.
  bool is_uuid_ = false;
  std::uint64_t high_ = 0;  // a UUID's first eight bytes, big-endian; 0 for a number
  std::uint64_t low_ = 0;   // a UUID's last eight bytes, big-endian; or the number
};

}  // namespace omendb
