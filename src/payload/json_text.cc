#include "payload/json_text.h"

#include <simdjson.h>

#include <algorithm>
#include <utility>

namespace omendb {
namespace {

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool at_end() const { return place_ >= text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[place_]; }
  void skip() { ++place_; }

  void skip_space() {
    while (!at_end() && (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')) skip();
  }

  // A whole value: up to the comma or bracket behind it.
  std::string_view take_value() {
    const std::size_t begin = place_;
    std::size_t depth = 0;
    while (!at_end()) {
      const char c = peek();
      if (c == '"') {
        take_string();
        continue;
      }
      const bool closes = c == '}' || c == ']';
      if (depth == 0 && (closes || c == ',')) break;
      if (c == '{' || c == '[') ++depth;
      if (closes) --depth;
      skip();
    }
    return trimmed(begin);
  }

  std::string_view take_string() {
    const std::size_t begin = place_;
    skip();
    while (!at_end() && peek() != '"') {
      if (peek() == '\\') skip();
      skip();
    }
    skip();
    return trimmed(begin);
  }

 private:
  std::string_view trimmed(std::size_t begin) const {
    std::size_t end = std::min(place_, text_.size());
    while (end > begin && std::string_view(" \t\n\r").find(text_[end - 1]) != std::string_view::npos) --end;
    return text_.substr(begin, end - begin);
  }

  std::string_view text_;
  std::size_t place_ = 0;
};

}  // namespace

JsonKind kind_of(std::string_view json) {
  Scanner scanner(json);
  scanner.skip_space();
  if (scanner.peek() == '{') return JsonKind::Object;
  return scanner.peek() == '[' ? JsonKind::Array : JsonKind::Other;
}

std::vector<JsonMember> split_json(std::string_view json) {
  std::vector<JsonMember> members;
  const bool object = kind_of(json) == JsonKind::Object;
  Scanner scanner(json);
  scanner.skip_space();
  scanner.skip();
  while (true) {
    scanner.skip_space();
    if (scanner.at_end() || scanner.peek() == '}' || scanner.peek() == ']') return members;
    JsonMember member;
    if (object) {
      member.key = scanner.take_string();
      scanner.skip_space();
      scanner.skip();  // the colon
      scanner.skip_space();
    }
    member.value = scanner.take_value();
    members.push_back(std::move(member));
    if (scanner.peek() == ',') scanner.skip();
  }
}

std::string join_object(const std::vector<JsonMember>& members) {
  std::string out = "{";
  for (const JsonMember& member : members) {
    if (out.size() > 1) out += ',';
    out += member.key;
    out += ':';
    out += member.value;
  }
  return out += '}';
}

std::string join_array(const std::vector<JsonMember>& elements) {
  std::string out = "[";
  for (const JsonMember& element : elements) {
    if (out.size() > 1) out += ',';
    out += element.value;
  }
  return out += ']';
}

std::string unquote_json(std::string_view key) {
  if (key.size() < 2) return {};
  if (key.find('\\') == std::string_view::npos) return std::string(key.substr(1, key.size() - 2));
  thread_local simdjson::dom::parser parser;
  std::string_view meant;
  if (parser.parse(key.data(), key.size()).get(meant) != simdjson::SUCCESS) return {};
  return std::string(meant);
}

std::string quote_json(std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  return out += '"';
}

}  // namespace omendb
