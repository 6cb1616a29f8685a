// Bytes of one kind for every row (or of every row), in a file: appended by one writer, read through a map.
//
// What was appended never changes and never moves. The file is summed by blocks of 64 KiB; the sums of full blocks go
// to <path>.sums at a flush, the running sum of the block the file ends in to the manifest. Bytes that lay on disk at
// open are checked the first time they are read; bytes appended by this process are what was handed in.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "omendb/result.h"
#include "os/disk.h"
#include "storage/manifest.h"

namespace omendb {

constexpr std::uint64_t kBlockBytes = 64 * 1024;

class RowFile {
 public:
  // `tag` enters every sum, so that a block of another file, or from another place, never passes. `map_bytes` is the
  // address space of the first map; a file that outgrows its map gets one twice as large.
  struct Place {
    std::string path;
    std::uint64_t map_bytes = 0;
    std::uint32_t tag = 0;
  };

  static Result<std::unique_ptr<RowFile>> create(Disk& disk, const Place& place);
  // Bytes beyond the extent are not trusted, and overwritten by what is appended. Corruption if the file is shorter.
  static Result<std::unique_ptr<RowFile>> open(Disk& disk, const Place& place, const FileExtent& extent);

  // Gives back the room that was reserved and not used.
  ~RowFile() = default;

  // --- Writer only.

  // Room for `bytes` more. DiskFull; OutOfBudget if there is no address space for a larger map.
  Result<void> reserve(std::uint64_t bytes);

  // Writer only, for the last time: what was reserved and not used goes back to the disk.
  void give_back_room();
  Result<void> append(std::span<const std::byte> bytes);  // on an error nothing was appended
  FileExtent extent() const { return {size(), open_crc_}; }

  // --- Any thread.

  std::uint64_t size() const { return size_.load(std::memory_order_acquire); }

  // The bytes that an earlier size() told of lie there, and stay there; for later ones ask again.
  const std::byte* data() const { return map_.load(std::memory_order_acquire)->data(); }
  const std::string& path() const { return place_.path; }
  void populate(std::uint64_t offset, std::uint64_t length) const {
    map_.load(std::memory_order_acquire)->populate(offset, length);
  }

  // Corruption if bytes of the range lay on disk at open and are not what was written.
  Result<void> check(std::uint64_t offset, std::uint64_t length) const {
    if (length == 0 || offset >= opened_.length) return {};
    return check_blocks(offset, length);
  }

  // Everything up to the extent, sums included, is durable when it returns. One at a time, beside the writer.
  // DiskFull may be tried again; any other error is final.
  Result<void> flush(const FileExtent& extent);

  // Reads the file as far as `extent`, past the map, and compares it with its sums as they lie on disk.
  void verify(const FileExtent& extent, std::vector<Error>& damage) const;

 private:
  RowFile(Place place, const FileExtent& extent);
  Result<void> open_files(Disk& disk, OpenMode mode);
  Result<void> map(std::uint64_t needed);
  Result<void> read_sums();
  std::uint32_t block_seed(std::uint64_t block) const;
  void add_to_sums(std::span<const std::byte> bytes);
  Result<void> check_blocks(std::uint64_t offset, std::uint64_t length) const;
  Result<void> check_block(std::uint64_t block) const;
  Error differs(std::uint64_t block) const;

  // Fixed after open.
  Place place_;
  FileExtent opened_;
  std::vector<std::uint32_t> opened_sums_;  // of the full blocks at open
  std::unique_ptr<File> file_;
  std::unique_ptr<File> sums_file_;

  // Writer only, but for map_, the newest, and size_: stored in this order, the size after the bytes are in the file,
  // and loaded by readers the other way round.
  std::vector<std::unique_ptr<Mapping>> maps_;  // old ones stay for those who read there
  std::atomic<const Mapping*> map_{nullptr};
  std::atomic<std::uint64_t> size_;
  std::uint32_t open_crc_;
  std::uint64_t reserved_ = 0;
  std::uint64_t written_back_ = 0;

  // The flusher only.
  FileExtent flushed_;

  // One bit a block at open: set once it was found good. Relaxed: the bytes themselves never change.
  mutable std::vector<std::atomic<std::uint64_t>> good_;

  mutable std::mutex sums_mutex_;
  std::vector<std::uint32_t> new_sums_;  // of blocks filled since open; writer adds, flusher copies
};

}  // namespace omendb
