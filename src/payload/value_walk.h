// ValueWalk: the values of a field's index one after the other, where its parts are one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "omendb/types.h"
#include "payload/field_index.h"

namespace omendb {

class ValueWalk {
 public:
  // Where a part has the value.
  struct Place {
    std::size_t part;
    std::uint32_t value;
  };

  // Upwards through all values. The index outlives it.
  explicit ValueWalk(const FieldIndex& index);

  // As the order says, whose key is the index's; it serves orders (payload/order_values.h).
  ValueWalk(const FieldIndex& index, const OrderBy& order);

  // To the next value, also to the first; false: there is none. What was asked of the one before is no longer valid.
  bool next();

  // Of the value it is at.
  std::string_view key() const { return key_; }              // as payload/value_key.h writes it
  std::span<const Place> places() const { return places_; }  // one for each part that has it

 private:
  std::uint32_t ahead(std::size_t part) const;

  const FieldIndex& index_;
  const bool descending_ = false;
  std::vector<ValueRange> left_;  // one a part
  std::string_view key_;
  std::vector<Place> places_;
};

}  // namespace omendb
