#include "storage/row_space.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/try.h"
#include "storage/log_reader.h"
#include "storage/sparse_bytes.h"

namespace omendb {
namespace {

// How far ahead a batch asks for its ids' slots: some 20 ns a row against some 300 ns for a miss.
constexpr std::size_t kPrefetchRows = 16;

// Address space that a file begins with, so that a thousand collections fit a process; one that grows is mapped anew.
constexpr std::uint64_t kMapBytes = 4ull << 30;

// Arrays of words do not move. Each reserves this share of the address space that is left, and what is there eight times
// at least: two billion rows for the first collection of a process, some 600 million for the thousandth.
constexpr std::uint64_t kWordsShare = 8'192;
constexpr std::uint64_t kWordsGrowth = 8;
constexpr std::uint64_t kWordsBytesMin = 128ull << 20;  // 16 million rows

// A changed payload's place in one word: never 0, so that 0 means unchanged.
constexpr std::uint64_t kChanged = 1ull << 63;
constexpr unsigned kLengthBits = 25;
constexpr std::uint64_t kChangedLengthMax = (1ull << kLengthBits) - 1;
constexpr std::uint64_t kChangedEndMax = 1ull << (63 - kLengthBits);  // 256 GiB: what lies beyond has no place

constexpr std::uint64_t pack_place(std::uint64_t offset, std::uint32_t length) {
  return kChanged | offset << kLengthBits | length;
}
constexpr std::uint64_t place_offset(std::uint64_t place) { return (place & ~kChanged) >> kLengthBits; }
constexpr std::uint32_t place_length(std::uint64_t place) {
  return static_cast<std::uint32_t>(place & kChangedLengthMax);
}

Error names_nothing(const RowFile& file, std::uint64_t offset) {
  return {ErrorCode::Corruption, file.path() + ": the entry at offset " + std::to_string(offset) +
                                     " names a row or an operation that is not there"};
}

// One word a row, as address space.
std::uint64_t words_bytes(std::uint64_t rows) {
  constexpr std::uint64_t kBytesMax = std::uint64_t{kRowsMax} * sizeof(std::uint64_t);
  const std::uint64_t share = std::max(free_address_bytes() / kWordsShare, kWordsBytesMin);
  return std::min(kBytesMax, std::max(share, kWordsGrowth * rows * sizeof(std::uint64_t)));
}

}  // namespace

Generation::~Generation() = default;

RowSpace::RowSpace(Disk& disk, std::string directory, std::uint64_t number, Schema schema)
    : disk_(disk),
      directory_(std::move(directory)),
      number_(number),
      schema_(std::move(schema)),
      field_erasures_(schema_.fields.size() + schema_.sparse.size()) {
  field_erased_at_ = decltype(field_erased_at_)(field_erasures_.size());
}

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
  OMEN_TRY(space->check_lengths(manifest));
  OMEN_TRY(space->open_files(manifest.identity, &manifest.files));
  OMEN_TRY(space->grow_words(manifest.rows));
  space->rows_.store(manifest.rows, std::memory_order_release);
  OMEN_TRY(space->read_erasures(manifest.lsn));
  OMEN_TRY(space->read_changes(manifest.lsn));
  if (space->live_rows() != manifest.live)
    return Error{ErrorCode::Corruption, directory + " has " + std::to_string(space->live_rows()) +
                                            " live rows where the manifest says " + std::to_string(manifest.live)};
  return space;
}

Result<void> RowSpace::check_lengths(const Manifest& manifest) const {
  const auto& extents = manifest.files;
  if (extents.size() != sparse_file(schema_.sparse.size()))
    return Error{ErrorCode::Corruption, "the manifest names " + std::to_string(extents.size()) + " row files"};
  bool fits = extents[kPoints].length == std::uint64_t{manifest.rows} * sizeof(PointEntry);
  for (std::size_t f = 0; f < schema_.fields.size(); ++f) {
    fits = fits && extents[kFirstVectors + f].length == std::uint64_t{manifest.rows} * schema_.fields[f].row_bytes();
  }
  for (std::size_t f = 0; f < schema_.sparse.size(); ++f) {
    fits = fits && extents[sparse_file(f) + 1].length == std::uint64_t{manifest.rows} * sizeof(std::uint64_t);
  }
  if (!fits) return Error{ErrorCode::Corruption, "the manifest's file lengths do not fit its rows"};
  return {};
}

