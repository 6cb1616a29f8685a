// JSON text, written from front to back. Commas come by themselves; that braces and keys are balanced is the caller's
// part.
#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "omendb/point_id.h"

namespace omendb {

class JsonWriter {
 public:
  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);

  JsonWriter& string(std::string_view text);
  JsonWriter& boolean(bool value) { return raw(value ? "true" : "false"); }
  JsonWriter& null() { return raw("null"); }
  JsonWriter& integer(std::uint64_t value);
  JsonWriter& integer(std::int64_t value);
  // The shortest decimal that reads back as the same float or double: 0.19, not 0.18999999761581421. Whole numbers keep
  // a
  // ".0", so that readers with types see a float. What JSON has no word for is null.
  JsonWriter& number(float value);
  JsonWriter& number(double value);
  JsonWriter& numbers(std::span<const float> values);  // as an array
  JsonWriter& id(PointId id);                          // a number, or a UUID's text
  JsonWriter& raw(std::string_view json);              // as it is; not empty

  template <std::integral T>
  JsonWriter& member(std::string_view name, T value) {
    key(name);
    if constexpr (std::same_as<T, bool>) {
      return boolean(value);
    } else if constexpr (std::signed_integral<T>) {
      return integer(std::int64_t{value});
    } else {
      return integer(std::uint64_t{value});
    }
  }
  JsonWriter& member(std::string_view name, std::string_view text) { return key(name).string(text); }
  JsonWriter& member(std::string_view name, const char* text) { return key(name).string(text); }
  JsonWriter& member(std::string_view name, double value) { return key(name).number(value); }

  const std::string& text() const { return text_; }
  std::string take() { return std::move(text_); }
  void reserve(std::size_t bytes) { text_.reserve(bytes); }

 private:
  JsonWriter& open(char brace);
  JsonWriter& close(char brace);
  void separate();

  std::string text_;
};

}  // namespace omendb
