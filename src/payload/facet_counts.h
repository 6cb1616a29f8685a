// FacetCounts: how many rows have each value of a field, as its index knows them and as their payloads say.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "omendb/types.h"
#include "payload/field_index.h"
#include "payload/json_path.h"

namespace omendb {

class FacetCounts {
 public:
  // Whether an index of this type holds the values that facet_values() finds, but for rows with values of other types.
  static bool serves(FieldType type);

  // Counts nothing yet. The index outlives it.
  explicit FacetCounts(const FieldIndex& index);

  // All rows that the index covers.
  void add_all();

  // The row's values, as the index has them: one more, or one less. It covers the row.
  void add(Row row);
  void subtract(Row row);

  // The payload's.
  void add(std::string_view payload, const JsonPath& path);

  // The values of the most rows, by count, then value.
  std::vector<FacetHit> most(std::uint32_t limit) const;

 private:
  template <class Change>
  void change(Row row, Change change);

  const FieldIndex& index_;
  std::vector<std::vector<std::uint32_t>> by_part_;  // one a value
  std::map<FacetValue, std::uint64_t> by_payload_;
};

}  // namespace omendb