Result<void> RowSpace::open_files(std::uint64_t identity, const std::vector<FileExtent>* extents) {
  std::vector<std::string> names = {"points", "payloads", "erasures", "changes"};
  for (std::size_t f = 0; f < schema_.fields.size(); ++f) names.push_back("vectors-" + std::to_string(f));
  for (std::size_t f = 0; f < schema_.sparse.size(); ++f) {
    names.push_back("sparse-" + std::to_string(f));
    names.push_back("sparse-ends-" + std::to_string(f));
  }

  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::uint64_t own[] = {identity, number_, i};
    const RowFile::Place place{join_path(directory_, names[i]), kMapBytes, crc32c(std::as_bytes(std::span(own)))};
    files_.push_back(extents == nullptr ? OMEN_TRY(RowFile::create(disk_, place))
                                        : OMEN_TRY(RowFile::open(disk_, place, (*extents)[i])));
  }
  const std::uint64_t bytes = words_bytes(extents == nullptr ? 0 : (*extents)[kPoints].length / sizeof(PointEntry));
  erased_memory_ = OMEN_TRY(GrowingMemory::reserve(bytes));
  erased_at_ = reinterpret_cast<const std::atomic<std::uint64_t>*>(erased_memory_.data());
  changed_memory_ = OMEN_TRY(GrowingMemory::reserve(bytes));
  changed_ = reinterpret_cast<std::atomic<std::uint64_t>*>(changed_memory_.data());
  return {};
}

// Untouched pages of words cost nothing.
Result<void> RowSpace::grow_words(std::uint64_t rows) {
  const std::uint64_t bytes = rows * sizeof(std::uint64_t);
  OMEN_TRY(erased_memory_.grow(bytes));
  OMEN_TRY(changed_memory_.grow(bytes));
  for (FieldErasures& field : field_erasures_) {
    if (field.memory.data() != nullptr) OMEN_TRY(field.memory.grow(bytes));
  }
  return {};
}

// From here on the field's marks are its own: so far those of the points.
Result<void> RowSpace::give_own_erasures(std::size_t field) {
  FieldErasures& own = field_erasures_[field];
  if (own.memory.data() != nullptr) return {};
  GrowingMemory memory = OMEN_TRY(GrowingMemory::reserve(erased_memory_.capacity()));
  OMEN_TRY(memory.grow(erased_memory_.size()));
  own.memory = std::move(memory);
  auto* const words = reinterpret_cast<std::atomic<std::uint64_t>*>(own.memory.data());
  for (std::uint32_t row = 0; row < rows(); ++row) {
    const Lsn erased = erased_at_[row].load(std::memory_order_relaxed);
    if (erased != 0) words[row].store(erased, std::memory_order_relaxed);
  }
  field_erased_at_[field].store(words, std::memory_order_release);
  return {};
}

// Of the lowest bit: dense fields first, then sparse ones.
std::size_t RowSpace::field_of(FieldMask mask) const {
  const auto bit = static_cast<std::size_t>(std::countr_zero(mask));
  return bit < kVectorFieldsMax ? bit : schema_.fields.size() + bit - kVectorFieldsMax;
}

void RowSpace::erase_from_field(std::size_t field, Row row, Lsn lsn) {
  auto* const words = reinterpret_cast<std::atomic<std::uint64_t>*>(field_erasures_[field].memory.data());
  words[index(row)].store(lsn, std::memory_order_release);  // read by searches of the field
  ++field_erasures_[field].lacking;
}

// In the point's words and in those of every field that has its own.
void RowSpace::erase_point(Row row, Lsn lsn) {
  auto* const words = reinterpret_cast<std::atomic<std::uint64_t>*>(erased_memory_.data());
  words[index(row)].store(lsn, std::memory_order_release);  // read by live() of every reader
  for (FieldErasures& field : field_erasures_) {
    if (field.memory.data() == nullptr) continue;
    auto& word = reinterpret_cast<std::atomic<std::uint64_t>*>(field.memory.data())[index(row)];
    if (word.load(std::memory_order_relaxed) == 0) word.store(lsn, std::memory_order_release);
    else --field.lacking;
  }
}

std::uint64_t RowSpace::erasure_bytes() const {
  std::uint64_t arrays = 1;
  for (const auto& own : field_erased_at_) arrays += own.load(std::memory_order_relaxed) != nullptr ? 1u : 0u;
  return arrays * rows() * sizeof(Lsn);
}

