// Store: the one door to the truth of a collection. The log, the row files it is applied to, the manifest that says how
// far they agree, and recovery. docs/file_format.md describes the bytes, docs/durability.md the promises.
//
// Calls marked "writer's turn" are made one at a time (the collection's writer mutex); the others by any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/row.h"
#include "omendb/types.h"
#include "os/disk.h"
#include "storage/generation.h"
#include "storage/log_record.h"
#include "storage/schema.h"

namespace omendb {

// Points to append, checked and converted: field f's vectors are ids.size() x row_bytes, in its datatype, zeros for a
// point that lacks the field.
struct RowBatch {
  std::span<const PointId> ids;
  std::span<const std::span<const std::byte>> vectors;  // one a field
  std::span<const std::string_view> payloads;           // none, or one a point
  std::span<const FieldMask> lacking = {};              // none, or one a point
  std::span<const SparseBytes> sparse = {};             // one a sparse field

  // Of the log record this makes.
  std::uint64_t record_bytes() const;
};

constexpr std::uint64_t kRecordBytesMax = 256ull << 20;

// What an operation did to the row space.
struct Applied {
  Lsn lsn = 0;
  RowRange rows;             // appended
  std::uint64_t erased = 0;  // rows stamped
};

// How far the store is: what the next View is made from.
struct StoreState {
  std::shared_ptr<const Generation> generation;
  std::uint32_t rows = 0;
  std::uint64_t live = 0;
  Lsn lsn = 0;
};

// What open() found and did, for people.
struct RecoveryReport {
  std::uint64_t records_replayed = 0;
  std::uint64_t rows_replayed = 0;
  bool torn_tail_cut = false;
  std::vector<std::string> strangers;  // files that are not ours: left alone
  std::optional<Error> data_loss;      // acknowledged operations are damaged: read-only up to the last good one
};

// A mark taken in the writer's turn, finished outside it.
class Checkpoint {
 public:
  virtual ~Checkpoint() = default;
};

class Vacuum;  // the next generation in the making

class Store {
 public:
  // `directory` must not exist yet (its parent must). Durable when it returns.
  static Result<std::unique_ptr<Store>> create(Disk& disk, const std::string& directory, const Schema& schema);

  // Reads the manifest, cuts the row files to it, replays the log. The id map is not read yet: load_ids().
  static Result<std::unique_ptr<Store>> open(Disk& disk, const std::string& directory);

  virtual ~Store();

  virtual const Schema& schema() const = 0;
  virtual std::uint64_t identity() const = 0;  // random, fixed when the collection was created
  virtual const RecoveryReport& recovery() const = 0;
  virtual StoreState state() const = 0;  // writer's turn, or before threads share the store

  // Reads the ids of all rows into the id map; until then find() and writes wait. Any thread, once, behind the open.
  virtual Result<void> load_ids() = 0;
  virtual bool ids_ready() const = 0;

  // --- Writer's turn.

  // Reserves room, appends one record to the log, applies it. On an error nothing was changed, unless the error is
  // ReadOnly: then applying failed after the log had the record, the outcome is unknown until the store is reopened,
  // and no write is taken any more.
  virtual Result<Applied> upsert(const RowBatch& batch) = 0;
  virtual Result<Applied> erase(std::span<const PointId> ids) = 0;
  // The points have these payloads from now on; those that do not exist are passed over.
  virtual Result<Applied> change_payloads(std::span<const PointId> ids, std::span<const std::string_view> payloads) = 0;

  // --- Any thread.

  // Returns once everything up to `lsn` is flushed. Whoever comes first flushes for all that gathered (group commit).
  // A failed flush is final: IoError now, ReadOnly from then on.
  virtual Result<void> sync(Lsn lsn) = 0;
  virtual Lsn durable_lsn() const = 0;

  // Makes ready on disk what the next writes will need, so that they need not wait for it. Now and then, by one thread.
  virtual void prepare() = 0;

  // Appends a mark that carries the durable LSN, so that damage to the last group cannot pass for a torn tail; flushes.
  // For the end of a quiet spell and for closing. Writer's turn.
  virtual Result<void> mark_durable() = 0;

  // Why no write is taken any more.
  virtual std::optional<Error> read_only() const = 0;

  // --- Checkpoint: the log up to here is in the row files, and is dropped.

  virtual bool checkpoint_due() const = 0;  // 64 MiB of log or 100,000 rows since the last; any thread
  virtual std::unique_ptr<Checkpoint> begin_checkpoint() = 0;                      // writer's turn, short
  virtual Result<void> finish_checkpoint(std::unique_ptr<Checkpoint> mark) = 0;    // any thread, one at a time
  virtual Lsn checkpoint_lsn() const = 0;

  // --- Vacuum: generation + 1 without the erased rows.

  // Writer's turn, short. Pins the log from here on. One at a time; not beside an unfinished checkpoint.
  virtual Result<std::unique_ptr<Vacuum>> begin_vacuum() = 0;
  // Gives up: the new generation's files are removed, the log is unpinned. Writer's turn.
  virtual void abandon_vacuum(std::unique_ptr<Vacuum> vacuum) = 0;
  // Writer's turn: applies what is left of the log, switches by one manifest write, retires the old generation (its
  // files go with the last reader). state() is the new one afterwards.
  virtual Result<void> finish_vacuum(std::unique_ptr<Vacuum> vacuum) = 0;

  // Takes no more writes (ReadOnly) and gives room that was reserved ahead back to the disk. Writer's turn; readers go
  // on.
  virtual void close() = 0;

  // --- For people.

  virtual std::uint64_t disk_bytes() const = 0;
  virtual std::uint64_t log_bytes() const = 0;
  virtual Result<VerifyReport> verify() const = 0;  // row files and log against their sums, up to the last checkpoint
};

// Any thread but one at a time, outside the writer's turn, until finish_vacuum().
class Vacuum {
 public:
  virtual ~Vacuum() = default;

  // Copies up to `rows_max` more rows of the frozen View; true once all are copied.
  virtual Result<bool> copy(std::uint32_t rows_max) = 0;

  // Applies what the log received since, as a replica would; returns the number of records still missing (small enough
  // to leave to finish_vacuum() when under a few hundred).
  virtual Result<std::uint64_t> catch_up() = 0;

  // The row a live row of the frozen View moved to; kNoRow for erased ones. Complete once copy() returned true.
  virtual std::span<const Row> moved_to() const = 0;

  virtual std::shared_ptr<const Generation> generation() const = 0;  // the new one
  virtual std::uint32_t rows() const = 0;                            // of the new one so far
};

}  // namespace omendb
