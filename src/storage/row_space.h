// The row files of one generation, and what memory keeps of them: erasure marks and the id map.
//
// An operation is applied as its log record says, so the same log gives the same files, offset by offset. Nothing in
// the files is changed in place: an erasure is an entry appended to `erasures`, a new payload one appended to `changes`,
// read back into one word a row at open.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "os/disk.h"
#include "os/memory.h"
#include "storage/generation.h"
#include "storage/id_map.h"
#include "storage/log_record.h"
#include "storage/manifest.h"
#include "storage/row_file.h"
#include "storage/store.h"

namespace omendb {

class RowSpace final : public Generation {
 public:
  // A new directory with empty files; durable after sync_names() and flush(). The ids are ready.
  static Result<std::shared_ptr<RowSpace>> create(Disk& disk, const std::string& directory, std::uint64_t identity,
                                                  std::uint64_t number, const Schema& schema);

  // As far as the manifest says. Ids are not ready: want(), resolve_wanted(), load_ids().
  static Result<std::shared_ptr<RowSpace>> open(Disk& disk, const std::string& directory, const Manifest& manifest);

  ~RowSpace() override;

  // --- Any thread.

  std::uint64_t number() const override { return number_; }
  const Schema& schema() const override { return schema_; }
  const std::string& directory() const override { return directory_; }
  const std::byte* vectors(std::size_t field) const override { return files_[kFirstVectors + field]->data(); }
  Result<void> check_vectors(std::size_t field, RowRange rows) const override;
  Result<PointId> id(Row row) const override;
  Result<FieldMask> lacking(Row row) const override;
  Result<SparseView> sparse(std::size_t field, Row row) const override;
  Result<std::string_view> payload(Row row) const override;
  std::uint64_t payload_changes() const override { return files_[kChanges]->size() / sizeof(Change); }
  Row changed_row(std::uint64_t change) const override;
  void populate_vectors(std::size_t field, RowRange rows) const override;
  Result<std::optional<Row>> find(PointId id) const override;
  Lsn newest_operation() const override { return newest_operation_.load(std::memory_order_relaxed); }
  std::uint64_t erased_rows() const override { return erased_.load(std::memory_order_relaxed); }
  std::uint64_t id_map_bytes() const override { return ids_.memory_bytes(); }
  std::uint64_t erasure_bytes() const override;
  std::uint32_t rows() const { return rows_.load(std::memory_order_acquire); }

  Result<void> wait_ids() const;  // until they are ready; the error if they could not be read
  bool ids_ready() const;

  // The files go with the last owner. For a generation the manifest no longer names, or never did.
  void retire() { retired_.store(true, std::memory_order_relaxed); }

  // --- Writer's turn. An error of reserve() changes nothing; after one of upsert() or erase() the space is given up.

  std::uint64_t live_rows() const { return rows() - erased_rows(); }
  std::uint64_t lacking_rows(std::size_t field) const override { return field_erasures_[field].lacking; }
  Result<void> reserve(const UpsertRecord& record);
  Result<void> reserve_erasures(std::uint64_t count);
  Result<Applied> upsert(const UpsertRecord& record, Lsn lsn);
  Result<Applied> erase(std::span<const PointId> ids, Lsn lsn);
  Result<void> reserve(const PayloadRecord& record);
  Result<Applied> change_payloads(const PayloadRecord& record, Lsn lsn);
  std::optional<Row> find_ready(PointId id) const { return ids_.find(id); }
  void give_back_room();  // writer only, for the last time

  std::vector<FileExtent> extents() const;

  // --- While nobody writes.

  // Recovery stamps the predecessors of replayed points without the whole id map: it names the ids it will meet, and
  // one pass over the points finds their rows.
  void want(PointId id);
  Result<void> resolve_wanted();
  Result<void> load_ids();

  // --- One thread at a time, beside the writer.

  Result<void> flush(const std::vector<FileExtent>& extents);
  Result<void> sync_names();
  void verify(const std::vector<FileExtent>& extents, VerifyReport& report) const;