Result<void> RowSpace::read_erasures(Lsn lsn_max) {
  const RowFile& file = *files_[kErasures];
  std::uint64_t erased = 0;
  for (std::uint64_t offset = 0; offset < file.size(); offset += sizeof(Erasure)) {
    OMEN_TRY(file.check(offset, sizeof(Erasure)));
    Erasure entry;
    std::memcpy(&entry, file.data() + offset, sizeof entry);
    if (entry.row >= rows() || entry.lsn == 0 || entry.lsn > lsn_max || entry.field > field_erasures_.size())
      return names_nothing(file, offset);
    if (!live(Row{entry.row}, kNoLsn)) continue;
    if (entry.field == 0) {
      erase_point(Row{entry.row}, entry.lsn);
      ++erased;
      continue;
    }
    OMEN_TRY(give_own_erasures(entry.field - 1));
    erase_from_field(entry.field - 1, Row{entry.row}, entry.lsn);
  }
  erased_.store(erased, std::memory_order_relaxed);
  return {};
}

Result<void> RowSpace::read_changes(Lsn lsn_max) {
  const RowFile& file = *files_[kChanges];
  for (std::uint64_t offset = 0; offset < file.size(); offset += sizeof(Change)) {
    OMEN_TRY(file.check(offset, sizeof(Change)));
    Change entry;
    std::memcpy(&entry, file.data() + offset, sizeof entry);
    if (entry.row >= rows() || entry.lsn > lsn_max || entry.length > kChangedLengthMax || entry.offset >= kChangedEndMax)
      return names_nothing(file, offset);
    changed_[entry.row].store(pack_place(entry.offset, entry.length), std::memory_order_relaxed);
  }
  return {};
}

