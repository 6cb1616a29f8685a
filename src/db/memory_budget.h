// The memory budget that all collections of a database share: asked before rows are taken, so that it is kept by
// refusing writes and not by the kernel's killer.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "omendb/result.h"

namespace omendb {

class MemoryBudget {
 public:
  explicit MemoryBudget(std::uint64_t bytes) : bytes_(bytes) {}

  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t used() const { return used_.load(std::memory_order_relaxed); }

  // Takes room for `rows` rows of `bytes_per_row`, or OutOfBudget with the number of rows that fit. Any thread.
  Result<void> take_rows(std::uint64_t rows, std::uint64_t bytes_per_row) {
    const std::uint64_t wanted = rows * bytes_per_row;
    std::uint64_t used = used_.load(std::memory_order_relaxed);
    do {
      const std::uint64_t free = bytes_ > used ? bytes_ - used : 0;
      if (wanted > free) return refusal(rows, free, bytes_per_row);
    } while (!used_.compare_exchange_weak(used, used + wanted, std::memory_order_relaxed));
    return {};
  }

  // What is there already, over the budget or not: a database that has outgrown a smaller budget still opens.
  void take_anyway(std::uint64_t bytes) { used_.fetch_add(bytes, std::memory_order_relaxed); }
  void give_back(std::uint64_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }

 private:
  Error refusal(std::uint64_t rows, std::uint64_t free, std::uint64_t bytes_per_row) const {
    return {ErrorCode::OutOfBudget, std::to_string(rows) + " more rows are over the memory budget of " +
                                        std::to_string(bytes_ >> 20) + " MiB; " + std::to_string(free / bytes_per_row) +
                                        " rows of " + std::to_string(bytes_per_row) + " bytes fit"};
  }

  const std::uint64_t bytes_;

  // A count alone: nothing else becomes visible through it.
  std::atomic<std::uint64_t> used_{0};
};

// Room taken for one thing, given back with it. The budget outlives it.
class MemoryShare {
 public:
  MemoryShare() = default;
  static Result<MemoryShare> take(MemoryBudget& budget, std::uint64_t rows, std::uint64_t bytes_per_row) {
    const Result<void> taken = budget.take_rows(rows, bytes_per_row);
    if (!taken.ok()) return taken.error();
    MemoryShare share;
    share.budget_ = &budget;
    share.bytes_ = rows * bytes_per_row;
    return share;
  }

  MemoryShare(MemoryShare&& other) noexcept
      : budget_(std::exchange(other.budget_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  MemoryShare& operator=(MemoryShare&&) = delete;
  ~MemoryShare() {
    if (budget_ != nullptr) budget_->give_back(bytes_);
  }

 private:
  MemoryBudget* budget_ = nullptr;
  std::uint64_t bytes_ = 0;
};

}  // namespace omendb
