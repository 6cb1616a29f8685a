// RowSet: some of the rows [0, end), a bit each.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/row.h"

namespace omendb {

class RowSet {
 public:
  explicit RowSet(std::uint32_t end) : words_(end / kRowsAWord + 1) {}

  void insert(Row row) { words_[index(row) / kRowsAWord] |= std::uint32_t{1} << index(row) % kRowsAWord; }
  bool contains(Row row) const { return (words_[index(row) / kRowsAWord] >> index(row) % kRowsAWord & 1) != 0; }

  // Rows [32 word, 32 word + 32), the lowest bit first.
  std::uint32_t word(std::uint32_t word) const { return words_[word]; }
  std::uint32_t words() const { return static_cast<std::uint32_t>(words_.size()); }

 private:
  static constexpr std::uint32_t kRowsAWord = 32;
  std::vector<std::uint32_t> words_;
};

}  // namespace omendb
