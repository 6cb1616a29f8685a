#include "storage/row_vacuum.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/try.h"
#include "storage/replay.h"

namespace omendb {
namespace {

// A step's vectors: enough for few calls, little enough for the cache.
constexpr std::uint32_t kStepBytes = 1u << 20;

std::uint32_t step_rows(const Schema& schema) {
  std::uint32_t row_bytes = 1;
  for (const VectorField& field : schema.fields) row_bytes = std::max(row_bytes, field.row_bytes());
  return std::max(kStepBytes / row_bytes, 1u);
}

}  // namespace

RowVacuum::RowVacuum(Disk& disk, std::string parent, const Log& log, std::uint64_t identity,
                     std::shared_ptr<RowSpace> from, std::shared_ptr<RowSpace> to)
    : disk_(disk),
      parent_(std::move(parent)),
      log_(log),
      identity_(identity),
      from_(std::move(from)),
      to_(std::move(to)),
      frozen_rows_(from_->rows()),
      frozen_lsn_(log.last()),
      applied_(frozen_lsn_),
      buffers_(from_->schema()) {
  moved_to_.reserve(frozen_rows_);
}

Result<bool> RowVacuum::copy(std::uint32_t rows_max) {
  const std::uint32_t end = copied_ + std::min(rows_max, frozen_rows_ - copied_);
  const std::uint32_t step = step_rows(from_->schema());
  while (copied_ < end) OMEN_TRY(copy_step(copied_ + std::min(step, end - copied_)));
  return copied_ == frozen_rows_;
}

Result<void> RowVacuum::copy_step(std::uint32_t end) {
  buffers_.clear();
  std::uint32_t next = to_->rows();
  for (std::uint32_t position = copied_; position < end; ++position) {
    const Row row = row_at(position);
    const bool live = from_->live(row, frozen_lsn_);
    moved_to_.push_back(live ? row_at(next++) : kNoRow);
    if (live) OMEN_TRY(buffers_.add(*from_, row));
  }
  copied_ = end;
  if (buffers_.empty()) return {};
  const UpsertRecord record = encode_upsert(buffers_.rows(), scratch_);
  OMEN_TRY(to_->reserve(record));
  OMEN_TRY(to_->upsert(record, frozen_lsn_));
  return {};
}

Result<std::uint64_t> RowVacuum::catch_up() {
  OMEN_ASSERT(copied_ == frozen_rows_);
  // The LSN first: the segments taken afterwards hold at least as much.
  const Lsn upto = log_.appended();
  const LogTail tail = OMEN_TRY(read_log(disk_, log_.segments(), identity_, applied_, upto,
                                         [&](const LogRecord& record) { return replay(record, *to_); }));
  applied_ = tail.last;
  if (applied_ < upto)
    return Error{ErrorCode::Corruption,
                 "operation " + std::to_string(applied_ + 1) + " cannot be read back from the log"};
  OMEN_TRY(to_->flush(to_->extents()));
  OMEN_TRY(to_->sync_names());
  OMEN_TRY(disk_.sync_directory(parent_));
  return log_.appended() - applied_;
}

}  // namespace omendb
