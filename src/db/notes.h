// Notes: a text of the application's own, kept beside a collection.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "omendb/result.h"
#include "os/disk.h"
#include "storage/slot_pair.h"

namespace omendb {

constexpr std::size_t kNotesBytesMax = 1u << 20;

class Notes {
 public:
  // Of the collection in `directory`; empty if there never were any.
  static Result<Notes> open(Disk& disk, const std::string& directory);

  std::string text() const;

  // Durable when it returns. Call one at a time. TooLarge.
  Result<void> set(std::string_view text);

 private:
  Notes(Disk& disk, std::string directory) : disk_(&disk), directory_(std::move(directory)) {}

  Disk* disk_;
  std::string directory_;
  std::optional<SlotPair> slots_;
};

}  // namespace omendb
