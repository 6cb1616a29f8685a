// From the bytes in a directory to a store's parts: the manifest, the row files as far as it says, the log replayed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "os/disk.h"
#include "storage/log.h"
#include "storage/manifest.h"
#include "storage/row_space.h"
#include "storage/slot_pair.h"
#include "storage/store.h"

namespace omendb {

struct Recovered {
  SlotPair slots;
  Manifest manifest;  // as it was read; the row space may be further
  std::shared_ptr<RowSpace> rows;
  std::unique_ptr<Log> log;
  RecoveryReport report;

  // Files of ours that nothing needs: to be removed once the manifest is known to be durable.
  std::vector<std::string> old_files;
  std::vector<std::string> old_directories;
  std::uint64_t last_generation = 0;  // the largest number in use
};

// Changes nothing but row files beyond the manifest's lengths, which no one trusts.
Result<Recovered> recover(Disk& disk, const std::string& directory);

}  // namespace omendb
