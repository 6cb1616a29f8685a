#include "os/simulated_contents.h"

#include <sys/mman.h>

#include <algorithm>
#include <limits>

#include "base/assert.h"

namespace omendb {
namespace {

// More than any test writes; little enough for many files in the terabyte that thread sanitizer leaves to maps.
constexpr std::uint64_t kCapacityMax = 16ull << 30;

// So that a file mapped as long as it is can still be appended to.
constexpr std::uint64_t kCapacityMin = 1ull << 30;

constexpr std::uint64_t kMapPageBytes = 4096;

std::uint64_t whole_pages(std::uint64_t bytes) { return (bytes + kMapPageBytes - 1) / kMapPageBytes * kMapPageBytes; }

}  // namespace

std::shared_ptr<MappedBytes> MappedBytes::reserve(std::uint64_t capacity) {
  const std::uint64_t bytes = whole_pages(std::clamp(capacity, kCapacityMin, kCapacityMax));
  void* const data = ::mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (data == MAP_FAILED) return nullptr;
  return std::make_shared<MappedBytes>(static_cast<std::byte*>(data), bytes);
}

MappedBytes::~MappedBytes() { ::munmap(data_, capacity_); }

void MappedBytes::resize(std::uint64_t size) {
  OMEN_ASSERT(size <= capacity_);
  const std::uint64_t before = whole_pages(size_);
  const std::uint64_t after = whole_pages(size);
  if (after > before) OMEN_ASSERT(::mprotect(data_ + before, after - before, PROT_READ | PROT_WRITE) == 0);
  if (after < before) {
    OMEN_ASSERT(::madvise(data_ + after, before - after, MADV_DONTNEED) == 0);  // they come back as zeros
    OMEN_ASSERT(::mprotect(data_ + after, before - after, PROT_NONE) == 0);
  }
  if (size < size_) std::fill(data_ + size, data_ + std::min(size_, after), std::byte{0});
  size_ = size;
}

SimulatedContents::SimulatedContents(const SimulatedContents& other)
    : size_(other.size_),
      unmapped_(other.bytes().begin(), other.bytes().end()),
      pending_(other.pending_),
      synced_size_(other.synced_size_),
      sizes_(other.sizes_) {}

std::uint64_t SimulatedContents::size_max() const {
  return mapped_ ? mapped_->capacity() : std::numeric_limits<std::uint64_t>::max();
}

SimulatedContents::Page SimulatedContents::page_at(std::uint64_t number) const {
  Page page{};
  const std::uint64_t begin = number * kPageBytes;
  if (begin >= size_) return page;
  std::copy_n(data() + begin, std::min(kPageBytes, size_ - begin), page.begin());
  return page;
}

SimulatedContents::PendingPage& SimulatedContents::pending_page(std::uint64_t number) {
  const auto found = pending_.find(number);
  if (found != pending_.end()) return found->second;
  return pending_.emplace(number, PendingPage{page_at(number), {}, false}).first->second;
}

// Makes a pending piece of every page that [begin, end) touches. `change(at, bytes)` fills `bytes`, which lie at offset
// `at` of the file.
template <class Change>
void SimulatedContents::change_pages(std::uint64_t begin, std::uint64_t end, Change change) {
  for (std::uint64_t at = begin; at < end;) {
    const std::uint64_t number = at / kPageBytes;
    const std::uint64_t until = std::min(end, (number + 1) * kPageBytes);
    PendingPage& page = pending_page(number);
    Piece piece{at % kPageBytes, std::vector<std::byte>(until - at)};
    change(at, std::span(piece.bytes));
    if (page.dropped && page.pieces.empty()) {
      // Dirty again, the page is written out whole, with the bytes an earlier sync lost.
      const Page whole = page_at(number);
      std::vector<std::byte> bytes(whole.begin(), whole.end());
      std::ranges::copy(piece.bytes, bytes.begin() + static_cast<std::ptrdiff_t>(piece.begin));
      piece = Piece{0, std::move(bytes)};
    }
    page.pieces.push_back(std::move(piece));
    at = until;
  }
}

void SimulatedContents::resize(std::uint64_t size) {
  if (mapped_) {
    mapped_->resize(size);
  } else {
    unmapped_.resize(size);
  }
  size_ = size;
}

void SimulatedContents::write(std::uint64_t offset, std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  const std::uint64_t end = offset + bytes.size();
  change_pages(offset, end, [&](std::uint64_t at, std::span<std::byte> piece) {
    std::ranges::copy(bytes.subspan(at - offset, piece.size()), piece.begin());
  });
  if (end > size_) {
    resize(end);
    sizes_.push_back(end);
  }
  std::ranges::copy(bytes, data() + offset);
}

void SimulatedContents::truncate(std::uint64_t size) {
  if (size == size_) return;
  // The bytes cut off are zeros should the file grow again, and may be even if the old size comes back.
  change_pages(std::min(size, size_), size_, [](std::uint64_t, std::span<std::byte>) {});
  resize(size);
  sizes_.push_back(size);
}

void SimulatedContents::sync() {
  synced_size_ = size_;
  sizes_.clear();
  std::erase_if(pending_, [](const auto& page) { return !page.second.pieces.empty(); });
}

void SimulatedContents::fail_sync() {
  for (auto& [number, page] : pending_) {
    page.pieces.clear();
    page.dropped = true;
  }
}

void SimulatedContents::damage(std::uint64_t offset, std::byte mask) {
  OMEN_ASSERT(offset < size_);
  data()[offset] ^= mask;
  const auto page = pending_.find(offset / kPageBytes);
  if (page != pending_.end()) page->second.durable[offset % kPageBytes] ^= mask;
}

void SimulatedContents::cut_short(std::uint64_t size) {
  OMEN_ASSERT(size <= size_);
  resize(size);
  sync();
  pending_.clear();
}

SimulatedContents::Page SimulatedContents::first_pieces(const PendingPage& page, std::uint64_t count) {
  Page result = page.durable;
  for (const Piece& piece : std::span(page.pieces).first(count)) {
    std::ranges::copy(piece.bytes, result.begin() + static_cast<std::ptrdiff_t>(piece.begin));
  }
  return result;
}

SimulatedContents::Page SimulatedContents::cut_page(const PendingPage& page, std::uint64_t keep_quarters,
                                                    SeededNumbers& numbers) {
  const std::uint64_t all = page.pieces.size();
  if (numbers.happens(keep_quarters)) return first_pieces(page, all);
  const std::uint64_t written = numbers.below(all + 1);  // when the kernel last began to write the page out
  Page result = first_pieces(page, written);
  if (written == 0 || numbers.happens(2)) return result;

  const Page before = first_pieces(page, numbers.below(written));  // and it was cut off in the middle of it
  for (std::uint64_t sector = 0; sector < kPageBytes; sector += kSectorBytes) {
    if (numbers.happens(2)) std::copy_n(before.begin() + sector, kSectorBytes, result.begin() + sector);
  }
  return result;
}

std::uint64_t SimulatedContents::cut_size(SeededNumbers& numbers) const {
  if (sizes_.empty()) return synced_size_;
  switch (numbers.below(3)) {
    case 0: return synced_size_;
    case 1: return size_;
    default: return sizes_[numbers.below(sizes_.size())];
  }
}

std::shared_ptr<SimulatedContents> SimulatedContents::after_cut(SeededNumbers& numbers) const {
  auto found = std::make_shared<SimulatedContents>();
  std::vector<std::byte>& bytes = found->unmapped_;
  bytes.assign(data(), data() + size_);
  // Some files keep all, some nothing: with one even chance a file of many pages would never be seen whole.
  const std::uint64_t keep_quarters = numbers.below(5);
  for (const auto& [number, page] : pending_) {
    const Page kept = cut_page(page, keep_quarters, numbers);
    bytes.resize(std::max(bytes.size(), (number + 1) * kPageBytes));
    std::ranges::copy(kept, bytes.begin() + static_cast<std::ptrdiff_t>(number * kPageBytes));
  }
  bytes.resize(cut_size(numbers));
  found->size_ = found->synced_size_ = bytes.size();
  return found;
}

std::shared_ptr<const MappedBytes> SimulatedContents::map(std::uint64_t capacity) {
  if (mapped_ && mapped_->capacity() >= std::min(capacity, kCapacityMax)) return mapped_;
  if (mapped_ && mapped_.use_count() > 1) return nullptr;

  auto mapped = MappedBytes::reserve(std::max(capacity, size_));
  if (!mapped || mapped->capacity() < size_) return nullptr;
  mapped->resize(size_);
  std::copy_n(data(), size_, mapped->data());
  mapped_ = std::move(mapped);
  unmapped_ = {};
  return mapped_;
}

}  // namespace omendb
