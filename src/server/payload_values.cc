#include "server/payload_values.h"

#include "payload/json_path.h"
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

}  // namespace

Outcome<std::vector<std::string>> path_steps(std::string_view text) {
  const Result<JsonPath> path = JsonPath::parse(text);
  if (!path.ok()) return wrong_format(path.error().message);
  std::vector<std::string> steps;
  for (const PathStep& step : path->steps()) {
    switch (step.kind) {
      case PathStep::Kind::Key:
        steps.push_back(step.key);
        break;
      case PathStep::Kind::Each:
        steps.emplace_back("[]");
        break;
      case PathStep::Kind::Index:
        steps.push_back("[" + std::to_string(step.index) + "]");
        break;
    }
  }
  return steps;
}

void visit_values(std::string_view payload, const Path& path, FunctionRef<void(const Json&)> visit) {
  const StoredJson stored(payload);
  if (stored.root() != nullptr) visit_below(*stored.root(), path, 0, visit);
}

}  // namespace omendb
