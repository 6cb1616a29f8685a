#include "db/codes.h"

#include <algorithm>

#include "base/try.h"

namespace omendb {
namespace {

// Vectors of so many rows are checked, then encoded while they are still in the cache.
constexpr std::uint32_t kRowsAtATime = 1'024;

}  // namespace

std::string codes_path(const Generation& generation, std::size_t field) {
  return join_path(generation.directory(), "codes-" + std::to_string(field));
}

Result<std::unique_ptr<CodeTable>> load_codes(const Generation& generation, std::size_t field, Disk& disk,
                                              std::uint32_t checkpointed_rows, std::uint32_t rows, Executor* executor) {
  const VectorField& schema = generation.schema().fields[field];
  Result<std::unique_ptr<CodeTable>> loaded =
      CodeTable::load(schema, disk, codes_path(generation, field), checkpointed_rows);
  std::unique_ptr<CodeTable> table =
      loaded.ok() ? std::move(loaded).value() : OMEN_TRY(CodeTable::create(schema, kCodeSeed, rows));
  OMEN_TRY(encode_rows(generation, field, rows, *table, executor));
  return table;
}

Result<void> encode_rows(const Generation& generation, std::size_t field, std::uint32_t rows, CodeTable& table,
                         Executor* executor) {
  const std::size_t row_bytes = generation.schema().fields[field].row_bytes();
  const std::uint32_t at_a_time = executor == nullptr ? kRowsAtATime : kRowsAtATime * 16;
  while (table.rows() < rows) {
    const std::uint32_t begin = table.rows();
    const std::uint32_t end = std::min(rows, begin + at_a_time);
    OMEN_TRY(generation.check_vectors(field, {begin, end}));
    const std::byte* vectors = generation.vectors(field) + std::size_t{begin} * row_bytes;
    OMEN_TRY(table.append({vectors, std::size_t{end - begin} * row_bytes}, executor));
  }
  return {};
}

}  // namespace omendb
