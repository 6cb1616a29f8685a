#include "db/indexed_points.h"

#include <simdjson.h>

#include <algorithm>

#include "db/bound_filter.h"
#include "payload/field_part_builder.h"

namespace omendb {
namespace {

// The keeper leaves fewer rows than these to be asked one by one; more are on their way into the index.
constexpr std::size_t kAskedMax = 2'048;

// What the index's next part will say of the row. A payload that cannot be read has no values.
bool will_have_value(const View& view, const FieldIndex& field, Row row, simdjson::dom::parser& parser) {
  const Result<std::string_view> payload = view.generation->payload(row);
  simdjson::dom::element document;
  if (!payload.ok() || payload->empty()) return false;
  if (parser.parse(payload->data(), payload->size()).get(document) != simdjson::SUCCESS) return false;
  FieldPartBuilder part(field.type(), row);
  part.add(field.path(), document);
  return std::move(part).build().has_value(row);
}

}  // namespace

std::uint64_t count_indexed_points(const View& view, const FieldIndex& field) {
  const RowFilter live = view.live_rows();
  std::vector<Row> asked = rows_changed_since(view, field.changes_seen());
  if (view.visible - field.covered() + asked.size() > kAskedMax) {
    asked.clear();
  } else {
    for (std::uint32_t i = field.covered(); i < view.visible; ++i) asked.push_back(row_at(i));
    std::sort(asked.begin(), asked.end());
    asked.erase(std::unique(asked.begin(), asked.end()), asked.end());
  }

  std::uint64_t points = 0;
  for (const auto& part : field.parts()) {
    for (std::uint32_t i = part->rows().begin; i < part->rows().end; ++i) {
      const Row row = row_at(i);
      if (part->has_value(row) && live.lives(row) && !std::binary_search(asked.begin(), asked.end(), row)) ++points;
    }
  }
  simdjson::dom::parser parser;
  for (const Row row : asked) {
    if (live.lives(row) && will_have_value(view, field, row, parser)) ++points;
  }
  return points;
}

}  // namespace omendb
