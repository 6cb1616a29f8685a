// How a point's id, what it lacks and its payload's length are written down, in the log and in the `points` file alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "omendb/types.h"
#include "storage/schema.h"

namespace omendb {

struct PointBytes {
  std::uint8_t id[16];  // a number: 8 bytes little-endian, then zeros; a UUID: its bytes
  std::uint8_t kind;    // 0: number, 1: UUID
  std::uint8_t lacking[3];  // a FieldMask, little-endian
  std::uint32_t payload_length;
};
static_assert(sizeof(PointBytes) == 24, "docs/file_format.md, section Point");

PointBytes encode_point(PointId id, std::uint32_t payload_length, FieldMask lacking = 0);

FieldMask lacking_of(const PointBytes& point);

// nullopt: no id is spelt so.
std::optional<PointId> decode_id(const PointBytes& point);

}  // namespace omendb
