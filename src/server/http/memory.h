// RequestMemory: what all requests together hold, of bodies, of what is made of them, and of answers on their way. It is
// asked before the memory is used, so that a flood is refused and does not end the process.
#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace omendb {

class RequestMemory {
 public:
  explicit RequestMemory(std::size_t limit) : limit_(limit) {}
  RequestMemory(const RequestMemory&) = delete;
  RequestMemory& operator=(const RequestMemory&) = delete;

  std::size_t limit() const { return limit_; }
  std::size_t used() const { return used_.load(std::memory_order_relaxed); }

  bool take(std::size_t bytes) {
    std::size_t used = used_.load(std::memory_order_relaxed);
    do {
      if (bytes > limit_ || used > limit_ - bytes) return false;
    } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
    return true;
  }
  void give_back(std::size_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }

 private:
  const std::size_t limit_;

  // A count alone: nothing else becomes visible through it.
  std::atomic<std::size_t> used_{0};
};

// One request's share, given back when it ends. Not for two threads at once. Without a memory everything is granted.
class MemoryLease {
 public:
  // So much each request has without asking: small ones are answered while large ones are refused, and the number of
  // connections bounds them.
  static constexpr std::size_t kFreeBytes = std::size_t{64} << 10;

  MemoryLease() = default;
  explicit MemoryLease(RequestMemory& memory) : memory_(&memory) {}
  MemoryLease(MemoryLease&& other) noexcept : memory_(other.memory_), taken_(std::exchange(other.taken_, 0)) {}
  MemoryLease& operator=(MemoryLease&& other) noexcept {
    std::swap(memory_, other.memory_);
    std::swap(taken_, other.taken_);
    return *this;
  }
  ~MemoryLease() { release(); }

  // At least `bytes` from here on; false, and as before, if they are not there now.
  [[nodiscard]] bool cover(std::size_t bytes) {
    if (memory_ == nullptr || bytes <= kFreeBytes + taken_) return true;
    const std::size_t more = (bytes - kFreeBytes - taken_ + kStep - 1) / kStep * kStep;
    if (!memory_->take(more)) return false;
    taken_ += more;
    return true;
  }

  // Whether there is so much at all.
  bool can_cover(std::size_t bytes) const { return memory_ == nullptr || bytes <= memory_->limit(); }

  void release() {
    if (taken_ > 0) memory_->give_back(std::exchange(taken_, 0));
  }

  // Another one of the same memory.
  MemoryLease sibling() const { return memory_ == nullptr ? MemoryLease() : MemoryLease(*memory_); }

 private:
  static constexpr std::size_t kStep = std::size_t{64} << 10;

  RequestMemory* memory_ = nullptr;  // outlives it
  std::size_t taken_ = 0;
};

}  // namespace omendb
