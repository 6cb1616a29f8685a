#include "storage/row_space.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/try.h"
#include "storage/log_reader.h"

namespace omendb {
namespace {

// How far ahead a batch asks for its ids' slots: some 20 ns a row against some 300 ns for a miss.
constexpr std::size_t kPrefetchRows = 16;

// Address space for a file, until the next open: 256 GiB, or eight times what is there.
constexpr std::uint64_t kMapBytes = 256ull << 30;

std::uint64_t map_bytes(std::uint64_t width, std::uint64_t length) {
  const std::uint64_t ever = std::uint64_t{kRowsMax} * width;
  return std::min(ever, std::max(kMapBytes, 8 * length));
}

}  // namespace

Generation::~Generation() = default;

RowSpace::RowSpace(Disk& disk, std::string directory, std::uint64_t number, Schema schema)
    : disk_(disk), directory_(std::move(directory)), number_(number), schema_(std::move(schema)) {}

RowSpace::~RowSpace() {
  files_.clear();
  if (retired_.load(std::memory_order_relaxed)) static_cast<void>(disk_.remove_tree(directory_));  // else swept at open
}

Result<std::shared_ptr<RowSpace>> RowSpace::create(Disk& disk, const std::string& directory, std::uint64_t identity,
                                                   std::uint64_t number, const Schema& schema) {
  std::shared_ptr<RowSpace> space(new RowSpace(disk, directory, number, schema));
  OMEN_TRY(disk.create_directory(directory));
  OMEN_TRY(space->open_files(identity, nullptr));
  space->ids_ready_ = true;
  return space;
}

Result<std::shared_ptr<RowSpace>> RowSpace::open(Disk& disk, const std::string& directory, const Manifest& manifest) {
  std::shared_ptr<RowSpace> space(new RowSpace(disk, directory, manifest.generation, manifest.schema));
  const auto& extents = manifest.files;
  if (extents.size() != kFirstVectors + manifest.schema.fields.size())
    return Error{ErrorCode::Corruption, "the manifest names " + std::to_string(extents.size()) + " row files"};
  OMEN_TRY(space->open_files(manifest.identity, &extents));
  bool fits = extents[kPoints].length == std::uint64_t{manifest.rows} * sizeof(PointEntry);
  for (std::size_t f = 0; f < manifest.schema.fields.size(); ++f) {
    fits = fits && extents[kFirstVectors + f].length ==
                       std::uint64_t{manifest.rows} * manifest.schema.fields[f].row_bytes();
  }
  if (!fits) return Error{ErrorCode::Corruption, "the manifest's file lengths do not fit its rows"};

  OMEN_TRY(space->grow_erased_at(manifest.rows));
  space->rows_.store(manifest.rows, std::memory_order_release);
  OMEN_TRY(space->read_erasures(manifest.lsn));
  if (space->live_rows() != manifest.live)
    return Error{ErrorCode::Corruption, directory + " has " + std::to_string(space->live_rows()) +
                                            " live rows where the manifest says " + std::to_string(manifest.live)};
  return space;
}

Result<void> RowSpace::open_files(std::uint64_t identity, const std::vector<FileExtent>* extents) {
  struct Kind {
    std::string name;
    std::uint64_t width;
  };
  std::vector<Kind> kinds = {{"points", sizeof(PointEntry)}, {"payloads", 1u << 20}, {"erasures", sizeof(Erasure)}};
  for (std::size_t f = 0; f < schema_.fields.size(); ++f)
    kinds.push_back({"vectors-" + std::to_string(f), schema_.fields[f].row_bytes()});

  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const std::uint64_t names[] = {identity, number_, i};
    const std::uint64_t length = extents == nullptr ? 0 : (*extents)[i].length;
    const RowFile::Place place{join_path(directory_, kinds[i].name), map_bytes(kinds[i].width, length),
                               crc32c(std::as_bytes(std::span(names)))};
    files_.push_back(extents == nullptr ? OMEN_TRY(RowFile::create(disk_, place))
                                        : OMEN_TRY(RowFile::open(disk_, place, (*extents)[i])));
    if (i >= kFirstVectors) vectors_.push_back(files_[i]->data());
  }
  erased_memory_ = OMEN_TRY(GrowingMemory::reserve(std::uint64_t{kRowsMax} * sizeof(Lsn)));
  erased_at_ = reinterpret_cast<const std::atomic<std::uint64_t>*>(erased_memory_.data());
  return {};
}

Result<void> RowSpace::grow_erased_at(std::uint64_t rows) { return erased_memory_.grow(rows * sizeof(Lsn)); }

