// FieldPart: what a range of rows holds in one field: the values, sorted; the rows of each value; the values of each row.
// Immutable. A field's index is a list of parts (payload/field_index.h).
//
// Payloads may change: a part says how many changes had happened when it began to read them, and does not count for the
// rows that were changed since (IndexedFilter).
//
// A part answers for values of its type. Values of other types at the same path are not in it; the rows that have any
// are listed as others, so that a part never answers for what it does not know.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/function_ref.h"
#include "base/row.h"
#include "omendb/field_index.h"
#include "omendb/filter.h"
#include "omendb/types.h"
#include "payload/known_rows.h"

namespace omendb {

// Places in a part's sorted values: [begin, end).
struct ValueRange {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

// What a part knows of a test.
struct PartMatch {
  // What a row among the others means.
  enum class Others : std::uint8_t { Fail, Pass, Unknown };

  std::vector<ValueRange> passing;  // ascending, not touching
  bool exact = true;                // false: a row with a passing value may still fail
  Others others = Others::Fail;
};

// Whose part it is: a file of another collection, generation or field is none of this one's.
struct FieldPartIdentity {
  std::uint64_t collection = 0;
  std::uint64_t generation = 0;
  std::uint64_t field = 0;  // its definition's number

  friend bool operator==(const FieldPartIdentity&, const FieldPartIdentity&) = default;
};

class FieldPart {
 public:
  // As bytes at rest, and back.
  //   Corruption   the bytes are not what was written, or of another identity
  //   Unsupported  a newer format
  Bytes encode(const FieldPartIdentity& identity) const;
  static Result<FieldPart> decode(std::span<const std::byte> bytes, const FieldPartIdentity& identity);

  FieldType type() const { return type_; }
  RowRange rows() const { return rows_; }
  std::uint64_t changes_seen() const { return changes_seen_; }
  std::uint64_t changes_known() const { return changes_known_; }  // later ones it may hold: not more than these
  std::uint64_t pairs() const { return postings_.size(); }  // of a value and a row
  std::uint64_t memory_bytes() const;

  // --- Value by value, at places from 0 on; and the rows that have values of another type, ascending.
  std::uint32_t size() const { return static_cast<std::uint32_t>(key_ends_.size()); }
  std::string_view key(std::uint32_t place) const;
  std::span<const Row> rows_of(ValueRange values) const;
  std::span<const std::uint32_t> values_of(Row row) const;
  std::span<const Row> others() const { return others_; }

  // Of an index that serves orders (payload/order_values.h): the values from `start` on, up or down.
  ValueRange values_from(const OrderValue& start, bool descending) const;

  // --- Test by test.

  // Whether the row has a value of the index's type. An index of UUIDs holds other texts, too.
  bool has_value(Row row) const;

  // nullopt: this type of index knows nothing of such a test.
  std::optional<PartMatch> match(const FieldTest& test) const;

  // Whether the row passes; nullopt: its payload must be asked.
  std::optional<bool> passes(const PartMatch& match, Row row) const;

  // How many rows may pass, at most, and which, and whether that is certain; some may come twice.
  std::uint64_t rows_max(const PartMatch& match) const;
  void for_each_row(const PartMatch& match, FunctionRef<void(Row, bool certain)> visit) const;

  // The same into `rows`, which may end before the part does; a row that came before may become unsure.
  void add_rows(const PartMatch& match, KnownRows& rows) const;

 private:
  friend class FieldPartBuilder;

  Result<void> check() const;  // of what was decoded: that every place it names is there

  template <class Below>
  std::uint32_t first_not(Below below) const;
  std::uint32_t first_not_below(std::string_view key) const;
  ValueRange equal_to(std::string_view key) const;
  ValueRange starting_with(std::string_view prefix) const;
  template <class T>
  ValueRange within(const Bounds<T>& bounds) const;
  ValueRange integers_within(const NumberRange& range) const;
  template <class Holds>
  std::vector<ValueRange> where(ValueRange values, Holds holds) const;
  template <class T>
  std::vector<ValueRange> any_of(const std::vector<T>& list) const;
  std::vector<ValueRange> none_of(const std::vector<ValueRange>& values) const;

  std::optional<PartMatch> match_keyword(const FieldTest& test) const;
  std::optional<PartMatch> match_integer(const FieldTest& test) const;
  std::optional<PartMatch> match_number(const FieldTest& test) const;
  std::optional<PartMatch> match_place(const FieldTest& test) const;
  std::optional<PartMatch> match_words(const FieldTest& test) const;

  FieldType type_ = FieldType::Keyword;
  RowRange rows_;
  std::uint64_t changes_seen_ = 0;
  std::uint64_t changes_known_ = 0;          // not at rest: what is saved knows durable changes only
  std::string keys_;                         // of the values (payload/value_key.h), sorted, each once
  std::vector<std::uint64_t> key_ends_;      // one a value
  std::vector<std::uint32_t> posting_ends_;  // one a value
  std::vector<Row> postings_;                // ascending for each value
  std::vector<std::uint32_t> row_ends_;      // one a row
  std::vector<std::uint32_t> row_values_;    // places of values, ascending for each row
  std::vector<Row> others_;                  // ascending
};

}  // namespace omendb
