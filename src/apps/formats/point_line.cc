#include "apps/formats/point_line.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <charconv>
#include <cmath>

#include "apps/formats/file_stream.h"
#include "base/try.h"

namespace omendb {
namespace {

namespace json = simdjson::ondemand;

static_assert(FileStream::kPadding >= simdjson::SIMDJSON_PADDING);

Error wrong(std::string found) { return Error{ErrorCode::InvalidArgument, std::move(found)}; }

Error not_json(simdjson::error_code code) {
  return wrong(fmt::format("not valid JSON: {}", simdjson::error_message(code)));
}

std::string_view trimmed(std::string_view text) {
  const std::size_t last = text.find_last_not_of(" \t\r\n");
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

// Read by from_chars and not as a double that is then rounded: rounding twice turns the shortest text of some floats
// (7.038531e-26 is one) into their neighbour, and an export would not come back as it was.
Result<float> float_of(json::value value) {
  double number = 0;
  if (value.get_double().get(number) != simdjson::SUCCESS) {
    return wrong(fmt::format("{} is not a number", trimmed(value.raw_json_token())));
  }
  const std::string_view token = trimmed(value.raw_json_token());
  float result = 0;
  const auto [end, code] = std::from_chars(token.data(), token.data() + token.size(), result);
  if (code == std::errc::result_out_of_range) result = static_cast<float>(number);  // 0 or infinity
  if (!std::isfinite(result)) return wrong(fmt::format("{} is beyond the range of float32", token));
  return result;
}

Result<void> read_vector(json::value value, std::vector<float>& vector) {
  json::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return wrong("\"vector\" is not a list of numbers");
  for (auto element : array) {
    json::value number;
    if (const auto code = element.get(number)) return not_json(code);
    auto read = float_of(number);
    if (!read) return wrong(fmt::format("value {} of the vector: {}", vector.size(), read.error().message));
    vector.push_back(*read);
    if (vector.size() > kDimensionsMax) {
      return wrong(fmt::format("the vector has over {} values", kDimensionsMax));
    }
  }
  return {};
}

Result<PointId> read_id(json::value value) {
  std::uint64_t number = 0;
  if (value.get_uint64().get(number) == simdjson::SUCCESS) return PointId(number);
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS) return PointId::parse(text);
  return wrong(fmt::format("\"id\" is {}; it takes a whole number from 0 to 2^64 - 1, or a UUID in quotes",
                           trimmed(value.raw_json_token())));
}

void append_float(std::string& out, float value) {
  char text[32];
  const auto [end, code] = std::to_chars(std::begin(text), std::end(text), value);
  out.append(text, end);
}

}  // namespace

struct PointLineParser::State {
  json::parser parser;
  simdjson::dom::parser checker;
};

PointLineParser::PointLineParser() : state_(std::make_unique<State>()) {}
PointLineParser::~PointLineParser() = default;
PointLineParser::PointLineParser(PointLineParser&&) noexcept = default;
PointLineParser& PointLineParser::operator=(PointLineParser&&) noexcept = default;

Result<void> PointLineParser::parse(std::string_view line, PointLine& point) {
  point.has_id = point.has_vector = false;
  point.vector.clear();
  point.payload.clear();

  json::document document;
  const simdjson::padded_string_view padded(line, line.size() + FileStream::kPadding);
  if (const auto code = state_->parser.iterate(padded).get(document)) return not_json(code);
  json::object object;
  if (const auto code = document.get_object().get(object)) {
    return code == simdjson::INCORRECT_TYPE ? wrong("not a JSON object") : not_json(code);
  }

  for (auto entry : object) {
    json::field field;
    if (const auto code = std::move(entry).get(field)) return not_json(code);
    std::string_view key;
    if (const auto code = field.unescaped_key().get(key)) return not_json(code);
    if (key == "id") {
      point.id = OMEN_TRY(read_id(field.value()));
      point.has_id = true;
    } else if (key == "vector") {
      point.vector.clear();
      OMEN_TRY(read_vector(field.value(), point.vector));
      point.has_vector = true;
    } else if (key == "payload") {
      std::string_view text;
      if (const auto code = simdjson::to_json_string(field.value()).get(text)) return not_json(code);
      text = trimmed(text);
      OMEN_TRY(check_json(text));
      point.payload = text == "null" ? std::string_view() : text;
    } else {
      return wrong(fmt::format("unknown key \"{}\"; a point has id, vector and payload", key));
    }
  }
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) return wrong("something follows the JSON object");
  return {};
}

Result<void> PointLineParser::check_json(std::string_view text) {
  simdjson::dom::element element;
  const auto code = state_->checker.parse(text.data(), text.size(), /*realloc_if_needed=*/false).get(element);
  if (code != simdjson::SUCCESS) return not_json(code);
  return {};
}

void append_point_line(std::string& out, const Point& point) {
  out += "{\"id\":";
  out += point.id.is_uuid() ? fmt::format("\"{}\"", point.id.to_string()) : point.id.to_string();
  out += ",\"vector\":[";
  for (std::size_t i = 0; i < point.vector.size(); ++i) {
    if (i > 0) out += ',';
    append_float(out, point.vector[i]);
  }
  out += ']';
  if (!point.payload.empty()) {
    out += ",\"payload\":";
    // A line end in JSON can only be space between tokens: within strings it is escaped.
    for (const char c : point.payload) out += c == '\n' || c == '\r' ? ' ' : c;
  }
  out += '}';
}

}  // namespace omendb
