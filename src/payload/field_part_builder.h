// Making a part of a field's index.
#pragma once

#include <simdjson.h>

#include <algorithm>
#include <compare>
#include <cstddef>
#include <string>
#include <vector>

#include "base/row.h"
#include "payload/field_part.h"
#include "payload/json_path.h"

namespace omendb {

// Gathers the values of one row after another.
class FieldPartBuilder {
 public:
  // `changes_seen`: how many changes of payloads had happened before the first is read.
  FieldPartBuilder(FieldType type, Row begin, std::uint64_t changes_seen = 0)
      : type_(type), rows_{index(begin), index(begin)}, changes_seen_(changes_seen), changes_known_(changes_seen) {}

  // The next row's payload, parsed.
  void add(const JsonPath& path, simdjson::dom::element payload);

  // The next row has none, or nobody will ask for it.
  void add_nothing() { ++rows_.end; }

  // How many changes there were after the last was read: payloads are read as of now, so later ones than were seen may be in.
  void know(std::uint64_t changes) { changes_known_ = std::max(changes_known_, changes); }

  // All of a neighbouring part of the same type, which begins where this ends.
  void add(const FieldPart& part);

  // Places in a part are 32 bits wide. One payload, of 16 MiB at most, adds fewer pairs than are left beyond this number.
  static constexpr std::uint64_t kPairsMax = std::uint64_t{1} << 30;
  bool full() const { return entries_.size() > kPairsMax; }

  FieldPart build() &&;

 private:
  struct Entry {
    std::string key;
    Row row;
    friend auto operator<=>(const Entry&, const Entry&) = default;
  };

  // False: the value is of another type.
  bool add_value(simdjson::dom::element value, Row row);

  FieldType type_;
  RowRange rows_;
  std::uint64_t changes_seen_;
  std::uint64_t changes_known_;
  std::vector<Entry> entries_;
  std::vector<Row> others_;
};

}  // namespace omendb
