// SimulatedDisk: a disk in memory that loses power and fails on request, the same way for the same seed.
//
// What a power cut leaves (`after_cut`), given everything since the last successful sync of the file:
//   * Data. Every page of 4 KiB that was written to is, independently of all others, as durable before, or as after any
//     prefix of the writes to it, or torn: each of its sectors of 512 bytes from one of two such moments. Later writes
//     to other pages may have survived earlier ones.
//   * Size. The synced size, the newest size, or any the file had in between, independently of the data: bytes
//     that were never written read as zero, and so may bytes that a truncation cut off although the old size is back.
//   * Names. Every creation, rename and removal since the last sync_directory() of its parent is lost or kept,
//     independently; a rename is one step: the old name or the new, never both, never none. A file may thus lose its
//     name though its data was synced, and a directory takes all in it along. remove_tree() is one removal per name.
// Everything that was synced, under a name that was synced, is there, to the byte.
//
// Failures (`fail_call`). A failed write has written half of its bytes; on a full disk, as many as fit. A failed sync
// drops the file's pending data for good: it reads as written, is not made durable by a later sync() that succeeds all
// the same, as in the kernel, and only a new write to the same page takes it along. Other failed calls change nothing.
//
// Any thread; files and maps may outlive the disk. Paths: "a/b" and "/a/b" are the same, and the root is always there.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "os/disk.h"

namespace omendb {

struct Fault {
  enum class Kind { IoError, DiskFull, ShortRead };  // ShortRead: a read gives half of what there is, and no error
  Kind kind = Kind::IoError;
  bool sticky = false;  // this call and every later one, or only this one
};

class SimulatedDisk : public Disk {
 public:
  explicit SimulatedDisk(std::uint64_t capacity_bytes = std::numeric_limits<std::uint64_t>::max());
  ~SimulatedDisk() override;

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove(const std::string& path) override;
  Result<void> create_directory(const std::string& path) override;
  Result<void> remove_tree(const std::string& path) override;
  Result<void> sync_directory(const std::string& path) override;
  Result<std::vector<DirectoryEntry>> list(const std::string& path) override;
  Result<bool> exists(const std::string& path) override;
  Result<std::unique_ptr<DirectoryLock>> lock(const std::string& directory) override;

  // The disk as the machine finds it after a power cut now; this one goes on, so many cuts can be drawn of one moment.
  std::unique_ptr<SimulatedDisk> after_cut(std::uint64_t seed) const;

  // The disk as the next process finds it if this one dies now: all is there, locks are free, and what was not synced
  // can still be lost in a later cut.
  std::unique_ptr<SimulatedDisk> after_kill() const;

  // Calls that change something, so far: creating open, write, sync, reserve that reserves, truncate, rename, remove,
  // create_directory, remove_tree, sync_directory, lock. And calls of File::read.
  std::uint64_t calls() const;
  std::uint64_t reads() const;

  // The call (read) that makes calls() (reads()) equal `n` fails. One fault of each at a time; the newest counts.
  void fail_call(std::uint64_t n, Fault fault);
  void fail_read(std::uint64_t n, Fault fault);

  // Called with n before the n-th call takes effect; may draw cuts.
  void on_call(std::function<void(std::uint64_t n)> hook);

  // Room for all files together; what they have already is theirs.
  void set_capacity(std::uint64_t bytes);

  // Damage from outside to a file that is there, durable at once: one byte xor `mask`; the bytes behind `size` cut off
  // (and with them goes what was pending: the rest of the file is durable as it reads).
  void corrupt(const std::string& path, std::uint64_t offset, std::byte mask);
  void truncate_behind(const std::string& path, std::uint64_t size);

  std::vector<std::string> paths() const;  // of all files, sorted

  struct State;  // of simulated_disk.cc

 private:
  explicit SimulatedDisk(std::shared_ptr<State> state);
  const std::shared_ptr<State> state_;  // shared with open files and locks
};

}  // namespace omendb
