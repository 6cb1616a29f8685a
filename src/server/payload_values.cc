#include "server/payload_values.h"

#include <algorithm>
#include <cctype>

#include "server/limits.h"
#include "server/stored_json.h"

namespace omendb {
namespace {

using Path = std::vector<std::string>;

void visit_below(const Json& value, const Path& path, std::size_t depth, FunctionRef<void(const Json&)> visit) {
  const bool ends = depth == path.size();
  if (value.is(JsonKind::Array) && (ends || path[depth] == "[]")) {
    for (const Json& element : value.items()) {
      if (ends) {
        visit(element);
      } else {
        visit_below(element, path, depth + 1, visit);
      }
    }
  } else if (ends) {
    visit(value);
  } else if (const Json* member = value.find(path[depth])) {
    visit_below(*member, path, depth + 1, visit);
  }
}

Refusal no_path(std::string_view text) {
  return wrong_format("\"" + std::string(text.substr(0, kKeyBytesMax)) + "\" is not a path");
}

// Of a key at the beginning, with its quotes; 0 if there is none.
std::size_t key_length(std::string_view text) {
  if (text.starts_with('"')) {
    const std::size_t end = text.find('"', 1);
    return end == std::string_view::npos ? 0 : end + 1;
  }
  const auto is_plain = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c >= 128;
  };
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_plain) - text.begin());
}

// Of `[]` or `[7]` at the beginning; 0 if it is neither.
std::size_t place_length(std::string_view text) {
  const std::size_t end = text.find_first_not_of("0123456789", 1);
  return end != std::string_view::npos && text[end] == ']' ? end + 1 : 0;
}

}  // namespace

Outcome<std::vector<std::string>> path_steps(std::string_view path) {
  std::vector<std::string> steps;
  std::string_view rest = path;
  while (steps.empty() || !rest.empty()) {
    const bool bracket = !steps.empty() && rest.front() == '[';
    if (!steps.empty() && !bracket) {
      if (rest.front() != '.') return no_path(path);
      rest.remove_prefix(1);
    }
    const std::size_t length = bracket ? place_length(rest) : key_length(rest);
    if (length == 0) return no_path(path);
    const bool quoted = rest.front() == '"';
    steps.emplace_back(quoted ? rest.substr(1, length - 2) : rest.substr(0, length));
    rest.remove_prefix(length);
  }
  return steps;
}

void visit_values(std::string_view payload, const Path& path, FunctionRef<void(const Json&)> visit) {
  const StoredJson stored(payload);
  if (stored.root() != nullptr) visit_below(*stored.root(), path, 0, visit);
}

}  // namespace omendb
