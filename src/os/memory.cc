#include "os/memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <utility>

#include "base/assert.h"
#include "os/cgroup.h"

namespace omendb {
namespace {

constexpr std::uint64_t kAddressesMax = 1ull << 47;  // of a process on x86-64
constexpr std::uint64_t kHugePageBytes = 2ull << 20;

// The arrays of a small collection are many, and each would take a huge page for a few bytes.
constexpr std::uint64_t kSmallStepBytes = 64ull << 10;

std::uint64_t rounded_up(std::uint64_t bytes, std::uint64_t step = kHugePageBytes) {
  return (bytes + step - 1) / step * step;
}

std::string in_bytes(std::uint64_t bytes) { return std::to_string(bytes) + " bytes"; }

std::uint64_t physical_memory_bytes() {
  const long pages = ::sysconf(_SC_PHYS_PAGES);
  const long page_bytes = ::sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page_bytes <= 0) return std::numeric_limits<std::uint64_t>::max();
  return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page_bytes);
}

std::string text_of_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

Result<GrowingMemory> GrowingMemory::reserve(std::uint64_t capacity_bytes) {
  if (capacity_bytes > kAddressesMax) {  // so the sums below cannot wrap
    return Error{ErrorCode::OutOfBudget, "no address space for " + in_bytes(capacity_bytes)};
  }
  // One huge page more than needed, so that an aligned range is inside; the ends are given back.
  const std::uint64_t capacity = std::max(rounded_up(capacity_bytes), kHugePageBytes);
  const std::uint64_t mapped = capacity + kHugePageBytes;
  void* const raw = ::mmap(nullptr, mapped, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (raw == MAP_FAILED) return Error{ErrorCode::OutOfBudget, "no address space for " + in_bytes(capacity_bytes)};

  std::byte* const begin = static_cast<std::byte*>(raw);
  const auto address = reinterpret_cast<std::uintptr_t>(begin);
  const std::uint64_t head = rounded_up(address) - address;
  const std::uint64_t tail = kHugePageBytes - head;
  if (head > 0) ::munmap(begin, head);
  if (tail > 0) ::munmap(begin + head + capacity, tail);

  GrowingMemory memory;
  memory.data_ = begin + head;
  memory.capacity_ = capacity;
  // Advice: a kernel without huge pages refuses, and all still works. While less than a huge page is usable, the kernel
  // gives none.
  ::madvise(memory.data_, capacity, MADV_HUGEPAGE);
  return memory;
}

GrowingMemory::GrowingMemory(GrowingMemory&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

GrowingMemory& GrowingMemory::operator=(GrowingMemory&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(capacity_, other.capacity_);
  return *this;
}

GrowingMemory::~GrowingMemory() {
  if (data_ != nullptr) ::munmap(data_, capacity_);
}

Result<void> GrowingMemory::grow(std::uint64_t bytes) {
  if (bytes <= size_) return {};
  if (bytes > capacity_) {
    return Error{ErrorCode::OutOfBudget, in_bytes(bytes) + " wanted where " + in_bytes(capacity_) + " are reserved"};
  }
  const std::uint64_t size = rounded_up(bytes, bytes < kHugePageBytes ? kSmallStepBytes : kHugePageBytes);
  if (::mprotect(data_ + size_, size - size_, PROT_READ | PROT_WRITE) != 0) {
    return Error{ErrorCode::OutOfBudget,
                 "the system has no memory to grow from " + in_bytes(size_) + " to " + in_bytes(size)};
  }
  size_ = size;
  return {};
}

std::uint64_t free_address_bytes() {
  std::ifstream statistics("/proc/self/statm");
  std::uint64_t pages = 0;
  statistics >> pages;
  const std::uint64_t page_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return kAddressesMax - std::min(kAddressesMax, pages * page_bytes);
}

std::uint64_t memory_limit_bytes() {
  const auto limit = cgroup_memory_limit(text_of_file("/proc/self/cgroup"), "/sys/fs/cgroup");
  return std::min(limit.value_or(std::numeric_limits<std::uint64_t>::max()), physical_memory_bytes());
}

std::uint64_t anonymous_memory_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    constexpr std::string_view kKey = "RssAnon:";
    if (!line.starts_with(kKey)) continue;
    std::uint64_t kibibytes = 0;
    std::istringstream(line.substr(kKey.size())) >> kibibytes;
    return kibibytes * 1024;
  }
  return 0;
}

}  // namespace omendb
