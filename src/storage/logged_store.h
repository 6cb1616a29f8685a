// The Store there is: a log, the row space it is applied to, and a manifest.
//
// Lock order: the writer's turn (the caller's), manifest_mutex_, then the log's own. The small mutexes current_mutex_
// and read_only_mutex_ are held for a copy only, and nothing is taken under them.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "storage/recovery.h"
#include "storage/store.h"

namespace omendb {

class RowVacuum;

class LoggedStore final : public Store {
 public:
  LoggedStore(Disk& disk, std::string directory, Recovered recovered);

  // After recovery: the replayed log goes into the row files, and what nobody needs goes. Once, before anything else.
  Result<void> settle();

  const Schema& schema() const override { return schema_; }
  std::uint64_t identity() const override { return identity_; }
  const RecoveryReport& recovery() const override { return report_; }
  StoreState state() const override;
  Result<void> load_ids() override { return current()->load_ids(); }
  bool ids_ready() const override { return current()->ids_ready(); }

  Result<Applied> upsert(const RowBatch& batch) override;
  Result<Applied> erase(std::span<const PointId> ids) override;
  Result<Applied> change_payloads(std::span<const PointId> ids, std::span<const std::string_view> payloads) override;
  Result<void> sync(Lsn lsn) override;
  Lsn durable_lsn() const override { return log_->durable(); }
  void prepare() override;
  Result<void> mark_durable() override;
  std::optional<Error> read_only() const override;

  bool checkpoint_due() const override;
  std::unique_ptr<Checkpoint> begin_checkpoint() override;
  Result<void> finish_checkpoint(std::unique_ptr<Checkpoint> mark) override;
  Lsn checkpoint_lsn() const override { return checkpoint_lsn_.load(std::memory_order_acquire); }

  Result<std::unique_ptr<Vacuum>> begin_vacuum() override;
  void abandon_vacuum(std::unique_ptr<Vacuum> vacuum) override;
  Result<void> finish_vacuum(std::unique_ptr<Vacuum> vacuum) override;
  void close() override;

  std::uint64_t disk_bytes() const override;
  std::uint64_t log_bytes() const override { return log_->bytes(); }
  Result<VerifyReport> verify() const override;

 private:
  std::shared_ptr<RowSpace> current() const;
  Manifest manifest_now(const RowSpace& rows) const;
  Result<void> writable() const;
  Error fail(const Error& cause);
  Result<Lsn> append(RecordType type, std::span<const std::span<const std::byte>> payload);
  Result<void> write_checkpoint(RowSpace& rows, const Manifest& manifest);
  Result<void> unless_final(Result<void> result);
  Result<void> remove_old_files();
  Result<void> verify_log(VerifyReport& report) const;

  // Fixed after open.
  Disk& disk_;
  const std::string directory_;
  const Schema schema_;
  const std::uint64_t identity_;
  RecoveryReport report_;
  std::unique_ptr<Log> log_;  // has its own locks

  // Writer's turn only.
  RecordScratch scratch_;
  std::uint64_t last_generation_;

  // Taken to write the manifest, flushes of the row files included.
  mutable std::mutex manifest_mutex_;
  SlotPair slots_;
  Manifest manifest_;
  std::vector<std::string> old_files_;
  std::vector<std::string> old_directories_;

  // Written in the writer's turn under the mutex; the writer reads it without.
  mutable std::mutex current_mutex_;
  std::shared_ptr<RowSpace> rows_;

  mutable std::mutex read_only_mutex_;
  std::optional<Error> read_only_;

  // The log is kept from here on while a vacuum reads it; stored in the writer's turn, loaded by checkpoints.
  std::atomic<Lsn> pinned_{kNoLsn};
  std::atomic<Lsn> checkpoint_lsn_;  // stored under manifest_mutex_

  // What has come since the last checkpoint: statistics behind checkpoint_due().
  std::atomic<std::uint64_t> rows_ever_{0};
  std::atomic<std::uint64_t> checkpoint_bytes_{0};
  std::atomic<std::uint64_t> checkpoint_rows_{0};
};

}  // namespace omendb
