// The codes of a generation's fields: made from its vectors, kept beside its row files, rebuilt when in doubt.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "os/disk.h"
#include "os/executor.h"
#include "search/code_table.h"
#include "storage/generation.h"

namespace omendb {

// Fixes the random rotation. Any number does; the same one everywhere makes runs repeatable.
constexpr std::uint64_t kCodeSeed = 0x6f6d'656e'6462'0001;

std::string codes_path(const Generation& generation, std::size_t field);

// The codes of the first `rows` rows: from the file as far as it is good and covers rows of the checkpoint (what lies
// behind may have been written for rows that a power cut took back), the rest from the vectors.
//   Corruption  a vector is damaged at rest
Result<std::unique_ptr<CodeTable>> load_codes(const Generation& generation, std::size_t field, Disk& disk,
                                              std::uint32_t checkpointed_rows, std::uint32_t rows, Executor* executor);

// Appends the codes of rows [table.rows(), rows).
Result<void> encode_rows(const Generation& generation, std::size_t field, std::uint32_t rows, CodeTable& table,
                         Executor* executor);

}  // namespace omendb