Row RowSpace::changed_row(std::uint64_t change) const {
  Change entry;
  std::memcpy(&entry, files_[kChanges]->data() + change * sizeof entry, sizeof entry);
  return Row{entry.row};
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

Result<RowSpace::PointEntry> RowSpace::entry(Row row) const {
  const std::uint64_t offset = std::uint64_t{index(row)} * sizeof(PointEntry);
  const RowFile& points = *files_[kPoints];
  OMEN_TRY(points.check(offset, sizeof(PointEntry)));
  PointEntry entry;
  std::memcpy(&entry, points.data() + offset, sizeof entry);
  return entry;
}

Result<PointId> RowSpace::id(Row row) const {
  const auto id = decode_id(OMEN_TRY(entry(row)).point);
  if (!id) {
    return Error{ErrorCode::Corruption,
                 files_[kPoints]->path() + ": row " + std::to_string(index(row)) + " has no id"};
  }
  return *id;
}

Result<FieldMask> RowSpace::lacking(Row row) const { return lacking_of(OMEN_TRY(entry(row)).point); }

// A stretch of a file of texts or sparse vectors, where an entry of another file says it lies.
Result<std::span<const std::byte>> RowSpace::stretch(const RowFile& file, std::uint64_t offset, std::uint64_t length,
                                                     Row row) const {
  const std::uint64_t end = file.size();
  if (offset > end || length > end - offset) {
    return Error{ErrorCode::Corruption, directory_ + ": what row " + std::to_string(index(row)) +
                                            " has would lie beyond the end of " + file.path()};
  }
  OMEN_TRY(file.check(offset, length));
  return std::span(file.data() + offset, length);
}

Result<std::string_view> RowSpace::payload(Row row) const {
  const RowFile& payloads = *files_[kPayloads];
  const std::uint64_t place = changed_[index(row)].load(std::memory_order_acquire);
  if (place != 0) return text_of(OMEN_TRY(stretch(payloads, place_offset(place), place_length(place), row)));
  const PointEntry point = OMEN_TRY(entry(row));
  if (point.point.payload_length == 0) return std::string_view();
  return text_of(OMEN_TRY(stretch(payloads, point.payload_offset, point.point.payload_length, row)));
}

Result<SparseView> RowSpace::sparse(std::size_t field, Row row) const {
  const RowFile& values = *files_[sparse_file(field)];
  const RowFile& ends = *files_[sparse_file(field) + 1];
  const std::uint64_t first = index(row) == 0 ? 0 : index(row) - 1;
  OMEN_TRY(ends.check(first * sizeof(std::uint64_t), 2 * sizeof(std::uint64_t)));
  const std::span all(ends.data(), (std::size_t{index(row)} + 1) * sizeof(std::uint64_t));
  const std::uint64_t begin = index(row) == 0 ? 0 : sparse_end(all, index(row) - 1);
  const std::uint64_t end = sparse_end(all, index(row));
  if (begin > end || (end - begin) % kSparseValueBytes != 0 || begin % kSparseValueBytes != 0) {
    return Error{ErrorCode::Corruption,
                 ends.path() + ": row " + std::to_string(index(row)) + " ends where no sparse vector can"};
  }
  return sparse_view(OMEN_TRY(stretch(values, begin, end - begin, row)));
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
  if (end * sizeof(std::uint64_t) > erased_memory_.capacity()) {
    return Error{ErrorCode::OutOfBudget, "there is address space for " +
                                             std::to_string(erased_memory_.capacity() / sizeof(std::uint64_t)) +
                                             " rows until the collection is opened again, erased ones included"};
  }
  OMEN_TRY(files_[kPoints]->reserve(record.count() * sizeof(PointEntry)));
  OMEN_TRY(files_[kPayloads]->reserve(record.payloads.size()));
  for (std::size_t f = 0; f < record.vectors.size(); ++f)
    OMEN_TRY(files_[kFirstVectors + f]->reserve(record.vectors[f].size()));
  for (std::size_t f = 0; f < record.sparse.size(); ++f) {
    OMEN_TRY(files_[sparse_file(f)]->reserve(record.sparse[f].values.size()));
    OMEN_TRY(files_[sparse_file(f) + 1]->reserve(record.sparse[f].ends.size()));
  }
  OMEN_TRY(grow_words(end));
  std::uint64_t lacking = 0;
  for (const PointBytes& point : record.points) {
    for (FieldMask rest = lacking_of(point); rest != 0; rest &= rest - 1, ++lacking) {
      OMEN_TRY(give_own_erasures(field_of(rest)));
    }
  }
  return reserve_erasures(record.count() + lacking);
}

Result<void> RowSpace::reserve(const PayloadRecord& record) {
  if (files_[kPayloads]->size() + record.payloads.size() > kChangedEndMax) {
    return Error{ErrorCode::TooLarge, "changed payloads have room in the first " + std::to_string(kChangedEndMax >> 30) +
                                          " GiB of " + files_[kPayloads]->path() + ", which are full until a vacuum"};
  }
  OMEN_TRY(files_[kPayloads]->reserve(record.payloads.size()));
  return files_[kChanges]->reserve(record.points.size() * sizeof(Change));
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
  OMEN_TRY(stamp_lacking(record, begin, lsn));
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
  OMEN_TRY(append_sparse(record));
  OMEN_TRY(files_[kPayloads]->append(record.payloads));
  return files_[kPoints]->append(std::as_bytes(std::span(point_scratch_)));
}

Result<void> RowSpace::append_sparse(const UpsertRecord& record) {
  for (std::size_t f = 0; f < record.sparse.size(); ++f) {
    const SparseBytes& field = record.sparse[f];
    RowFile& values = *files_[sparse_file(f)];
    end_scratch_.clear();
    for (std::size_t i = 0; i < record.count(); ++i) end_scratch_.push_back(values.size() + sparse_end(field.ends, i));
    OMEN_TRY(values.append(field.values));
    OMEN_TRY(files_[sparse_file(f) + 1]->append(std::as_bytes(std::span(end_scratch_))));
  }
  return {};
}

Result<Applied> RowSpace::change_payloads(const PayloadRecord& record, Lsn lsn) {
  RowFile& payloads = *files_[kPayloads];
  std::uint64_t offset = payloads.size();
  change_scratch_.clear();
  for (const PointBytes& point : record.points) {
    const auto row = ids_.find(*decode_id(point));
    if (row) change_scratch_.push_back({index(*row), point.payload_length, offset, lsn});
    offset += point.payload_length;
  }
  OMEN_TRY(payloads.append(record.payloads));
  for (const Change& change : change_scratch_) {
    changed_[change.row].store(pack_place(change.offset, change.length), std::memory_order_release);
  }
  OMEN_TRY(files_[kChanges]->append(std::as_bytes(std::span(change_scratch_))));
  return Applied{lsn, RowRange{rows(), rows()}, 0};
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
  erasure_scratch_.clear();
  for (const Row row : rows) {
    erase_point(row, lsn);
    erasure_scratch_.push_back({index(row), 0, lsn});
  }
  erased_.fetch_add(rows.size(), std::memory_order_relaxed);
  return files_[kErasures]->append(std::as_bytes(std::span(erasure_scratch_)));
}

// Behind the stamps of what the batch replaced: a point that comes twice in it has an older row here.
Result<void> RowSpace::stamp_lacking(const UpsertRecord& record, std::uint32_t begin, Lsn lsn) {
  erasure_scratch_.clear();
  for (std::uint32_t i = 0; i < record.count(); ++i) {
    const Row row = row_at(begin + i);
    if (!live(row, kNoLsn)) continue;
    for (FieldMask rest = lacking_of(record.points[i]); rest != 0; rest &= rest - 1) {
      const std::size_t field = field_of(rest);
      erase_from_field(field, row, lsn);
      erasure_scratch_.push_back({index(row), static_cast<std::uint32_t>(field + 1), lsn});
    }
  }
  if (erasure_scratch_.empty()) return {};
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
