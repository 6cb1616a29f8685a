// For tests: memory between two pages that end the program when touched, proving that kernels stay inside their arrays.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <span>

#include "base/assert.h"

namespace omendb::simd {

template <class T>
class GuardedArray {
 public:
  explicit GuardedArray(std::size_t size_max) {
    const std::size_t page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t inner = (size_max * sizeof(T) + page - 1) / page * page;
    mapped_bytes_ = inner + 2 * page;
    mapped_ = mmap(nullptr, mapped_bytes_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    OMEN_ASSERT(mapped_ != MAP_FAILED);
    first_ = static_cast<std::byte*>(mapped_) + page;
    end_ = first_ + inner;
    OMEN_ASSERT(mprotect(first_, inner, PROT_READ | PROT_WRITE) == 0);
  }
  ~GuardedArray() { munmap(mapped_, mapped_bytes_); }
  GuardedArray(const GuardedArray&) = delete;
  GuardedArray& operator=(const GuardedArray&) = delete;

  // The n values directly after the page before, or directly before the page behind.
  std::span<T> first(std::size_t n) { return {reinterpret_cast<T*>(first_), n}; }
  std::span<T> last(std::size_t n) { return {reinterpret_cast<T*>(end_ - n * sizeof(T)), n}; }

 private:
  void* mapped_;
  std::size_t mapped_bytes_;
  std::byte* first_;
  std::byte* end_;
};

}  // namespace omendb::simd
