// JsonPath: where in a payload a field lies.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "omendb/result.h"

namespace omendb {

struct PathStep {
  enum class Kind : std::uint8_t { Key, Index, Each };
  Kind kind = Kind::Key;
  std::string key;          // Key
  std::uint64_t index = 0;  // Index

  friend bool operator==(const PathStep&, const PathStep&) = default;
};

class JsonPath {
 public:
  // `a.b[].c`, `a[2]`, `"a key".b`. The first step is a key. InvalidArgument otherwise.
  static Result<JsonPath> parse(std::string_view text);

  // Without the `[]` at its end, if there is one.
  JsonPath of_array() const;

  friend bool operator==(const JsonPath&, const JsonPath&) = default;

  // Calls visit(value) for each value the path leads to, until it returns true; whether it did.
  template <class Visit>
  bool any_value(simdjson::dom::element root, Visit&& visit) const {
    return descend(root, 0, visit);
  }

  // The same for the elements of arrays it leads to, and for values that are no arrays.
  template <class Visit>
  bool any_element(simdjson::dom::element root, Visit&& visit) const {
    return descend(root, 0, [&](simdjson::dom::element value) {
      simdjson::dom::array array;
      if (value.get(array) != simdjson::SUCCESS) return visit(value);
      for (const simdjson::dom::element element : array) {
        if (visit(element)) return true;
      }
      return false;
    });
  }

 private:
  template <class Visit>
  bool descend(simdjson::dom::element value, std::size_t at, Visit&& visit) const {
    if (at == steps_.size()) return visit(value);
    const PathStep& step = steps_[at];
    simdjson::dom::element next;
    if (step.kind == PathStep::Kind::Key) {
      simdjson::dom::object object;
      if (value.get(object) != simdjson::SUCCESS || object.at_key(step.key).get(next) != simdjson::SUCCESS) return false;
      return descend(next, at + 1, visit);
    }
    simdjson::dom::array array;
    if (value.get(array) != simdjson::SUCCESS) return false;
    if (step.kind == PathStep::Kind::Index) {
      if (array.at(step.index).get(next) != simdjson::SUCCESS) return false;
      return descend(next, at + 1, visit);
    }
    for (const simdjson::dom::element element : array) {
      if (descend(element, at + 1, visit)) return true;
    }
    return false;
  }

  std::vector<PathStep> steps_;
};

}  // namespace omendb
