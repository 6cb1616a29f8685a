#include "storage/slot_pair.h"

#include <cstring>

#include "base/crc32c.h"
#include "base/try.h"

namespace omendb {
namespace {

struct SlotHeader {
  char magic[8];
  std::uint64_t sequence;
  std::uint32_t length;
  std::uint32_t crc;  // of everything before it, then of the value
};
static_assert(sizeof(SlotHeader) == 24, "docs/file_format.md, section Slot pair");
constexpr char kMagic[8] = {'O', 'M', 'S', 'L', '\r', '\n', 0x1A, '\n'};

std::uint32_t crc_of(const SlotHeader& header, std::span<const std::byte> value) {
  return crc32c(value, crc32c(bytes_of(header).first(offsetof(SlotHeader, crc))));
}

struct Slot {
  std::uint64_t sequence;
  Bytes value;
};

Result<Slot> read_slot(Disk& disk, const std::string& path) {
  const Bytes bytes = OMEN_TRY(read_file(disk, path, sizeof(SlotHeader) + kSlotBytesMax));
  SlotHeader header;
  if (bytes.size() < sizeof header) return Error{ErrorCode::Corruption, path + " is cut short"};
  std::memcpy(&header, bytes.data(), sizeof header);
  if (std::memcmp(header.magic, kMagic, sizeof kMagic) != 0)
    return Error{ErrorCode::Corruption, path + " does not begin as an OmenDB file"};
  const auto rest = std::span(bytes).subspan(sizeof header);
  if (header.length > rest.size()) return Error{ErrorCode::Corruption, path + " is cut short"};
  const auto value = rest.first(header.length);
  if (header.crc != crc_of(header, value)) return Error{ErrorCode::Corruption, path + ": checksum differs"};
  return Slot{header.sequence, Bytes(value.begin(), value.end())};
}

Result<void> check_size(const std::string& prefix, std::span<const std::byte> value) {
  if (value.size() <= kSlotBytesMax) return {};
  return Error{ErrorCode::TooLarge, prefix + ": " + std::to_string(value.size()) + " bytes are too many for it"};
}

Bytes encode_slot(std::uint64_t sequence, std::span<const std::byte> value) {
  SlotHeader header{{}, sequence, static_cast<std::uint32_t>(value.size()), 0};
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  header.crc = crc_of(header, value);
  Bytes bytes;
  put(bytes, header);
  put_bytes(bytes, value);
  return bytes;
}

}  // namespace

Result<SlotPair> SlotPair::create(Disk& disk, const std::string& prefix, std::span<const std::byte> value) {
  OMEN_TRY(check_size(prefix, value));
  SlotPair pair(disk, prefix);
  pair.sequence_ = 1;
  pair.value_.assign(value.begin(), value.end());
  // Each is whole from the moment it has its name: a pair whose making was cut short is there, or is not.
  for (const int slot : {0, 1}) OMEN_TRY(write_file_durably(disk, pair.path(slot), encode_slot(pair.sequence_, value)));
  return pair;
}

Result<SlotPair> SlotPair::open(Disk& disk, const std::string& prefix) {
  SlotPair pair(disk, prefix);
  bool found = false;
  std::optional<int> lost;
  std::optional<Error> damage;
  for (const int slot : {0, 1}) {
    auto read = read_slot(disk, pair.path(slot));
    if (!read.ok()) {
      const ErrorCode code = read.error().code;
      // A slot that cannot be read just now may hold the newest value.
      if (code != ErrorCode::NotFound && code != ErrorCode::Corruption) return read.error();
      if (!damage || damage->code == ErrorCode::NotFound) damage = read.error();
      lost = slot;
      continue;
    }
    if (found && read->sequence <= pair.sequence_) continue;
    found = true;
    pair.first_ = slot;
    pair.sequence_ = read->sequence;
    pair.value_ = std::move(read->value);
  }
  if (!found) return *damage;
  pair.first_ = lost.value_or(pair.first_);
  return pair;
}

Result<void> SlotPair::write(std::span<const std::byte> value) {
  if (broken_) return Error{ErrorCode::ReadOnly, "an earlier write failed: " + broken_->message};
  OMEN_TRY(check_size(prefix_, value));
  const Bytes bytes = encode_slot(sequence_ + 1, value);

  // The newest slot first: after open its bytes may come from a page that a failed sync left unwritten, and then the
  // other slot is the only durable one. Unless the other one is missing or damaged: then it is the newest that must stay.
  OMEN_TRY(write_slot(first_, bytes));
  if (auto second = write_slot(1 - first_, bytes); !second.ok()) {
    // The first slot may be found at the next open: this is no longer "the old value stands".
    broken_ = Error{ErrorCode::IoError, second.error().message};
    return *broken_;
  }
  value_.assign(value.begin(), value.end());
  ++sequence_;
  return {};
}

Result<void> SlotPair::write_slot(int slot, std::span<const std::byte> bytes) {
  auto opened = disk_->open(path(slot), OpenMode::Write);
  if (!opened.ok() && opened.error().code == ErrorCode::NotFound) opened = disk_->open(path(slot), OpenMode::CreateNew);
  const auto file = OMEN_TRY(std::move(opened));
  if (auto written = file->write(0, bytes); !written.ok()) {
    if (written.error().code != ErrorCode::DiskFull) broken_ = written.error();
    return written;
  }
  auto synced = file->sync();
  if (!synced.ok()) broken_ = synced.error();
  return synced;
}

std::vector<Error> SlotPair::damage() const {
  std::vector<Error> found;
  for (const int slot : {0, 1}) {
    const auto read = read_slot(*disk_, path(slot));
    if (!read.ok()) {
      found.push_back(read.error());
    } else if (read->sequence != sequence_) {
      found.push_back({ErrorCode::Corruption, path(slot) + " holds an older value than it should"});
    }
  }
  return found;
}

}  // namespace omendb
