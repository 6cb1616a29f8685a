#include "server/http/target.h"

#include <optional>
#include <utility>

#include "base/try.h"

namespace omendb {
namespace {

std::optional<unsigned> digit_of(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

Error malformed(const char* what) { return Error{ErrorCode::InvalidArgument, what}; }

Result<std::string> decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      decoded += ' ';
    } else if (text[i] != '%') {
      decoded += text[i];
    } else {
      const auto high = i + 1 < text.size() ? digit_of(text[i + 1]) : std::nullopt;
      const auto low = i + 2 < text.size() ? digit_of(text[i + 2]) : std::nullopt;
      if (!high || !low) return malformed("the URL has a % without two hexadecimal digits");
      decoded += static_cast<char>(*high * 16 + *low);
      i += 2;
    }
  }
  if (decoded.find('\0') != std::string::npos) return malformed("the URL contains NUL");
  return decoded;
}

// Cuts `text` at the first `separator`: returns what is before it, leaves what is behind it.
std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view before = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return before;
}

Result<std::vector<std::string>> parse_path(std::string_view path) {
  std::vector<std::string> segments;
  path.remove_prefix(1);
  while (!path.empty()) {  // the last slash separates nothing
    std::string segment = OMEN_TRY(decode(take_until(path, '/'), false));
    if (segment == "." || segment == "..") return malformed("the URL's path has a segment of dots");
    segments.push_back(std::move(segment));
  }
  return segments;
}

Result<std::vector<HttpField>> parse_query(std::string_view query) {
  std::vector<HttpField> parameters;
  while (!query.empty()) {
    std::string_view value = take_until(query, '&');
    if (value.empty()) continue;
    HttpField parameter;
    parameter.name = OMEN_TRY(decode(take_until(value, '='), true));
    parameter.value = OMEN_TRY(decode(value, true));
    parameters.push_back(std::move(parameter));
  }
  return parameters;
}

// "http://host:1/path" is "/path".
std::string_view without_origin(std::string_view target) {
  const std::size_t scheme_end = target.find("://");
  if (target.starts_with('/') || scheme_end == std::string_view::npos) return target;
  const std::size_t path = target.find_first_of("/?", scheme_end + 3);
  return path == std::string_view::npos || target[path] == '?' ? std::string_view("/") : target.substr(path);
}

}  // namespace

Result<HttpTarget> parse_target(std::string_view target) {
  if (target == "*") return HttpTarget{{"*"}, {}};
  std::string_view rest = without_origin(target);
  if (!rest.starts_with('/')) return malformed("the URL does not begin with /");
  rest = rest.substr(0, rest.find('#'));
  const std::string_view path = take_until(rest, '?');
  HttpTarget parsed;  // filled member by member: g++ 12 leaks those of a braced list that OMEN_TRY leaves half-way
  parsed.path = OMEN_TRY(parse_path(path));
  parsed.query = OMEN_TRY(parse_query(rest));
  return parsed;
}

}  // namespace omendb
