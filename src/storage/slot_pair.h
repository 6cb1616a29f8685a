// One small value, kept twice: <name>-A and <name>-B, checksummed.
//
// A write fills one slot, then the other, each durably. A write cut short leaves one whole slot, old or new; at rest
// both hold the newest value, so damage to one never brings back an older one. What the old value needs may be removed
// only after write() returned. These are the only bytes at rest that are ever overwritten.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "omendb/result.h"
#include "os/disk.h"

namespace omendb {

constexpr std::uint64_t kSlotBytesMax = 16ull << 20;

class SlotPair {
 public:
  // Both files and their names, durable. `prefix` is a path: "dir/MANIFEST". After an error a pair with this value may be
  // there or not, and may be created again.
  static Result<SlotPair> create(Disk& disk, const std::string& prefix, std::span<const std::byte> value);

  // NotFound if neither file is there; Corruption if neither holds a whole value.
  static Result<SlotPair> open(Disk& disk, const std::string& prefix);

  // The newest whole value.
  const Bytes& value() const { return value_; }

  // Durable when it returns. DiskFull: the old value stands. Any other error is final: which value the next open finds
  // is unknown, and later writes are refused.
  Result<void> write(std::span<const std::byte> value);

  // What is wrong with the files now: a missing slot, a sum that differs, an older value.
  std::vector<Error> damage() const;

 private:
  SlotPair(Disk& disk, std::string prefix) : disk_(&disk), prefix_(std::move(prefix)) {}
  std::string path(int slot) const { return prefix_ + (slot == 0 ? "-A" : "-B"); }
  Result<void> write_slot(int slot, std::span<const std::byte> bytes);

  Disk* disk_;
  std::string prefix_;
  Bytes value_;
  std::uint64_t sequence_ = 0;
  int first_ = 0;  // to be written
  std::optional<Error> broken_;
};

}  // namespace omendb
