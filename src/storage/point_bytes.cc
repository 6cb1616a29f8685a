#include "storage/point_bytes.h"

#include <array>
#include <cstring>

namespace omendb {

PointBytes encode_point(PointId id, std::uint32_t payload_length, FieldMask lacking) {
  PointBytes point{};
  point.payload_length = payload_length;
  std::memcpy(point.lacking, &lacking, sizeof point.lacking);
  if (id.is_uuid()) {
    const auto bytes = id.uuid_bytes();
    std::memcpy(point.id, bytes.data(), bytes.size());
    point.kind = 1;
  } else {
    const std::uint64_t number = id.number();
    std::memcpy(point.id, &number, sizeof number);
  }
  return point;
}

FieldMask lacking_of(const PointBytes& point) {
  FieldMask lacking = 0;
  std::memcpy(&lacking, point.lacking, sizeof point.lacking);
  return lacking;
}

std::optional<PointId> decode_id(const PointBytes& point) {
  if (point.kind == 1) {
    std::array<std::uint8_t, 16> bytes;
    std::memcpy(bytes.data(), point.id, bytes.size());
    return PointId::uuid(bytes);
  }
  if (point.kind != 0) return std::nullopt;
  std::uint64_t number;
  std::memcpy(&number, point.id, sizeof number);
  return PointId(number);
}

}  // namespace omendb
