// Which rows of a View may be returned. A small value, passed by copy into every search.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/row.h"
#include "omendb/types.h"

namespace omendb {

class LiveRows {
 public:
  // `erased_at`: one word a row, 0 while it lives (storage/generation.h). nullptr: every row lives.
  LiveRows(const std::atomic<std::uint64_t>* erased_at, Lsn lsn) : erased_at_(erased_at), lsn_(lsn) {}

  bool contains(Row row) const {
    if (erased_at_ == nullptr) return true;
    const std::uint64_t erased_at = erased_at_[index(row)].load(std::memory_order_acquire);
    return erased_at == 0 || erased_at > lsn_;
  }

 private:
  const std::atomic<std::uint64_t>* erased_at_;
  Lsn lsn_;
};

}  // namespace omendb
