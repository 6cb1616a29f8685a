// FieldCheck: one field condition made ready to be asked of many payloads.
#pragma once

#include <simdjson.h>

#include <memory>
#include <string>
#include <unordered_set>
#include <variant>
#include <vector>

#include "omendb/filter.h"
#include "payload/json_path.h"

namespace omendb {

class FieldCheck {
 public:
  static Result<FieldCheck> compile(const FieldCondition& condition);

  bool matches(simdjson::dom::element root) const;
  const JsonPath& path() const { return path_; }

 private:
  struct Words {
    enum class Need { All, Any, InOrder };
    std::vector<std::string> words;
    Need need = Need::All;
  };
  struct Among {
    std::unordered_set<std::string> texts;  // one of the two is empty
    std::unordered_set<std::int64_t> numbers;
    bool texts_listed = false;
    bool expected = true;  // false: anything but these and null
  };
  using Test = std::variant<MatchValue, Among, Words, MatchPrefix, MatchSubstring, NumberRange, DatetimeRange, GeoBox,
                            GeoRadius, GeoPolygon, ValuesCount, IsEmpty, IsNull>;

  static Result<Test> prepare(const FieldTest& test);
  static bool holds(const Words& test, std::string_view text);
  static bool holds(const Among& test, simdjson::dom::element value);
  static bool holds_for_element(const Test& test, simdjson::dom::element value);
  bool holds_for_field(const Test& test, simdjson::dom::element root) const;

  JsonPath path_;
  std::vector<Test> tests_;
};

}  // namespace omendb
