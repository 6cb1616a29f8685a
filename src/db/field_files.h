// The files of field indexes: one a part, in the generation's directory, written at a checkpoint and read at open.
#pragma once

#include <cstdint>
#include <vector>

#include "db/field_catalog.h"
#include "os/disk.h"
#include "payload/field_index.h"
#include "storage/generation.h"

namespace omendb {

// The indexes that the catalogue defines, with the saved parts as far as they are whole and follow one another; the rest
// is made again. Removes what was cut off while being written.
FieldIndexes load_field_indexes(Disk& disk, std::uint64_t collection, const Generation& generation,
                                const FieldCatalog& catalog, std::uint32_t rows);

// How far a checkpoint goes.
struct Checkpointed {
  std::uint32_t rows = 0;
  std::uint64_t changes = 0;  // of payloads
};

// Writes the parts that are not there yet and know of nothing beyond the checkpoint (what lies beyond may be lost to a power
// cut, and other rows come in its place), and removes files that no index has any more.
Result<void> save_field_indexes(Disk& disk, std::uint64_t collection, const Generation& generation,
                                const FieldIndexes& indexes, const Checkpointed& checkpointed);

// The size of each file, or what is wrong with it.
std::vector<Result<std::uint64_t>> verify_field_files(Disk& disk, std::uint64_t collection,
                                                      const Generation& generation, const FieldIndexes& indexes);

}  // namespace omendb
