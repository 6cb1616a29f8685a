// What a collection's manifest says: which generation, and how much of its row files is the truth without the log.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "omendb/types.h"
#include "storage/schema.h"

namespace omendb {

// How much of a row file counts, and the running sum of the block it ends in.
struct FileExtent {
  std::uint64_t length = 0;
  std::uint32_t open_block_crc = 0;

  friend bool operator==(const FileExtent&, const FileExtent&) = default;
};

struct Manifest {
  std::uint64_t identity = 0;
  std::uint64_t generation = 0;
  Lsn lsn = 0;                     // every operation up to here is in the row files
  std::uint32_t rows = 0;
  std::uint64_t live = 0;
  Schema schema;
  std::vector<FileExtent> files;   // in the order of storage/row_space.h
};

Bytes encode_manifest(const Manifest& manifest);

// Corruption, or Unsupported for a format this build does not know.
Result<Manifest> decode_manifest(std::span<const std::byte> bytes);

}  // namespace omendb
