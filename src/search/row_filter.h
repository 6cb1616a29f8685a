// Which rows of a View a search may return: the live ones, or those of them that a set has, or for which a predicate
// holds. A small value, passed by copy into every search.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/function_ref.h"
#include "base/row.h"
#include "base/row_set.h"
#include "omendb/types.h"

namespace omendb {

class RowFilter {
 public:
  using Predicate = FunctionRef<bool(Row)>;

  // `erased_at`: one word a row, 0 while it lives (storage/generation.h). nullptr: every row lives.
  RowFilter(const std::atomic<std::uint64_t>* erased_at, Lsn lsn) : erased_at_(erased_at), lsn_(lsn) {}

  // Only rows for which `predicate` holds. It outlives the filter, is called from the threads of the search, and costs
  // more than a distance: searches ask late.
  RowFilter where(const Predicate& predicate) const {
    RowFilter narrower = *this;
    narrower.predicate_ = &predicate;
    return narrower;
  }

  // Only rows of the set, which outlives the filter.
  RowFilter within(const RowSet& set) const {
    RowFilter narrower = *this;
    narrower.set_ = &set;
    return narrower;
  }

  bool contains(Row row) const {
    return (set_ == nullptr || set_->contains(row)) && lives(row) && (predicate_ == nullptr || (*predicate_)(row));
  }

  // Of the rows [32 word, 32 word + 32), those that the set has, the lowest bit first: all without a set.
  std::uint32_t word(std::uint32_t word) const { return set_ == nullptr ? ~std::uint32_t{0} : set_->word(word); }

  // The part of contains() that costs next to nothing.
  bool lives(Row row) const {
    if (erased_at_ == nullptr) return true;
    const std::uint64_t erased_at = erased_at_[index(row)].load(std::memory_order_acquire);
    return erased_at == 0 || erased_at > lsn_;
  }

  // Some live rows are left out, too.
  bool is_narrowed() const { return predicate_ != nullptr || set_ != nullptr; }

 private:
  const std::atomic<std::uint64_t>* erased_at_;
  Lsn lsn_;
  const RowSet* set_ = nullptr;
  const Predicate* predicate_ = nullptr;
};

}  // namespace omendb