Result<void> RowSpace::read_erasures(Lsn lsn_max) {
  const RowFile& file = *files_[kErasures];
  auto* const words = reinterpret_cast<std::atomic<std::uint64_t>*>(erased_memory_.data());
  std::uint64_t erased = 0;
  for (std::uint64_t offset = 0; offset < file.size(); offset += sizeof(Erasure)) {
    OMEN_TRY(file.check(offset, sizeof(Erasure)));
    Erasure entry;
    std::memcpy(&entry, file.data() + offset, sizeof entry);
    if (entry.row >= rows() || entry.lsn == 0 || entry.lsn > lsn_max)
      return Error{ErrorCode::Corruption, file.path() + ": the entry at offset " + std::to_string(offset) +
                                              " names a row or an operation that is not there"};
    if (words[entry.row].exchange(entry.lsn, std::memory_order_relaxed) == 0) ++erased;
  }
  erased_.store(erased, std::memory_order_relaxed);
  return {};
}

// --- Reading.

Result<void> RowSpace::check_vectors(std::size_t field, RowRange rows) const {
  const std::uint64_t width = schema_.fields[field].row_bytes();
  return files_[kFirstVectors + field]->check(rows.begin * width, (rows.end - rows.begin) * width);
}

void RowSpace::populate_vectors(std::size_t field, RowRange rows) const {
  const std::uint64_t width = schema_.fields[field].row_bytes();
  files_[kFirstVectors + field]->populate(rows.begin * width, rows.size() * width);
}

Result<PointId> RowSpace::id(Row row) const {
  const std::uint64_t offset = std::uint64_t{index(row)} * sizeof(PointEntry);
  const RowFile& points = *files_[kPoints];
  OMEN_TRY(points.check(offset, sizeof(PointEntry)));
  PointEntry entry;
  std::memcpy(&entry, points.data() + offset, sizeof entry);
  const auto id = decode_id(entry.point);
  if (!id) return Error{ErrorCode::Corruption, points.path() + ": row " + std::to_string(index(row)) + " has no id"};
  return *id;
}

Result<std::string_view> RowSpace::payload(Row row) const {
  const std::uint64_t offset = std::uint64_t{index(row)} * sizeof(PointEntry);
  const RowFile& points = *files_[kPoints];
  OMEN_TRY(points.check(offset, sizeof(PointEntry)));
  PointEntry entry;
  std::memcpy(&entry, points.data() + offset, sizeof entry);
  const std::uint32_t length = entry.point.payload_length;
  if (length == 0) return std::string_view();

  const RowFile& payloads = *files_[kPayloads];
  const std::uint64_t end = payloads.size();
  if (entry.payload_offset > end || length > end - entry.payload_offset)
    return Error{ErrorCode::Corruption, points.path() + ": the payload of row " + std::to_string(index(row)) +
                                            " would lie beyond the end of " + payloads.path()};
  OMEN_TRY(payloads.check(entry.payload_offset, length));
  return text_of(std::span(payloads.data() + entry.payload_offset, length));
}

Result<std::optional<Row>> RowSpace::find(PointId id) const {
  OMEN_TRY(wait_ids());
  return ids_.find(id);
}

Result<void> RowSpace::wait_ids() const {
  std::unique_lock lock(ids_mutex_);
  ids_changed_.wait(lock, [&] { return ids_ready_ || ids_error_; });
  if (ids_error_) return *ids_error_;
  return {};
}

bool RowSpace::ids_ready() const {
  std::lock_guard lock(ids_mutex_);
  return ids_ready_;
}

// --- Writing.

Result<void> RowSpace::reserve(const UpsertRecord& record) {
  const std::uint64_t end = std::uint64_t{rows()} + record.count();
  if (end > kRowsMax)
    return Error{ErrorCode::TooLarge, "the collection holds 4,294,967,295 rows, erased ones included"};
  OMEN_TRY(files_[kPoints]->reserve(record.count() * sizeof(PointEntry)));
  OMEN_TRY(files_[kPayloads]->reserve(record.payloads.size()));
  for (std::size_t f = 0; f < record.vectors.size(); ++f)
    OMEN_TRY(files_[kFirstVectors + f]->reserve(record.vectors[f].size()));
  OMEN_TRY(reserve_erasures(record.count()));
  return grow_erased_at(end);
}

Result<void> RowSpace::reserve_erasures(std::uint64_t count) {
  return files_[kErasures]->reserve(count * sizeof(Erasure));
}

Result<Applied> RowSpace::upsert(const UpsertRecord& record, Lsn lsn) {
  const std::uint32_t begin = rows();
  OMEN_TRY(append_points(record));

  row_scratch_.clear();
  newest_operation_.store(lsn, std::memory_order_relaxed);
  std::vector<Row>& replaced = row_scratch_;
  for (std::uint32_t i = 0; i < record.count(); ++i) {
    if (i + kPrefetchRows < record.count()) ids_.prefetch(*decode_id(record.points[i + kPrefetchRows]));
    const Row old = ids_.exchange(*decode_id(record.points[i]), row_at(begin + i));
    if (old != kNoRow) replaced.push_back(old);
  }
  rows_.store(begin + record.count(), std::memory_order_release);
  OMEN_TRY(stamp(replaced, lsn));
  return Applied{lsn, RowRange{begin, begin + record.count()}, replaced.size()};
}

