#include "server/payload_values.h"

#include <algorithm>

#include "server/http/body.h"

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

}  // namespace

std::vector<std::string> path_steps(std::string_view text) {
  std::vector<std::string> steps;
  while (!text.empty()) {
    if (text.front() == '.') {
      text.remove_prefix(1);
    } else if (text.front() == '[') {
      const std::size_t end = std::min(text.find(']'), text.size() - 1) + 1;
      steps.emplace_back(text.substr(0, end));
      text.remove_prefix(end);
    } else if (text.front() == '"') {
      const std::size_t end = std::min(text.find('"', 1), text.size());
      steps.emplace_back(text.substr(1, end - 1));
      text.remove_prefix(std::min(end + 1, text.size()));
    } else {
      const std::size_t end = std::min(text.find_first_of(".["), text.size());
      steps.emplace_back(text.substr(0, end));
      text.remove_prefix(end);
    }
  }
  return steps;
}

void visit_values(std::string_view payload, const Path& path, FunctionRef<void(const Json&)> visit) {
  if (payload.empty()) return;
  HttpBody padded;
  padded.append(payload);
  const Outcome<JsonDocument> document = JsonDocument::parse(padded.text());
  if (document.ok()) visit_below(document->root(), path, 0, visit);
}

}  // namespace omendb
