// A request's body as a tree, for all that is not the hot path (server/points_reader.h). Read once, front to back;
// every value is validated, and knows its own text.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "omendb/point_id.h"
#include "server/http/memory.h"
#include "server/limits.h"
#include "server/refusal.h"

namespace omendb {

enum class JsonKind : std::uint8_t { Null, Bool, Integer, Unsigned, Number, String, Array, Object };

// A value inside a JsonDocument, which outlives it. Unsigned is an integer that only an unsigned one can hold.
class Json {
 public:
  JsonKind kind() const { return kind_; }
  bool is(JsonKind kind) const { return kind_ == kind; }
  bool is_integer() const { return kind_ == JsonKind::Integer || kind_ == JsonKind::Unsigned; }
  bool is_number() const { return is_integer() || kind_ == JsonKind::Number; }

  // The text it was read from; of a string the decoded one.
  std::string_view text() const { return text_; }
  std::string_view key() const { return key_; }  // its name in the object that it is of

  // Of an array or an object, in their order; else empty.
  std::span<const Json> items() const { return {items_, count_}; }

  // Of an object: nullptr if it is not there or null. Of several the last.
  const Json* find(std::string_view name) const;

  bool as_bool() const { return integer_ != 0; }
  double as_double() const;  // of a number
  std::uint64_t as_bits() const { return integer_; }

 private:
  friend class JsonTree;
  JsonKind kind_ = JsonKind::Null;
  std::uint32_t count_ = 0;
  std::string_view text_;
  std::string_view key_;
  union {
    const Json* items_ = nullptr;
    std::uint64_t integer_;  // Bool, Integer (two's complement), Unsigned
    double number_;
  };
};

// Not moved in memory: the tree points into itself.
class JsonDocument {
 public:
  // `body` has 64 readable bytes behind it and outlives the document. An empty body is as bad as one that does not
  // parse: 400.
  // `memory` covers the body and the tree; 429 if it cannot, and 413 if it never could.
  static Outcome<JsonDocument> parse(std::string_view body, MemoryLease* memory = nullptr,
                                     std::size_t depth_max = kJsonDepthMax);

  const Json& root() const;

  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;
  ~JsonDocument();

 private:
  explicit JsonDocument(std::unique_ptr<class JsonTree> tree);
  std::unique_ptr<class JsonTree> tree_;
};

// --- Reading with Qdrant's refusals. `where` is the path for messages.

Outcome<const Json*> need(const Json& object, std::string_view name);  // 400 "missing field `name`"
Outcome<std::string_view> read_string(const Json& json, std::string_view where);
Outcome<bool> read_bool(const Json& json, std::string_view where);
Outcome<double> read_double(const Json& json, std::string_view where);
Outcome<std::uint64_t> read_unsigned(const Json& json, std::string_view where);
Outcome<PointId> read_point_id(const Json& json, std::string_view where);
Outcome<std::vector<PointId>> read_point_ids(const Json& json, std::string_view where);
Outcome<std::vector<float>> read_floats(const Json& json, std::string_view where);

Outcome<std::string_view> need_string(const Json& object, std::string_view name);
Outcome<std::uint64_t> need_unsigned(const Json& object, std::string_view name);

// Members that may be missing or null.
Outcome<std::optional<std::string_view>> maybe_string(const Json& object, std::string_view name);
Outcome<std::optional<bool>> maybe_bool(const Json& object, std::string_view name);
Outcome<std::optional<double>> maybe_double(const Json& object, std::string_view name);
Outcome<std::optional<std::uint64_t>> maybe_unsigned(const Json& object, std::string_view name);

// At least `least` and at most `most`: 422 with Qdrant's text if not.
Outcome<std::uint64_t> in_bounds(std::uint64_t value, std::string_view path, std::uint64_t least, std::uint64_t most);

// 400 unless it is an object.
// The elements of a member that must be there and a list.
Outcome<std::span<const Json>> need_list(const Json& object, std::string_view name);
Outcome<void> must_be_list(const Json& json, std::string_view where);
Outcome<void> must_be_object(const Json& json, std::string_view where);

}  // namespace omendb
