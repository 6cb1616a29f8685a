// The row files of one generation, and what memory keeps of them: erasure marks and the id map.
//
// An operation is applied as its log record says, so the same log gives the same files, offset by offset. Nothing in
// the files is changed in place: an erasure is an entry appended to `erasures`, read back into one word a row at open.
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
  Result<void> check_vectors(std::size_t field, RowRange rows) const override;
  Result<PointId> id(Row row) const override;
  Result<std::string_view> payload(Row row) const override;
  void populate_vectors(std::size_t field, RowRange rows) const override;
  Result<std::optional<Row>> find(PointId id) const override;
  Lsn newest_operation() const override { return newest_operation_.load(std::memory_order_relaxed); }
  std::uint64_t erased_rows() const override { return erased_.load(std::memory_order_relaxed); }
  std::uint64_t id_map_bytes() const override { return ids_.memory_bytes(); }
  std::uint64_t erasure_bytes() const override { return std::uint64_t{rows()} * sizeof(Lsn); }
  std::uint32_t rows() const { return rows_.load(std::memory_order_acquire); }

  Result<void> wait_ids() const;  // until they are ready; the error if they could not be read
  bool ids_ready() const;

  // The files go with the last owner. For a generation the manifest no longer names, or never did.
  void retire() { retired_.store(true, std::memory_order_relaxed); }

  // --- Writer's turn. An error of reserve() changes nothing; after one of upsert() or erase() the space is given up.

  std::uint64_t live_rows() const { return rows() - erased_rows(); }
  Result<void> reserve(const UpsertRecord& record);
  Result<void> reserve_erasures(std::uint64_t count);
  Result<Applied> upsert(const UpsertRecord& record, Lsn lsn);
  Result<Applied> erase(std::span<const PointId> ids, Lsn lsn);
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
  enum Order : std::size_t { kPoints, kPayloads, kErasures, kFirstVectors };

  RowSpace(Disk& disk, std::string directory, std::uint64_t number, Schema schema);
  Result<void> open_files(std::uint64_t identity, const std::vector<FileExtent>* extents);
  Result<void> read_erasures(Lsn lsn_max);
  Result<void> append_points(const UpsertRecord& record);
  Result<void> stamp(std::span<const Row> rows, Lsn lsn);
  Result<void> scan_ids(bool wanted_only);
  void prefetch_id(Row row) const;
  Result<void> grow_erased_at(std::uint64_t rows);

  // Fixed after open.
  Disk& disk_;
  const std::string directory_;
  const std::uint64_t number_;
  const Schema schema_;
  std::vector<std::unique_ptr<RowFile>> files_;

  // Writer's turn only.
  GrowingMemory erased_memory_;  // behind erased_at_
  struct PointEntry {
    PointBytes point;
    std::uint64_t payload_offset;
  };
  static_assert(sizeof(PointEntry) == 32, "docs/file_format.md, section Points");
  struct Erasure {
    std::uint32_t row;
    std::uint32_t zero;
    Lsn lsn;
  };
  static_assert(sizeof(Erasure) == 16, "docs/file_format.md, section Erasures");
  std::vector<PointEntry> point_scratch_;
  std::vector<Row> row_scratch_;
  std::vector<Erasure> erasure_scratch_;
  bool wanted_ = false;

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
