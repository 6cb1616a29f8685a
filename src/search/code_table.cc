#include "search/code_table.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/assert.h"
#include "base/try.h"
#include "search/code_parts.h"

namespace omendb {
namespace {

// Of a code: beyond that the hardware's own prefetcher has long noticed.
constexpr std::uint32_t kFetchBytesMax = 1024;

}  // namespace

CodeTable::CodeTable() = default;
CodeTable::~CodeTable() = default;

Result<std::unique_ptr<CodeTable>> CodeTable::create(const VectorField& field, std::uint64_t seed,
                                                     std::uint32_t rows_expected) {
  std::unique_ptr<CodeTable> table(new CodeTable);
  table->parts_ = std::make_unique<Parts>(field, seed);
  table->metric_ = field.metric;
  if (field.metric == Metric::L1) return table;
  OMEN_TRY(table->parts_->reserve_address_space(rows_expected));
  table->factors_ = table->parts_->factors_of(0);
  table->codes_ = table->parts_->code_of(0);
  table->code_dimensions_ = static_cast<std::uint32_t>(table->parts_->rotation.width());
  table->fetched_ = std::min(table->code_dimensions_, kFetchBytesMax);
  return table;
}

Result<void> CodeTable::reserve(std::uint64_t count) {
  if (code_dimensions_ == 0) return {};
  const std::uint32_t begin = rows();
  if (count > parts_->rows_max - begin) {
    return Error{ErrorCode::OutOfBudget,
                 "there is address space for the codes of " + std::to_string(parts_->rows_max) +
                     " rows until the collection is opened again"};
  }
  const std::uint32_t end = begin + static_cast<std::uint32_t>(count);
  if (begin < kFirstCodedRows) OMEN_TRY(parts_->grow_first_vectors(end));
  if (coded(end)) OMEN_TRY(parts_->grow_codes(end));
  return {};
}

Result<void> CodeTable::append(std::span<const std::byte> vectors, Executor* executor) {
  const std::uint32_t row_bytes = parts_->field.row_bytes();
  OMEN_ASSERT(vectors.size() % row_bytes == 0);
  const std::uint64_t count = vectors.size() / row_bytes;
  OMEN_TRY(reserve(count));
  const std::uint32_t begin = rows();
  const std::uint32_t end = begin + static_cast<std::uint32_t>(count);

  const std::byte* next = vectors.data();
  std::uint32_t row = code_dimensions_ == 0 ? end : begin;
  if (row < kFirstCodedRows && row < end) {
    const std::uint32_t kept = std::min(end, kFirstCodedRows) - row;
    std::memcpy(parts_->first_vectors.data() + std::uint64_t{row} * row_bytes, next, std::uint64_t{kept} * row_bytes);
    next += std::uint64_t{kept} * row_bytes;
    row += kept;
    if (row == kFirstCodedRows) parts_->encode_first_rows();
  }
  if (row < end) parts_->encode(row, end - row, next, executor);
  parts_->rows.store(end, std::memory_order_release);
  return {};
}

std::uint32_t CodeTable::rows() const { return parts_->rows.load(std::memory_order_acquire); }

std::uint64_t CodeTable::bytes_per_row() const {
  if (code_dimensions_ == 0) return 0;
  const std::uint64_t signs = parts_->block_bytes() / kBlockRows;
  const std::uint64_t sums = code_dimensions_ * sizeof(double) / kChunkRows;
  return sizeof(CodeFactors) + code_dimensions_ + signs + sums;
}

}  // namespace omendb
