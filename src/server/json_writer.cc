#include "server/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>

namespace omendb {
namespace {

constexpr std::size_t kNumberBytesMax = 32;  // the longest, -1.7976931348623157e+308, has 24

template <class T>
void append_shortest(std::string& text, T value) {
  if (!std::isfinite(value)) {
    text += "null";
    return;
  }
  std::array<char, kNumberBytesMax> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  const std::string_view written(digits.data(), static_cast<std::size_t>(end - digits.data()));
  text += written;
  if (written.find_first_of(".e") == std::string_view::npos) text += ".0";
}

template <class T>
void append_integer(std::string& text, T value) {
  std::array<char, kNumberBytesMax> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  text.append(digits.data(), end);
}

void append_escaped(std::string& text, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"':
      text += "\\\"";
      return;
    case '\\':
      text += "\\\\";
      return;
    case '\n':
      text += "\\n";
      return;
    case '\r':
      text += "\\r";
      return;
    case '\t':
      text += "\\t";
      return;
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(c);
  text += "\\u00";
  text += kHex[byte >> 4];
  text += kHex[byte & 15];
}

bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

}  // namespace

void JsonWriter::separate() {
  if (text_.empty()) return;
  const char last = text_.back();
  if (last != '{' && last != '[' && last != ':') text_ += ',';
}

JsonWriter& JsonWriter::open(char brace) {
  separate();
  text_ += brace;
  return *this;
}

JsonWriter& JsonWriter::close(char brace) {
  text_ += brace;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  string(name);
  text_ += ':';
  return *this;
}

JsonWriter& JsonWriter::string(std::string_view text) {
  separate();
  text_ += '"';
  std::size_t plain = 0;  // where the run of characters that need no escape begins
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!needs_escape(text[i])) continue;
    text_ += text.substr(plain, i - plain);
    append_escaped(text_, text[i]);
    plain = i + 1;
  }
  text_ += text.substr(plain);
  text_ += '"';
  return *this;
}

JsonWriter& JsonWriter::integer(std::uint64_t value) {
  separate();
  append_integer(text_, value);
  return *this;
}

JsonWriter& JsonWriter::integer(std::int64_t value) {
  separate();
  append_integer(text_, value);
  return *this;
}

JsonWriter& JsonWriter::number(float value) {
  separate();
  append_shortest(text_, value);
  return *this;
}

JsonWriter& JsonWriter::number(double value) {
  separate();
  append_shortest(text_, value);
  return *this;
}

JsonWriter& JsonWriter::numbers(std::span<const float> values) {
  begin_array();
  for (const float value : values) number(value);
  return end_array();
}

JsonWriter& JsonWriter::id(PointId id) {
  if (id.is_uuid()) return string(id.to_string());
  return integer(id.number());
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  text_ += json;
  return *this;
}

}  // namespace omendb
