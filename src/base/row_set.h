// RowSet: some of the rows [0, end), a bit each.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/row.h"

namespace omendb {

class RowSet {
 public:
  explicit RowSet(std::uint32_t end) : end_(end), words_(end / kRowsAWord + 1) {}

  void insert(Row row) { words_[index(row) / kRowsAWord] |= std::uint32_t{1} << index(row) % kRowsAWord; }
  bool contains(Row row) const { return (words_[index(row) / kRowsAWord] >> index(row) % kRowsAWord & 1) != 0; }

  // With a set of the same rows.
  RowSet& operator|=(const RowSet& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
    return *this;
  }
  RowSet& operator&=(const RowSet& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
    return *this;
  }
  RowSet& operator-=(const RowSet& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= ~other.words_[i];
    return *this;
  }

  // The others of [0, end).
  void invert() {
    for (std::uint32_t& word : words_) word = ~word;
    words_.back() &= (std::uint32_t{1} << end_ % kRowsAWord) - 1;
  }

  std::uint64_t size() const {
    std::uint64_t rows = 0;
    for (const std::uint32_t word : words_) rows += static_cast<std::uint32_t>(std::popcount(word));
    return rows;
  }

  // Ascending.
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::uint32_t number = 0; number < words(); ++number) {
      for (std::uint32_t rest = words_[number]; rest != 0; rest &= rest - 1) {
        visit(Row{number * kRowsAWord + static_cast<std::uint32_t>(std::countr_zero(rest))});
      }
    }
  }

  // Up to about `count` of them, spread over all.
  std::vector<Row> spread(std::uint32_t count) const {
    const std::uint64_t stride = std::max<std::uint64_t>(size() / count, 1);
    std::vector<Row> rows;
    std::uint64_t skipped = stride;
    for (std::uint32_t number = 0; number < words(); ++number) {
      const auto in_word = static_cast<std::uint32_t>(std::popcount(words_[number]));
      if (skipped + in_word < stride) {
        skipped += in_word;
        continue;
      }
      for (std::uint32_t rest = words_[number]; rest != 0; rest &= rest - 1) {
        if (skipped++ < stride) continue;
        rows.push_back(Row{number * kRowsAWord + static_cast<std::uint32_t>(std::countr_zero(rest))});
        skipped = 1;
      }
    }
    return rows;
  }

  // Rows [32 word, 32 word + 32), the lowest bit first.
  std::uint32_t word(std::uint32_t word) const { return words_[word]; }
  std::uint32_t words() const { return static_cast<std::uint32_t>(words_.size()); }
  std::uint32_t end() const { return end_; }

 private:
  static constexpr std::uint32_t kRowsAWord = 32;
  std::uint32_t end_;
  std::vector<std::uint32_t> words_;
};

}  // namespace omendb