Result<void> RowSpace::append_points(const UpsertRecord& record) {
  std::uint64_t payload_offset = files_[kPayloads]->size();
  point_scratch_.clear();
  for (const PointBytes& point : record.points) {
    point_scratch_.push_back({point, payload_offset});
    payload_offset += point.payload_length;
  }
  for (std::size_t f = 0; f < record.vectors.size(); ++f)
    OMEN_TRY(files_[kFirstVectors + f]->append(record.vectors[f]));
  OMEN_TRY(files_[kPayloads]->append(record.payloads));
  return files_[kPoints]->append(std::as_bytes(std::span(point_scratch_)));
}

Result<Applied> RowSpace::erase(std::span<const PointId> ids, Lsn lsn) {
  row_scratch_.clear();
  newest_operation_.store(lsn, std::memory_order_relaxed);
  for (const PointId id : ids) {
    const Row old = ids_.erase(id);
    if (old != kNoRow) row_scratch_.push_back(old);
  }
  OMEN_TRY(stamp(row_scratch_, lsn));
  return Applied{lsn, RowRange{rows(), rows()}, row_scratch_.size()};
}

Result<void> RowSpace::stamp(std::span<const Row> rows, Lsn lsn) {
  auto* const words = reinterpret_cast<std::atomic<std::uint64_t>*>(erased_memory_.data());
  erasure_scratch_.clear();
  for (const Row row : rows) {
    words[index(row)].store(lsn, std::memory_order_release);  // read by live() of every reader
    erasure_scratch_.push_back({index(row), 0, lsn});
  }
  erased_.fetch_add(rows.size(), std::memory_order_relaxed);
  return files_[kErasures]->append(std::as_bytes(std::span(erasure_scratch_)));
}

void RowSpace::give_back_room() {
  for (const auto& file : files_) file->give_back_room();
}

std::vector<FileExtent> RowSpace::extents() const {
  std::vector<FileExtent> extents;
  for (const auto& file : files_) extents.push_back(file->extent());
  return extents;
}

// --- Ids at open.

void RowSpace::want(PointId id) {
  if (!ids_.contains_key(id)) ids_.exchange(id, kNoRow);
  wanted_ = true;
}

Result<void> RowSpace::resolve_wanted() {
  if (!wanted_) return {};
  return scan_ids(true);
}

Result<void> RowSpace::load_ids() {
  auto scanned = scan_ids(false);
  {
    std::lock_guard lock(ids_mutex_);
    if (scanned.ok()) ids_ready_ = true;
    else ids_error_ = scanned.error();
  }
  ids_changed_.notify_all();
  return scanned;
}

Result<void> RowSpace::scan_ids(bool wanted_only) {
  constexpr std::uint64_t kStep = kBlockBytes / sizeof(PointEntry);
  const RowFile& points = *files_[kPoints];
  for (std::uint64_t step = 0; step < rows(); step += kStep) {
    const std::uint64_t end = std::min<std::uint64_t>(step + kStep, rows());
    OMEN_TRY(points.check(step * sizeof(PointEntry), (end - step) * sizeof(PointEntry)));
    for (std::uint64_t position = step; position < end; ++position) {
      const Row row = row_at(position);
      if (position + kPrefetchRows < end) prefetch_id(row_at(position + kPrefetchRows));
      if (!live(row, kNoLsn)) continue;
      const PointId found = OMEN_TRY(id(row));
      if (!wanted_only || ids_.contains_key(found)) ids_.exchange(found, row);
    }
  }
  return {};
}

void RowSpace::prefetch_id(Row row) const {
  PointBytes point;
  std::memcpy(&point, files_[kPoints]->data() + std::uint64_t{index(row)} * sizeof(PointEntry), sizeof point);
  if (const auto id = decode_id(point)) ids_.prefetch(*id);
}

// --- At rest.

Result<void> RowSpace::flush(const std::vector<FileExtent>& extents) {
  for (std::size_t i = 0; i < files_.size(); ++i) OMEN_TRY(files_[i]->flush(extents[i]));
  return {};
}

Result<void> RowSpace::sync_names() { return disk_.sync_directory(directory_); }

void RowSpace::verify(const std::vector<FileExtent>& extents, VerifyReport& report) const {
  for (std::size_t i = 0; i < files_.size(); ++i) {
    files_[i]->verify(extents[i], report.damage);
    report.files += 2;
    report.bytes += extents[i].length + extents[i].length / kBlockBytes * sizeof(std::uint32_t);
  }
}

}  // namespace omendb
