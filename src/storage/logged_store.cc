#include "storage/logged_store.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/assert.h"
#include "base/try.h"
#include "storage/file_names.h"
#include "storage/row_vacuum.h"

namespace omendb {
namespace {

constexpr std::uint64_t kCheckpointLogBytes = 64ull << 20;
constexpr std::uint64_t kCheckpointRows = 100'000;

struct RowCheckpoint final : Checkpoint {
  std::shared_ptr<RowSpace> rows;
  Manifest manifest;
  std::uint64_t bytes_ever = 0;
  std::uint64_t rows_ever = 0;
};

Error too_large(const RowBatch& batch) {
  const std::uint64_t bytes = batch.record_bytes();
  const std::uint64_t fit = kRecordBytesMax / (bytes / batch.ids.size() + 1);
  return {ErrorCode::TooLarge, "a batch of " + std::to_string(batch.ids.size()) + " points makes " +
                                   std::to_string(bytes) + " bytes where " + std::to_string(kRecordBytesMax) +
                                   " are allowed: about " + std::to_string(fit) + " such points fit"};
}

void assert_fits(const RowBatch& batch, const Schema& schema) {
  OMEN_ASSERT(batch.vectors.size() == schema.fields.size());
  for (std::size_t f = 0; f < schema.fields.size(); ++f)
    OMEN_ASSERT(batch.vectors[f].size() == batch.ids.size() * schema.fields[f].row_bytes());
  OMEN_ASSERT(batch.sparse.size() == schema.sparse.size());
}

}  // namespace

LoggedStore::LoggedStore(Disk& disk, std::string directory, Recovered recovered)
    : disk_(disk),
      directory_(std::move(directory)),
      schema_(recovered.manifest.schema),
      identity_(recovered.manifest.identity),
      report_(std::move(recovered.report)),
      log_(std::move(recovered.log)),
      last_generation_(recovered.last_generation),
      slots_(std::move(recovered.slots)),
      manifest_(std::move(recovered.manifest)),
      old_files_(std::move(recovered.old_files)),
      old_directories_(std::move(recovered.old_directories)),
      rows_(std::move(recovered.rows)),
      read_only_(report_.data_loss),
      checkpoint_lsn_(manifest_.lsn) {}

Result<void> LoggedStore::settle() {
  if (read_only_) return {};
  if (!log_->adopted() && old_files_.empty() && old_directories_.empty()) return {};
  std::lock_guard lock(manifest_mutex_);
  const auto settled = [&]() -> Result<void> {
    OMEN_TRY(write_checkpoint(*rows_, manifest_now(*rows_)));
    log_->note_durable(manifest_.lsn);
    return remove_old_files();
  }();
  // On a full disk it still answers; what it recovered lies in the old log.
  if (!settled.ok() && settled.error().code == ErrorCode::DiskFull) {
    fail(settled.error());
    return {};
  }
  return settled;
}

Result<void> LoggedStore::remove_old_files() {
  for (const std::string& path : old_files_) OMEN_TRY(disk_.remove(path));
  for (const std::string& path : old_directories_) OMEN_TRY(disk_.remove_tree(path));
  old_files_.clear();
  old_directories_.clear();
  return {};
}

std::shared_ptr<RowSpace> LoggedStore::current() const {
  std::lock_guard lock(current_mutex_);
  return rows_;
}

StoreState LoggedStore::state() const { return {rows_, rows_->rows(), rows_->live_rows(), log_->last()}; }

Manifest LoggedStore::manifest_now(const RowSpace& rows) const {
  return {identity_, rows.number(), log_->last(), rows.rows(), rows.live_rows(), schema_, rows.extents()};
}

// --- Writing.

Result<Applied> LoggedStore::upsert(const RowBatch& batch) {
  OMEN_TRY(writable());
  assert_fits(batch, schema_);
  if (batch.ids.empty()) return Applied{log_->last(), {rows_->rows(), rows_->rows()}, 0};
  if (batch.record_bytes() > kRecordBytesMax) return too_large(batch);

  const UpsertRecord record = encode_upsert(batch, scratch_);
  OMEN_TRY(rows_->reserve(record));
  OMEN_TRY(log_->reserve(upsert_payload_length(batch)));
  std::vector<std::span<const std::byte>> pieces = {record.head};
  pieces.insert(pieces.end(), record.vectors.begin(), record.vectors.end());
  for (const SparseBytes& field : record.sparse) pieces.insert(pieces.end(), {field.ends, field.values});
  pieces.push_back(record.payloads);
  const Lsn lsn = OMEN_TRY(append(RecordType::Upsert, pieces));
  auto applied = rows_->upsert(record, lsn);
  if (!applied.ok()) return fail(applied.error());
  rows_ever_.fetch_add(record.count(), std::memory_order_relaxed);
  return applied;
}

Result<Applied> LoggedStore::erase(std::span<const PointId> ids) {
  OMEN_TRY(writable());
  std::vector<PointId> there;
  std::copy_if(ids.begin(), ids.end(), std::back_inserter(there),
               [&](PointId id) { return rows_->find_ready(id).has_value(); });
  if (there.empty()) return Applied{log_->last(), {rows_->rows(), rows_->rows()}, 0};

  const Bytes payload = encode_erase(there);
  if (record_size(payload.size()) > kRecordBytesMax)
    return Error{ErrorCode::TooLarge, "erasing " + std::to_string(there.size()) + " points at once is too much: " +
                                          std::to_string(kRecordBytesMax / sizeof(PointBytes) - 2) + " fit"};
  OMEN_TRY(rows_->reserve_erasures(there.size()));
  OMEN_TRY(log_->reserve(payload.size()));
  const Lsn lsn = OMEN_TRY(append(RecordType::Erase, std::array{std::span<const std::byte>(payload)}));
  auto applied = rows_->erase(there, lsn);
  if (!applied.ok()) return fail(applied.error());
  return applied;
}

Result<Applied> LoggedStore::change_payloads(std::span<const PointId> ids,
                                             std::span<const std::string_view> payloads) {
  OMEN_TRY(writable());
  if (ids.empty()) return Applied{log_->last(), {rows_->rows(), rows_->rows()}, 0};
  const PayloadRecord record = encode_payloads(ids, payloads, scratch_);
  const std::uint64_t length = record.head.size() + record.payloads.size();
  if (record_size(length) > kRecordBytesMax) {
    return Error{ErrorCode::TooLarge, "the payloads of " + std::to_string(ids.size()) + " points make " +
                                          std::to_string(length) + " bytes where " + std::to_string(kRecordBytesMax) +
                                          " are allowed"};
  }
  OMEN_TRY(rows_->reserve(record));
  OMEN_TRY(log_->reserve(length));
  const Lsn lsn = OMEN_TRY(append(RecordType::Payloads, std::array{record.head, record.payloads}));
  auto applied = rows_->change_payloads(record, lsn);
  if (!applied.ok()) return fail(applied.error());
  return applied;
}

Result<void> LoggedStore::mark_durable() {
  if (auto reason = read_only()) return *reason;
  if (log_->ends_with_mark() || log_->last() == checkpoint_lsn()) return sync(log_->last());
  OMEN_TRY(sync(log_->last()));
  OMEN_TRY(log_->reserve(0));
  return sync(OMEN_TRY(append(RecordType::Mark, {})));
}

Result<Lsn> LoggedStore::append(RecordType type, std::span<const std::span<const std::byte>> payload) {
  auto lsn = log_->append(type, payload);
  if (!lsn.ok()) return fail(lsn.error());
  return lsn;
}

Result<void> LoggedStore::writable() const {
  if (auto reason = read_only()) return *reason;
  return rows_->wait_ids();
}

void LoggedStore::close() {
  {
    std::lock_guard lock(read_only_mutex_);
    if (!read_only_) read_only_ = Error{ErrorCode::ReadOnly, "the collection is closed"};
  }
  rows_->give_back_room();
  log_->give_back_room();
}

std::optional<Error> LoggedStore::read_only() const {
  std::lock_guard lock(read_only_mutex_);
  return read_only_;
}

// Ends writing for good; returns what writers are told.
Error LoggedStore::fail(const Error& cause) {
  const Lsn lsn = log_->appended();
  std::lock_guard lock(read_only_mutex_);
  if (!read_only_) {
    read_only_ = Error{ErrorCode::ReadOnly, "no writes are taken since operation " + std::to_string(lsn) +
                                                ", until the collection is opened again: " + cause.message};
  }
  return *read_only_;
}

Result<void> LoggedStore::sync(Lsn lsn) {
  if (log_->durable() >= lsn) return {};
  if (log_->adopted()) return *read_only();  // settle() could not finish
  auto synced = log_->sync(lsn);
  if (synced.ok()) return synced;
  const bool first = !read_only().has_value();
  const Error reason = fail(synced.error());
  return first ? synced.error() : reason;
}

void LoggedStore::prepare() {
  if (!read_only()) log_->prepare_segment();
}

// --- Checkpoint.

bool LoggedStore::checkpoint_due() const {
  const auto since = [](const std::atomic<std::uint64_t>& then, std::uint64_t now) {
    return now - then.load(std::memory_order_relaxed);
  };
  return since(checkpoint_bytes_, log_->bytes_ever()) >= kCheckpointLogBytes ||
         since(checkpoint_rows_, rows_ever_.load(std::memory_order_relaxed)) >= kCheckpointRows;
}

std::unique_ptr<Checkpoint> LoggedStore::begin_checkpoint() {
  auto mark = std::make_unique<RowCheckpoint>();
  mark->rows = rows_;
  mark->manifest = manifest_now(*rows_);
  mark->bytes_ever = log_->bytes_ever();
  mark->rows_ever = rows_ever_.load(std::memory_order_relaxed);
  log_->close_segment();
  return mark;
}

Result<void> LoggedStore::finish_checkpoint(std::unique_ptr<Checkpoint> mark) {
  const auto& here = static_cast<const RowCheckpoint&>(*mark);
  if (auto reason = read_only()) return *reason;
  std::lock_guard lock(manifest_mutex_);
  const bool overtaken = here.manifest.generation != manifest_.generation;  // by a vacuum
  if (overtaken || here.manifest.lsn == manifest_.lsn) return {};
  OMEN_TRY(sync(here.manifest.lsn));
  OMEN_TRY(write_checkpoint(*here.rows, here.manifest));
  checkpoint_bytes_.store(here.bytes_ever, std::memory_order_relaxed);
  checkpoint_rows_.store(here.rows_ever, std::memory_order_relaxed);
  return {};
}

// Under manifest_mutex_. The log up to the manifest's LSN is flushed, or is of an earlier process.
Result<void> LoggedStore::write_checkpoint(RowSpace& rows, const Manifest& manifest) {
  OMEN_TRY(unless_final(rows.flush(manifest.files)));
  OMEN_TRY(unless_final(slots_.write(encode_manifest(manifest))));
  manifest_ = manifest;
  checkpoint_lsn_.store(manifest.lsn, std::memory_order_release);
  return log_->remove_through(std::min(manifest.lsn, pinned_.load(std::memory_order_acquire) - 1));
}

Result<void> LoggedStore::unless_final(Result<void> result) {
  if (!result.ok() && result.error().code != ErrorCode::DiskFull) fail(result.error());
  return result;
}

// --- Vacuum.

Result<std::unique_ptr<Vacuum>> LoggedStore::begin_vacuum() {
  OMEN_TRY(writable());
  const std::uint64_t number = ++last_generation_;
  auto fresh = OMEN_TRY(
      RowSpace::create(disk_, join_path(directory_, generation_name(number)), identity_, number, schema_));
  pinned_.store(log_->last() + 1, std::memory_order_release);
  return std::unique_ptr<Vacuum>(new RowVacuum(disk_, directory_, *log_, identity_, rows_, std::move(fresh)));
}

void LoggedStore::abandon_vacuum(std::unique_ptr<Vacuum> vacuum) {
  static_cast<RowVacuum&>(*vacuum).rows_made()->retire();
  pinned_.store(kNoLsn, std::memory_order_release);
}

Result<void> LoggedStore::finish_vacuum(std::unique_ptr<Vacuum> vacuum) {
  auto& made = static_cast<RowVacuum&>(*vacuum);
  const std::shared_ptr<RowSpace> next = made.rows_made();
  auto caught_up = [&]() -> Result<void> {
    OMEN_TRY(writable());
    OMEN_TRY(sync(log_->last()));
    OMEN_TRY(made.catch_up());
    return {};
  }();
  if (!caught_up.ok()) {
    abandon_vacuum(std::move(vacuum));
    return caught_up;
  }

  std::lock_guard lock(manifest_mutex_);
  const std::shared_ptr<RowSpace> old = rows_;
  pinned_.store(kNoLsn, std::memory_order_release);
  log_->close_segment();
  const Manifest manifest = manifest_now(*next);
  auto written = slots_.write(encode_manifest(manifest));
  if (!written.ok()) {
    // After anything but a full disk, the next open may find either manifest: both generations stay.
    if (written.error().code == ErrorCode::DiskFull) next->retire();
    return unless_final(written);
  }
  {
    std::lock_guard current(current_mutex_);
    rows_ = next;
  }
  old->retire();
  manifest_ = manifest;
  checkpoint_lsn_.store(manifest.lsn, std::memory_order_release);
  static_cast<void>(log_->remove_through(manifest.lsn));  // else the next checkpoint does it
  return {};
}

// --- For people.

std::uint64_t LoggedStore::disk_bytes() const {
  std::uint64_t bytes = 0;
  for (const std::string& path : {directory_, join_path(directory_, kLogName), current()->directory()}) {
    const auto entries = disk_.list(path);
    if (!entries.ok()) continue;
    for (const DirectoryEntry& entry : *entries) bytes += entry.is_directory ? 0 : entry.size;
  }
  return bytes;
}

Result<VerifyReport> LoggedStore::verify() const {
  VerifyReport report;
  Manifest manifest;
  std::shared_ptr<RowSpace> rows;
  {
    std::lock_guard lock(manifest_mutex_);  // so that no checkpoint removes the log that is being read
    manifest = manifest_;
    rows = current();
    report.damage = slots_.damage();
    report.files += 2;
    OMEN_TRY(verify_log(report));
  }
  rows->verify(manifest.files, report);
  return report;
}

Result<void> LoggedStore::verify_log(VerifyReport& report) const {
  const Lsn upto = log_->appended();
  const std::vector<LogFile> segments = log_->segments();
  report.files += segments.size();
  for (const LogFile& segment : segments) report.bytes += segment.size;
  if (report_.data_loss) report.damage.push_back(*report_.data_loss);
  if (segments.empty() || report_.data_loss) return {};

  const LogTail tail = OMEN_TRY(read_log(disk_, segments, identity_, manifest_.lsn, upto,
                                         [](const LogRecord&) { return Result<void>(); }));
  if (tail.data_loss) {
    report.damage.push_back(*tail.data_loss);
  } else if (tail.last < upto) {
    report.damage.push_back({ErrorCode::Corruption, join_path(directory_, kLogName) + ": operation " +
                                                        std::to_string(tail.last + 1) + " is damaged"});
  }
  return {};
}

}  // namespace omendb
