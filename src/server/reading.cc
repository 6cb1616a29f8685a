// Points by their ids, page by page, and counted.
#include <algorithm>
#include <optional>

#include "server/limits.h"
#include "server/operations.h"
#include "server/order_by.h"
#include "server/point_writer.h"
#include "server/selection.h"

namespace omendb {
namespace {

// Ids in paths: digits are a number.
Outcome<PointId> id_of(std::string_view text) {
  const Result<PointId> id = PointId::parse(text);
  if (id.ok()) return *id;
  return wrong_input("Can not recognize \"" + std::string(text) + "\" as point id");
}

// Which points, and then one after the other, so that only one is in memory. Returns where the next page begins.
Outcome<std::optional<PointId>> write_page(Call& call, const Collection& collection, const PointWriter& writer,
                                           ScrollOptions options) {
  options.reading = {.payload = false, .vectors = false};
  const ScrollPage page = OMEN_TRY(collection.scroll(options));
  for (std::size_t i = 0; i < page.points.size(); ++i) {
    const PointId id = page.points[i].id;
    // By value, a page cannot be continued by an id.
    if (!options.order_by && call.result.text().size() > kPageBytesMax) return std::optional(id);
    OMEN_TRY(call.check_time());
    const std::optional<Point> point = OMEN_TRY(collection.get(id, writer.reading()));
    if (!point) continue;  // erased meanwhile
    writer.write_record(call.result, *point, i < page.order_values.size() ? &page.order_values[i] : nullptr);
    OMEN_TRY(check_length(call.result, call.result_memory));
  }
  return options.order_by ? std::optional<PointId>() : page.next;
}

void write_facet_value(JsonWriter& json, const FacetValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    json.string(*text);
  } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
    json.integer(*number);
  } else {
    json.boolean(std::get<bool>(value));
  }
}

}  // namespace

Outcome<void> get_point(Call& call) {
  const Collection collection = OMEN_TRY(call.collection());
  const PointId id = OMEN_TRY(id_of(call.arguments[1]));
  const std::optional<Point> point = OMEN_TRY(collection.get(id));
  if (!point) return not_found("Point with id " + id.to_string() + " does not exists!");
  const PointWriter writer(collection.options(), {PayloadSelector::Kind::All, {}}, {true, {}});
  writer.write_record(call.result, *point);
  return {};
}

Outcome<void> retrieve_points(Call& call) {
  const Collection collection = OMEN_TRY(call.collection());
  const JsonDocument document = OMEN_TRY(call.body());
  const Json& request = document.root();
  const Json* list = OMEN_TRY(need(request, "ids"));
  const std::vector<PointId> ids = OMEN_TRY(read_point_ids(*list, "ids"));
  const PointWriter writer = OMEN_TRY(read_point_writer(request, collection.options(), true));
  call.result.begin_array();
  for (const PointId id : ids) {
    OMEN_TRY(call.check_time());
    const std::optional<Point> point = OMEN_TRY(collection.get(id, writer.reading()));
    if (point) writer.write_record(call.result, *point);
    OMEN_TRY(check_length(call.result, call.result_memory));
  }
  call.result.end_array();
  return {};
}

Outcome<void> scroll_points(Call& call) {
  const Collection collection = OMEN_TRY(call.collection());
  const JsonDocument document = OMEN_TRY(call.body());
  const Json& request = document.root();
  const PointWriter writer = OMEN_TRY(read_point_writer(request, collection.options(), true));
  ScrollOptions options;
  options.filter = OMEN_TRY(filter_of(request));
  const std::uint64_t limit = OMEN_TRY(maybe_unsigned(request, "limit")).value_or(10);
  OMEN_TRY(in_bounds(limit, "limit", 1, UINT64_MAX));
  options.limit = static_cast<std::uint32_t>(std::min<std::uint64_t>(limit, kScrollLimitMax));
  if (const Json* offset = request.find("offset")) options.from = OMEN_TRY(read_point_id(*offset, "offset"));
  if (const Json* order = request.find("order_by")) {
    options.order_by = OMEN_TRY(read_order_by(*order));
    if (options.from)
      return bad_request(
          "Cannot use an `offset` when using `order_by`. The alternative for paging is to use `order_by.start_from` "
          "and a filter to exclude the IDs that you've already seen for the `order_by.start_from` value");
  }
  call.result.begin_object().key("points").begin_array();
  const std::optional<PointId> next = OMEN_TRY(write_page(call, collection, writer, options));
  call.result.end_array().key("next_page_offset");
  if (next) {
    call.result.id(*next);
  } else {
    call.result.null();
  }
  call.result.end_object();
  return {};
}

Outcome<void> count_points(Call& call) {
  const Collection collection = OMEN_TRY(call.collection());
  const JsonDocument document = OMEN_TRY(call.body());
  OMEN_TRY(maybe_bool(document.root(), "exact"));
  const Filter filter = OMEN_TRY(filter_of(document.root()));
  const std::uint64_t count = filter.empty() ? collection.count() : OMEN_TRY(collection.count(filter));
  call.result.begin_object().member("count", count).end_object();
  return {};
}

Outcome<void> facet_points(Call& call) {
  const Collection collection = OMEN_TRY(call.collection());
  const JsonDocument document = OMEN_TRY(call.body());
  const Json& request = document.root();
  const std::string_view key = OMEN_TRY(need_string(request, "key"));
  const std::uint64_t limit = OMEN_TRY(maybe_unsigned(request, "limit")).value_or(10);
  OMEN_TRY(in_bounds(limit, "limit", 1, UINT64_MAX));
  OMEN_TRY(maybe_bool(request, "exact"));
  const Filter filter = OMEN_TRY(filter_of(request));
  const auto hits = OMEN_TRY(
      collection.facet(key, filter, static_cast<std::uint32_t>(std::min<std::uint64_t>(limit, kFacetLimitMax))));
  call.result.begin_object().key("hits").begin_array();
  for (const FacetHit& hit : hits) {
    call.result.begin_object().key("value");
    write_facet_value(call.result, hit.value);
    call.result.member("count", hit.count).end_object();
  }
  call.result.end_array().end_object();
  return {};
}

}  // namespace omendb
