// Memory: arrays that grow without moving, on huge pages; and how much of it there is.
#pragma once

#include <cstddef>
#include <cstdint>

#include "omendb/result.h"

namespace omendb {

// Anonymous memory in address space reserved once: grows in place, so readers of what is there need no lock.
// Zero-filled, 2 MiB aligned, on huge pages where the kernel has them, but for arrays of less than one.
class GrowingMemory {
 public:
  // Reserves address space only. OutOfBudget if the kernel has none left.
  static Result<GrowingMemory> reserve(std::uint64_t capacity_bytes);

  GrowingMemory() = default;
  GrowingMemory(GrowingMemory&& other) noexcept;
  GrowingMemory& operator=(GrowingMemory&& other) noexcept;
  ~GrowingMemory();

  std::byte* data() const { return data_; }
  std::uint64_t size() const { return size_; }          // usable bytes
  std::uint64_t capacity() const { return capacity_; }

  // Writer only: at least `bytes` usable (grown by steps of 64 KiB, then of 2 MiB). OutOfBudget when the kernel refuses.
  Result<void> grow(std::uint64_t bytes);

 private:
  std::byte* data_ = nullptr;
  std::uint64_t size_ = 0;
  std::uint64_t capacity_ = 0;
};

// Address space that this process has left of its 128 TiB.
std::uint64_t free_address_bytes();

// What this process may use: the smallest of physical memory and the limits of its cgroups (v1 or v2).
std::uint64_t memory_limit_bytes();

// Anonymous memory of this process now (RssAnon), 0 if unknown.
std::uint64_t anonymous_memory_bytes();

}  // namespace omendb
