#include "server/field_points.h"

#include "server/payload_values.h"

namespace omendb {
namespace {

// So many payloads are read in some 10 ms.
constexpr std::uint32_t kReadMax = 10'000;

bool is_of(FieldType type, const Json& value) {
  switch (type) {
    case FieldType::Keyword:
      return value.is(JsonKind::String);
    case FieldType::Text:
      return value.is(JsonKind::String);
    case FieldType::Integer:
      return value.is(JsonKind::Integer);
    case FieldType::Float:
      return value.is_number();
    case FieldType::Bool:
      return value.is(JsonKind::Bool);
    case FieldType::Datetime:
      return value.is(JsonKind::String) && parse_datetime(value.text());
    case FieldType::Uuid: {
      if (!value.is(JsonKind::String)) return false;
      const Result<PointId> id = PointId::parse(value.text());
      return id.ok() && id->is_uuid();
    }
    case FieldType::Geo: {
      const Json* lon = value.find("lon");
      const Json* lat = value.find("lat");
      return lon != nullptr && lat != nullptr && lon->is_number() && lat->is_number();
    }
  }
  return false;
}

}  // namespace

std::uint64_t count_points_with(const Collection& collection, const FieldIndexInfo& field) {
  if (collection.count() > kReadMax) return field.rows;
  const Result<ScrollPage> page =
      collection.scroll({.limit = kReadMax, .reading = {.payload = true, .vectors = false}});
  if (!page.ok()) return field.rows;
  const std::vector<std::string> path = path_steps(field.key);
  std::uint64_t points = 0;
  for (const Point& point : page->points) {
    bool has_one = false;
    visit_values(point.payload, path, [&](const Json& value) { has_one = has_one || is_of(field.type, value); });
    if (has_one) ++points;
  }
  return points;
}

}  // namespace omendb
