// SparsePart: the sparse vectors of a range of rows, by index: for each index the rows that have it, ascending, and their
// values there. Immutable. The index over all rows is a list of parts (search/sparse_index.h).
//
// A posting costs 6 bytes: 2 for the row within the part, 4 for the value as it was put. An index costs 8 more in each
// part that has it. So 65,536 rows with 75 values each, at 30,000 indices, are 29.5 MB of postings and 0.2 MB of indices.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/row.h"
#include "omendb/sparse_vector.h"

namespace omendb {

// As many as 16 bits count. A search adds products up in one double a row of a part: half a megabyte, which stays in the
// second cache while postings stream by.
constexpr std::uint32_t kSparsePartRowsMax = 1u << 16;

// The rows of one index, counted from the part's begin, and their values.
struct Postings {
  std::span<const std::uint16_t> rows;
  std::span<const float> values;
  std::size_t size() const { return rows.size(); }
};

class SparsePart {
 public:
  RowRange rows() const { return rows_; }
  std::uint64_t postings() const { return posting_rows_.size(); }
  std::uint64_t memory_bytes() const;

  // Empty if no row has the index.
  Postings postings_of(std::uint32_t index) const;

  // Of neighbours, in the order of their rows; together they have no more rows and postings than a part may have.
  static SparsePart merge(std::span<const std::shared_ptr<const SparsePart>> parts);

  // Places in a part are 32 bits wide.
  static constexpr std::uint64_t kPostingsMax = std::uint64_t{1} << 31;

 private:
  friend class SparsePartBuilder;

  Postings postings_at(std::size_t place) const;
  void reserve(std::size_t indices, std::size_t postings);

  RowRange rows_;
  std::vector<std::uint32_t> indices_;  // ascending
  std::vector<std::uint32_t> ends_;     // one an index: where its postings end
  std::vector<std::uint16_t> posting_rows_;
  std::vector<float> posting_values_;
};

// Gathers the vectors of one row after another.
class SparsePartBuilder {
 public:
  explicit SparsePartBuilder(Row begin) : rows_{index(begin), index(begin)} {}

  // The next row's vector, in any order of its indices; an empty one if the row has none or nobody will ask for it.
  void add(SparseView vector);

  // So many entries take 50 MB, and some 0.4 s to sort. The last vector may bring as many as a vector has beyond them.
  static constexpr std::size_t kEntriesMax = 1u << 22;

  // Takes no more rows.
  bool full() const { return rows_.size() == kSparsePartRowsMax || entries_.size() >= kEntriesMax; }

  SparsePart build() &&;

 private:
  struct Entry {
    std::uint32_t index;
    std::uint16_t row;
    float value;
  };

  RowRange rows_;
  std::vector<Entry> entries_;
};

}  // namespace omendb
