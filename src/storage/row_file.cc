#include "storage/row_file.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/try.h"
#include "storage/room.h"

namespace omendb {
namespace {

// Write-back is started in pieces, so that a flush finds little to do.
constexpr std::uint64_t kWritebackBytes = 4ull << 20;

std::uint64_t full_blocks(std::uint64_t length) { return length / kBlockBytes; }
std::uint64_t blocks(std::uint64_t length) { return (length + kBlockBytes - 1) / kBlockBytes; }
std::string sums_path(const std::string& path) { return path + ".sums"; }

}  // namespace

RowFile::RowFile(Place place, const FileExtent& extent)
    : place_(std::move(place)),
      opened_(extent),
      size_(extent.length),
      open_crc_(extent.open_block_crc),
      written_back_(extent.length),
      flushed_(extent),
      good_(blocks(extent.length) / 64 + 1) {}

Result<std::unique_ptr<RowFile>> RowFile::create(Disk& disk, const Place& place) {
  std::unique_ptr<RowFile> file(new RowFile(place, FileExtent{}));
  file->open_crc_ = file->block_seed(0);
  OMEN_TRY(file->open_files(disk, OpenMode::CreateNew));
  return file;
}

Result<std::unique_ptr<RowFile>> RowFile::open(Disk& disk, const Place& place, const FileExtent& extent) {
  std::unique_ptr<RowFile> file(new RowFile(place, extent));
  OMEN_TRY(file->open_files(disk, OpenMode::Write));
  OMEN_TRY(file->read_sums());
  return file;
}

Result<void> RowFile::open_files(Disk& disk, OpenMode mode) {
  for (auto [file, path] : {std::pair(&file_, place_.path), std::pair(&sums_file_, sums_path(place_.path))}) {
    auto opened = disk.open(path, mode);
    if (!opened.ok() && opened.error().code == ErrorCode::NotFound)
      return Error{ErrorCode::Corruption, path + " is missing"};
    *file = OMEN_TRY(std::move(opened));
  }
  const std::uint64_t found = OMEN_TRY(file_->size());
  if (found < opened_.length) {
    return Error{ErrorCode::Corruption, place_.path + " is " + std::to_string(found) +
                                            " bytes long where the manifest says " + std::to_string(opened_.length)};
  }
  return map(opened_.length);
}

// The kernel may have less address space than is asked for (File::map). What is needed is enough, and an eighth more, or the
// next bytes would want another map.
Result<void> RowFile::map(std::uint64_t needed) {
  auto map = OMEN_TRY(file_->map(std::max(place_.map_bytes, 2 * needed)));
  if (map->capacity() < needed + needed / 8) {
    return Error{ErrorCode::OutOfBudget,
                 place_.path + ": no address space for its " + std::to_string(needed) + " bytes"};
  }
  map_.store(map.get(), std::memory_order_release);
  maps_.push_back(std::move(map));
  return {};
}

Result<void> RowFile::read_sums() {
  const std::uint64_t found = OMEN_TRY(sums_file_->size());
  const std::uint64_t wanted = full_blocks(opened_.length) * sizeof(std::uint32_t);
  if (found < wanted) {
    return Error{ErrorCode::Corruption, sums_file_->path() + " is " + std::to_string(found) + " bytes long, " +
                                            std::to_string(wanted) + " are needed"};
  }
  opened_sums_.resize(full_blocks(opened_.length));
  const auto into = std::as_writable_bytes(std::span(opened_sums_));
  if (OMEN_TRY(sums_file_->read(0, into)) != into.size())
    return Error{ErrorCode::Corruption, sums_file_->path() + " is cut short"};
  return {};
}

// Not from a destructor: the last owner of a closed collection's files may go when another process owns the directory.
void RowFile::give_back_room() {
  if (reserved_ <= size()) return;
  if (file_->truncate(size()).ok()) reserved_ = size();
}

Result<void> RowFile::reserve(std::uint64_t bytes) {
  const std::uint64_t needed = size() + bytes;
  if (needed > maps_.back()->capacity()) OMEN_TRY(map(needed));
  if (needed <= reserved_) return {};
  std::uint64_t room = room_for(needed);
  auto reserved = file_->reserve(room);
  if (!reserved.ok() && reserved.error().code == ErrorCode::DiskFull) {
    room = needed;
    reserved = file_->reserve(room);
  }
  OMEN_TRY(std::move(reserved));
  reserved_ = room;
  return {};
}

Result<void> RowFile::append(std::span<const std::byte> bytes) {
  if (bytes.empty()) return {};
  const std::uint64_t begin = size();
  OMEN_ASSERT(begin + bytes.size() <= maps_.back()->capacity());
  OMEN_TRY(file_->write(begin, bytes));
  add_to_sums(bytes);
  size_.store(begin + bytes.size(), std::memory_order_release);
  if (size() - written_back_ >= kWritebackBytes) {
    file_->start_writeback(written_back_, size() - written_back_);
    written_back_ = size();
  }
  return {};
}

void RowFile::add_to_sums(std::span<const std::byte> bytes) {
  std::uint64_t position = size();
  while (!bytes.empty()) {
    const std::uint64_t room = kBlockBytes - position % kBlockBytes;
    const auto piece = bytes.first(std::min<std::uint64_t>(room, bytes.size()));
    open_crc_ = crc32c(piece, open_crc_);
    position += piece.size();
    bytes = bytes.subspan(piece.size());
    if (position % kBlockBytes != 0) continue;
    {
      std::lock_guard lock(sums_mutex_);
      new_sums_.push_back(open_crc_);
    }
    open_crc_ = block_seed(position / kBlockBytes);
  }
}

std::uint32_t RowFile::block_seed(std::uint64_t block) const { return crc32c(bytes_of(block), place_.tag); }

Result<void> RowFile::check_blocks(std::uint64_t offset, std::uint64_t length) const {
  const std::uint64_t end = std::min(offset + length, opened_.length);
  for (std::uint64_t block = offset / kBlockBytes; block < blocks(end); ++block) {
    auto& word = good_[block / 64];
    const std::uint64_t bit = std::uint64_t{1} << (block % 64);
    if ((word.load(std::memory_order_relaxed) & bit) != 0) continue;
    OMEN_TRY(check_block(block));
    word.fetch_or(bit, std::memory_order_relaxed);
  }
  return {};
}

Result<void> RowFile::check_block(std::uint64_t block) const {
  const std::uint64_t begin = block * kBlockBytes;
  const std::uint64_t length = std::min(kBlockBytes, opened_.length - begin);
  const std::uint32_t wanted = block < opened_sums_.size() ? opened_sums_[block] : opened_.open_block_crc;
  const std::uint32_t found = crc32c(std::span(data() + begin, length), block_seed(block));
  if (found != wanted) return differs(block);
  return {};
}

Error RowFile::differs(std::uint64_t block) const {
  return {ErrorCode::Corruption,
          place_.path + ": the block at offset " + std::to_string(block * kBlockBytes) + " is not what was written"};
}

Result<void> RowFile::flush(const FileExtent& extent) {
  if (extent == flushed_) return {};
  const std::uint64_t old_blocks = full_blocks(opened_.length);
  const std::uint64_t first = full_blocks(flushed_.length);
  std::vector<std::uint32_t> sums;
  {
    std::lock_guard lock(sums_mutex_);
    const auto begin = new_sums_.begin();
    sums.assign(begin + static_cast<std::ptrdiff_t>(first - old_blocks),
                begin + static_cast<std::ptrdiff_t>(full_blocks(extent.length) - old_blocks));
  }
  if (!sums.empty()) {
    OMEN_TRY(sums_file_->write(first * sizeof(std::uint32_t), std::as_bytes(std::span(sums))));
    OMEN_TRY(sums_file_->sync());
  }
  OMEN_TRY(file_->sync());
  flushed_ = extent;
  return {};
}

void RowFile::verify(const FileExtent& extent, std::vector<Error>& damage) const {
  std::vector<std::byte> bytes(kBlockBytes);
  for (std::uint64_t block = 0; block < blocks(extent.length); ++block) {
    const std::uint64_t begin = block * kBlockBytes;
    const std::span<std::byte> into(bytes.data(), std::min(kBlockBytes, extent.length - begin));
    std::uint32_t wanted = extent.open_block_crc;
    const bool full = into.size() == kBlockBytes;
    if (full) {
      const auto sum = std::as_writable_bytes(std::span(&wanted, 1));
      const auto read = sums_file_->read(block * sum.size(), sum);
      if (!read.ok()) damage.push_back(read.error());
    }
    const auto read = file_->read(begin, into);
    if (!read.ok()) {
      damage.push_back(read.error());
    } else if (*read != into.size() || crc32c(into, block_seed(block)) != wanted) {
      damage.push_back(differs(block));
    }
  }
}

}  // namespace omendb
