#include "server/order_by.h"

namespace omendb {
namespace {

Outcome<OrderValue> read_start(const Json& json) {
  if (json.is(JsonKind::String)) {
    const std::optional<Timestamp> time = parse_datetime(json.text());
    if (time) return OrderValue(std::int64_t{time->time_since_epoch().count()});
    return wrong_format("order_by.start_from: neither a number nor a date and time: \"" + std::string(json.text()) +
                        "\"");
  }
  if (json.is(JsonKind::Integer)) return OrderValue(static_cast<std::int64_t>(json.as_bits()));
  return OrderValue(OMEN_TRY(read_double(json, "order_by.start_from")));
}

}  // namespace

Outcome<OrderBy> read_order_by(const Json& json) {
  OrderBy order;
  if (json.is(JsonKind::String)) {
    order.key = json.text();
    return order;
  }
  OMEN_TRY(must_be_object(json, "order_by"));
  order.key = OMEN_TRY(need_string(json, "key"));
  if (const auto direction = OMEN_TRY(maybe_string(json, "direction"))) {
    if (*direction != "asc" && *direction != "desc") {
      return wrong_format("unknown variant `" + std::string(*direction) + "`, expected `asc` or `desc`");
    }
    order.descending = *direction == "desc";
  }
  if (const Json* start = json.find("start_from")) order.start_from = OMEN_TRY(read_start(*start));
  return order;
}

}  // namespace omendb
