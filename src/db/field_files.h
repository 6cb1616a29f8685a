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

// Writes the parts that are not there yet and end at `checkpointed_rows` or before (rows beyond may be lost to a power cut,
// and others come in their place), and removes files that no index has any more.
Result<void> save_field_indexes(Disk& disk, std::uint64_t collection, const Generation& generation,
                                const FieldIndexes& indexes, std::uint32_t checkpointed_rows);

// The size of each file, or what is wrong with it.
std::vector<Result<std::uint64_t>> verify_field_files(Disk& disk, std::uint64_t collection,
                                                      const Generation& generation, const FieldIndexes& indexes);

}  // namespace omendb