 private:
  // Behind the dense fields' files two for each sparse field: values, and where each vector ends.
  enum Order : std::size_t { kPoints, kPayloads, kErasures, kChanges, kFirstVectors };

  struct PointEntry {
    PointBytes point;
    std::uint64_t payload_offset;
  };
  static_assert(sizeof(PointEntry) == 32, "docs/file_format.md, section Points");
  struct Change {
    std::uint32_t row;
    std::uint32_t length;
    std::uint64_t offset;
    Lsn lsn;
  };
  static_assert(sizeof(Change) == 24, "docs/file_format.md, section Changes");

  RowSpace(Disk& disk, std::string directory, std::uint64_t number, Schema schema);
  Result<void> open_files(std::uint64_t identity, const std::vector<FileExtent>* extents);
  Result<void> check_lengths(const Manifest& manifest) const;
  Result<void> read_erasures(Lsn lsn_max);
  Result<void> read_changes(Lsn lsn_max);
  Result<void> append_points(const UpsertRecord& record);
  Result<void> append_sparse(const UpsertRecord& record);
  Result<void> give_own_erasures(std::size_t field);
  std::size_t field_of(FieldMask mask) const;
  void erase_from_field(std::size_t field, Row row, Lsn lsn);
  void erase_point(Row row, Lsn lsn);
  std::size_t sparse_file(std::size_t field) const { return kFirstVectors + schema_.fields.size() + 2 * field; }
  Result<void> stamp(std::span<const Row> rows, Lsn lsn);
  Result<void> stamp_lacking(const UpsertRecord& record, std::uint32_t begin, Lsn lsn);
  Result<void> scan_ids(bool wanted_only);
  Result<PointEntry> entry(Row row) const;
  Result<std::span<const std::byte>> stretch(const RowFile& file, std::uint64_t offset, std::uint64_t length,
                                             Row row) const;
  void prefetch_id(Row row) const;
  Result<void> grow_words(std::uint64_t rows);

  // Fixed after open.
  Disk& disk_;
  const std::string directory_;
  const std::uint64_t number_;
  const Schema schema_;
  std::vector<std::unique_ptr<RowFile>> files_;

  // Writer's turn only.
  GrowingMemory erased_memory_;   // behind erased_at_
  GrowingMemory changed_memory_;  // behind changed_
  struct FieldErasures {
    GrowingMemory memory;       // behind field_erased_at_; empty while no row lacks the field
    std::uint64_t lacking = 0;  // live rows that do
  };
  std::vector<FieldErasures> field_erasures_;
  struct Erasure {
    std::uint32_t row;
    std::uint32_t field;  // 0: the point; else one more than the field that it lacks
    Lsn lsn;
  };
  static_assert(sizeof(Erasure) == 16, "docs/file_format.md, section Erasures");
  std::vector<PointEntry> point_scratch_;
  std::vector<Change> change_scratch_;
  std::vector<std::uint64_t> end_scratch_;
  std::vector<Row> row_scratch_;
  std::vector<Erasure> erasure_scratch_;
  bool wanted_ = false;

  // One word a row: where its payload lies since it was changed, 0 if it never was (pack_place in the source). Stored by
  // the writer after the bytes are in the file, loaded by payload() of every reader.
  std::atomic<std::uint64_t>* changed_ = nullptr;

  // Stored by the writer, loaded by anybody: bounds and statistics, never a promise that a row is visible.
  std::atomic<std::uint32_t> rows_{0};
  std::atomic<std::uint64_t> erased_{0};
  std::atomic<bool> retired_{false};

  // Stored by the writer before it takes the id map's locks, loaded by readers after they have held them.
  std::atomic<Lsn> newest_operation_{0};

  IdMap ids_;
  mutable std::mutex ids_mutex_;  // guards what follows
  mutable std::condition_variable ids_changed_;
  bool ids_ready_ = false;
  std::optional<Error> ids_error_;
};

}  // namespace omendb
