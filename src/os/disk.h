// The only door to storage: files and directories, with the durability promise of each call.
//
// Two implementations: RealDisk (POSIX), and SimulatedDisk, which keeps everything in memory, can be made to fail at
// the n-th call, and can be cut: unsynced writes are then lost, kept, torn or reordered as a seed says. Nothing above
// `os` makes a system call, so what the simulated disk proves holds for all of storage.
//
// There is no writable map: a full disk is an error value, never a signal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "omendb/result.h"

namespace omendb {

// A read-only view of a file, in address space reserved once: it sees what is written later and never moves.
// Bytes beyond the file's end must not be touched.
class Mapping {
 public:
  virtual ~Mapping() = default;
  const std::byte* data() const { return data_; }
  std::uint64_t capacity() const { return capacity_; }

  // Advice, errors are of no consequence: read these bytes ahead into the page cache and into the page table.
  virtual void populate(std::uint64_t offset, std::uint64_t length) const = 0;

 protected:
  Mapping(const std::byte* data, std::uint64_t capacity) : data_(data), capacity_(capacity) {}

 private:
  const std::byte* data_;
  std::uint64_t capacity_;
};

// One writer at a time; readers may read or map beside it.
class File {
 public:
  virtual ~File() = default;

  // All bytes or an error (DiskFull, IoError). Not durable before sync(). Retries short writes and EINTR itself.
  virtual Result<void> write(std::uint64_t offset, std::span<const std::byte> bytes) = 0;

  // Bytes read: fewer than asked only at the end of the file.
  virtual Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> into) const = 0;

  // Everything written before the call is durable when it returns (fdatasync: data and size). A failure is final for
  // this file: the kernel may have dropped the data, so a later success would prove nothing. Do not retry.
  virtual Result<void> sync() = 0;

  // Asks the kernel to start writing these bytes out, so that a later sync() finds little to do. Promises nothing.
  virtual void start_writeback(std::uint64_t offset, std::uint64_t length) = 0;

  // Room for [0, length) without changing the size: a later write() inside it cannot meet a full disk.
  virtual Result<void> reserve(std::uint64_t length) = 0;

  virtual Result<void> truncate(std::uint64_t size) = 0;
  virtual Result<std::uint64_t> size() const = 0;

  // A map of [0, capacity); capacity may be far beyond the end.
  virtual Result<std::unique_ptr<Mapping>> map(std::uint64_t capacity) const = 0;

  virtual const std::string& path() const = 0;
};

// Held until destroyed; a process that dies lets go of it.
class DirectoryLock {
 public:
  virtual ~DirectoryLock() = default;
};

enum class OpenMode {
  Read,       // NotFound if it is not there
  Write,      // read and write; NotFound if it is not there
  CreateNew,  // read and write; AlreadyExists if it is there
};

struct DirectoryEntry {
  std::string name;
  bool is_directory = false;
  std::uint64_t size = 0;
};

class Disk {
 public:
  virtual ~Disk() = default;

  virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;

  // Within one directory; a file replaces a file. Durable after sync_directory() of the parent.
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  virtual Result<void> remove(const std::string& path) = 0;             // a file; NotFound if it is not there
  virtual Result<void> create_directory(const std::string& path) = 0;   // one level; already there is fine
  virtual Result<void> remove_tree(const std::string& path) = 0;        // a directory and all in it; not there is fine
  virtual Result<void> sync_directory(const std::string& path) = 0;     // names created, renamed, removed are durable
  virtual Result<std::vector<DirectoryEntry>> list(const std::string& path) = 0;  // sorted by name; NotFound
  virtual Result<bool> exists(const std::string& path) = 0;

  // Locks `directory` through a LOCK file in it that says who holds it. Locked, with those words, if another does.
  virtual Result<std::unique_ptr<DirectoryLock>> lock(const std::string& directory) = 0;
};

// The disk of this machine.
Disk& real_disk();

// "a/b" from "a" and "b".
std::string join_path(std::string_view directory, std::string_view name);

// "a" from "a/b", "." from "a", "/" from "/a".
std::string parent_of(const std::string& path);

// Ends the names of files that are to be renamed when they are whole; left over, they are of no use.
constexpr std::string_view kTemporarySuffix = ".tmp";

// Writes a whole new file under `path`, durably: temporary name, write, sync, rename, sync of the directory.
Result<void> write_file_durably(Disk& disk, const std::string& path, std::span<const std::byte> bytes);

// The whole file, if it is no longer than `bytes_max` (else Corruption: no file of ours is).
Result<std::vector<std::byte>> read_file(Disk& disk, const std::string& path, std::uint64_t bytes_max);

}  // namespace omendb
