// The bytes of one simulated file: as a process sees them, and as a power cut may leave them.
//
// Since the last sync every page remembers what is durable and, in order, what was written over it; the model is told
// in simulated_disk.h. Not synchronised: SimulatedDisk holds its mutex around every call.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

namespace omendb {

// Numbers that follow from the seed alone, on every machine (splitmix64).
class SeededNumbers {
 public:
  explicit SeededNumbers(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t mixed = state_ += 0x9E37'79B9'7F4A'7C15;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58'476D'1CE4'E5B9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D0'49BB'1331'11EB;
    return mixed ^ (mixed >> 31);
  }
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  bool happens(std::uint64_t quarters) { return below(4) < quarters; }  // with a chance of 0 to 4 quarters

 private:
  std::uint64_t state_;
};

// Address space that holds a file's bytes where a map can see them. Pages behind the file's end may not be touched.
class MappedBytes {
 public:
  static std::shared_ptr<MappedBytes> reserve(std::uint64_t capacity);  // null if there is no address space
  MappedBytes(std::byte* data, std::uint64_t capacity) : data_(data), capacity_(capacity) {}
  MappedBytes(const MappedBytes&) = delete;
  MappedBytes& operator=(const MappedBytes&) = delete;
  ~MappedBytes();

  std::byte* data() const { return data_; }
  std::uint64_t capacity() const { return capacity_; }
  void resize(std::uint64_t size);  // new bytes are zero

 private:
  std::byte* const data_;
  const std::uint64_t capacity_;
  std::uint64_t size_ = 0;
};

class SimulatedContents {
 public:
  SimulatedContents() = default;
  SimulatedContents(const SimulatedContents& other);  // durable and pending as in the original; mapped nowhere
  SimulatedContents& operator=(const SimulatedContents&) = delete;

  std::uint64_t size() const { return size_; }
  std::span<const std::byte> bytes() const { return {data(), size_}; }
  std::uint64_t size_max() const;  // more cannot be seen through the map

  void write(std::uint64_t offset, std::span<const std::byte> bytes);
  void truncate(std::uint64_t size);
  void sync();
  void fail_sync();  // what is pending will never become durable, though it reads as written

  // Damage by something else than this process: at once durable.
  void damage(std::uint64_t offset, std::byte mask);
  void cut_short(std::uint64_t size);

  // The file as it may be found after a power cut, all of it durable.
  std::shared_ptr<SimulatedContents> after_cut(SeededNumbers& numbers) const;

  // Null if the file is mapped already with less capacity.
  std::shared_ptr<const MappedBytes> map(std::uint64_t capacity);

 private:
  static constexpr std::uint64_t kPageBytes = 4096;  // what the kernel writes out together
  static constexpr std::uint64_t kSectorBytes = 512;  // what a disk writes all or nothing
  using Page = std::array<std::byte, kPageBytes>;

  struct Piece {
    std::uint64_t begin;  // in the page
    std::vector<std::byte> bytes;
  };
  struct PendingPage {
    Page durable;
    std::vector<Piece> pieces;  // since the last sync, in order
    bool dropped = false;       // a failed sync lost the pieces before these
  };

  std::byte* data() { return mapped_ ? mapped_->data() : unmapped_.data(); }
  const std::byte* data() const { return mapped_ ? mapped_->data() : unmapped_.data(); }
  Page page_at(std::uint64_t number) const;
  PendingPage& pending_page(std::uint64_t number);
  template <class Change>
  void change_pages(std::uint64_t begin, std::uint64_t end, Change change);
  void resize(std::uint64_t size);
  static Page first_pieces(const PendingPage& page, std::uint64_t count);
  static Page cut_page(const PendingPage& page, std::uint64_t keep_quarters, SeededNumbers& numbers);
  std::uint64_t cut_size(SeededNumbers& numbers) const;

  // As the process sees it: in `mapped_` once a map was asked for.
  std::uint64_t size_ = 0;
  std::vector<std::byte> unmapped_;
  std::shared_ptr<MappedBytes> mapped_;

  // Where the durable state differs.
  std::map<std::uint64_t, PendingPage> pending_;  // by page number; ordered, so that a seed means one thing
  std::uint64_t synced_size_ = 0;
  std::vector<std::uint64_t> sizes_;  // that the file had since the last sync
};

}  // namespace omendb
