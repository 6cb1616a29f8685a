#include "payload/order_values.h"

#include <cmath>
#include <optional>

#include "payload/json_values.h"
#include "payload/value_key.h"

namespace omendb {
namespace {

constexpr double kTwoTo63 = 9223372036854775808.0;

std::optional<OrderValue> order_value(simdjson::dom::element value) {
  std::int64_t whole = 0;
  double number = 0;
  std::string_view text;
  if (value.get(whole) == simdjson::SUCCESS) return OrderValue(whole);
  if (value.get(number) == simdjson::SUCCESS) return OrderValue(number);
  if (value.get(text) != simdjson::SUCCESS) return std::nullopt;
  const std::optional<Timestamp> time = parse_datetime(text);
  if (!time) return std::nullopt;
  return OrderValue(std::int64_t{time->time_since_epoch().count()});
}

// Exactly: not every whole number is a double.
bool less(std::int64_t a, double b) {
  if (b >= kTwoTo63) return true;
  if (b < -kTwoTo63 || std::isnan(b)) return false;
  const auto floor = static_cast<std::int64_t>(std::floor(b));
  return a < floor || (a == floor && b > std::floor(b));
}

bool less(double a, std::int64_t b) {
  if (a < -kTwoTo63) return true;
  if (a >= kTwoTo63 || std::isnan(a)) return false;
  return static_cast<std::int64_t>(std::floor(a)) < b;
}

bool less(std::int64_t a, std::int64_t b) { return a < b; }
bool less(double a, double b) { return a < b; }

}  // namespace

std::vector<OrderValue> order_values(std::string_view payload, const JsonPath& path) {
  thread_local simdjson::dom::parser parser;
  std::vector<OrderValue> values;
  simdjson::dom::element document;
  if (payload.empty() || parser.parse(payload.data(), payload.size()).get(document) != simdjson::SUCCESS) return values;
  any_element(path, document, [&](simdjson::dom::element element) {
    if (const auto value = order_value(element)) values.push_back(*value);
    return false;
  });
  return values;
}

bool order_value_less(const OrderValue& a, const OrderValue& b) {
  return std::visit([](auto x, auto y) { return less(x, y); }, a, b);
}

bool serves_order(FieldType type) {
  return type == FieldType::Integer || type == FieldType::Float || type == FieldType::Datetime;
}

OrderValue order_value_of_key(FieldType type, std::string_view key) {
  if (type == FieldType::Float) return number_of_key(key);
  return integer_of_key(key);
}

std::string key_of_order_value(FieldType type, const OrderValue& value) {
  if (type == FieldType::Float) return key_of(std::visit([](auto v) { return static_cast<double>(v); }, value));
  const auto* whole = std::get_if<std::int64_t>(&value);
  return whole == nullptr ? std::string() : key_of(*whole);
}

}  // namespace omendb
