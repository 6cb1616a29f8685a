// The log: every operation in order, one record each, before it is applied to the row files.
//
// Segments are numbered in order, salted, grown ahead of what is written, never written to again once closed and never
// recycled. Files of earlier processes are adopted for removal only: a new process begins a new segment, and only once
// they are gone, so a cut tail cannot return.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "omendb/types.h"
#include "os/disk.h"
#include "storage/log_reader.h"
#include "storage/log_record.h"

namespace omendb {

class Log {
 public:
  struct Start {
    std::string directory;
    std::uint64_t identity = 0;
    Lsn last = 0;     // of what was recovered
    Lsn durable = 0;
    std::vector<LogFile> adopted;
  };

  Log(Disk& disk, Start start);

  // --- Writer's turn.

  // Room for a record of this payload length. DiskFull changes nothing. Not while adopted() segments are there.
  Result<void> reserve(std::uint64_t payload_length);

  // After reserve(). An error, a full disk included, leaves open whether the next open finds the record: perhaps only
  // its padding is missing.
  Result<Lsn> append(RecordType type, std::span<const std::span<const std::byte>> payload);

  // The next record begins a new segment, so that a checkpoint up to here can drop everything before.
  void close_segment();

  // Gives room that was reserved ahead back to the disk, the segment that lies ready included. For the end. Destroying
  // a Log touches no file: by then another one may have given the same names.
  void give_back_room();

  Lsn last() const { return last_; }
  bool ends_with_mark() const { return ends_with_mark_; }

  // --- Any thread.

  // Returns once everything up to `lsn` is on disk. Who comes first flushes for all who gathered meanwhile. An error is
  // final, and repeated to everybody from then on.
  Result<void> sync(Lsn lsn);
  Lsn durable() const { return durable_.load(std::memory_order_acquire); }

  // Everything up to `lsn` is on disk otherwise: in the row files.
  void note_durable(Lsn lsn);

  bool adopted() const;
  std::vector<LogFile> segments() const;  // as far as they are written
  Lsn appended() const;                   // the same as last(), for threads without the turn
  std::uint64_t bytes() const;
  std::uint64_t bytes_ever() const { return bytes_ever_.load(std::memory_order_relaxed); }

  // Removes the segments that hold nothing beyond `lsn`.
  Result<void> remove_through(Lsn lsn);

  // Makes the next segment while the present one fills, so that the writer finds it and need not wait until the disk
  // has taken a new name. An error is of no consequence: reserve() makes what is not there.
  void prepare_segment();

 private:
  struct Segment;

  Result<void> begin_segment(std::uint64_t bytes);
  Result<std::shared_ptr<Segment>> create_segment(std::uint64_t room);
  Result<void> grow(Segment& segment, std::uint64_t needed);

  // Fixed.
  Disk& disk_;
  const std::string directory_;
  const std::uint64_t identity_;

  // Writer's turn only.
  Lsn last_;
  bool ends_with_mark_ = false;
  std::shared_ptr<Segment> active_;
  Bytes buffer_;

  // Held while a segment is made, taken before mutex_.
  std::mutex creating_;
  std::uint64_t next_number_;
  std::shared_ptr<Segment> spare_;  // the next one, empty; null: not made yet

  // Held while flushing, taken before mutex_; the writer never takes it.
  std::mutex flush_mutex_;
  std::atomic<Lsn> durable_;  // stored by the flusher after fdatasync; whoever loads it may promise what it says

  // Short. Guards the list, what its segments say of themselves, and appended_.
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<Segment>> segments_;
  Lsn appended_;
  std::uint64_t longest_ = 0;  // segment so far, in bytes
  std::optional<Error> failure_;

  std::atomic<std::uint64_t> bytes_ever_{0};  // appended by this process; statistics
};

}  // namespace omendb
