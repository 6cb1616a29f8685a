// JsonPath: where in a payload a field lies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
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

constexpr std::size_t kPathStepsMax = 64;

class JsonPath {
 public:
  // `a.b[].c`, `a[2]`, `"a key".b`. The first step is a key. InvalidArgument otherwise, or beyond kPathStepsMax steps.
  static Result<JsonPath> parse(std::string_view text);

  // Without the `[]` at its end, if there is one.
  JsonPath of_array() const;

  const std::vector<PathStep>& steps() const { return steps_; }

  friend bool operator==(const JsonPath&, const JsonPath&) = default;

 private:
  std::vector<PathStep> steps_;
};

}  // namespace omendb
