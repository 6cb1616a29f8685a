// The values that a path leads to in a parsed payload. Apart from JsonPath, since few files need simdjson's long header.
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <span>

#include "payload/json_path.h"

namespace omendb {

// Calls visit(value) for each value that the steps lead to, until it returns true; whether it did.
template <class Visit>
bool any_value(std::span<const PathStep> steps, simdjson::dom::element value, Visit&& visit) {
  if (steps.empty()) return visit(value);
  const PathStep& step = steps.front();
  simdjson::dom::element next;
  if (step.kind == PathStep::Kind::Key) {
    simdjson::dom::object object;
    if (value.get(object) != simdjson::SUCCESS || object.at_key(step.key).get(next) != simdjson::SUCCESS) return false;
    return any_value(steps.subspan(1), next, visit);
  }
  simdjson::dom::array array;
  if (value.get(array) != simdjson::SUCCESS) return false;
  if (step.kind == PathStep::Kind::Index) {
    if (array.at(step.index).get(next) != simdjson::SUCCESS) return false;
    return any_value(steps.subspan(1), next, visit);
  }
  for (const simdjson::dom::element element : array) {
    if (any_value(steps.subspan(1), element, visit)) return true;
  }
  return false;
}

template <class Visit>
bool any_value(const JsonPath& path, simdjson::dom::element root, Visit&& visit) {
  return any_value(std::span(path.steps()), root, visit);
}

// The same for the elements of arrays that the path leads to, and for values that are no arrays.
template <class Visit>
bool any_element(const JsonPath& path, simdjson::dom::element root, Visit&& visit) {
  return any_value(path, root, [&](simdjson::dom::element value) {
    simdjson::dom::array array;
    if (value.get(array) != simdjson::SUCCESS) return visit(value);
    for (const simdjson::dom::element element : array) {
      if (visit(element)) return true;
    }
    return false;
  });
}

}  // namespace omendb
