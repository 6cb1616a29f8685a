// RealDisk: the disk of this machine, by POSIX calls and four of Linux (fallocate, sync_file_range, flock, madvise).
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <system_error>

#include "base/bytes.h"
#include "base/try.h"
#include "os/disk.h"

namespace omendb {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr mode_t kDirectoryMode = 0700;

Error failure(std::string_view call, const std::string& path, int error_number) {
  const auto code = [error_number] {
    switch (error_number) {
      case ENOENT: return ErrorCode::NotFound;
      case EEXIST: return ErrorCode::AlreadyExists;
      case ENOSPC:
      case EDQUOT: return ErrorCode::DiskFull;
      case EMFILE:
      case ENFILE: return ErrorCode::OutOfBudget;
      default: return ErrorCode::IoError;
    }
  }();
  return Error{code, std::string(call) + " " + path + ": " + std::system_category().message(error_number)};
}

Error failure(std::string_view call, const std::string& path) { return failure(call, path, errno); }

// Calls again while a signal interrupts.
template <class Call>
auto retried(Call call) {
  decltype(call()) result;
  do {
    result = call();
  } while (result == -1 && errno == EINTR);
  return result;
}

off_t to_off(std::uint64_t offset) { return static_cast<off_t>(offset); }

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }

 private:
  int number_;
};

Result<Descriptor> open_descriptor(const std::string& path, int flags) {
  const int number = retried([&] { return ::open(path.c_str(), flags | O_CLOEXEC, kFileMode); });
  if (number < 0) return failure("open", path);
  return Descriptor(number);
}

Result<void> write_all(int descriptor, const std::string& path, std::uint64_t offset,
                       std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = retried([&] { return ::pwrite(descriptor, bytes.data(), bytes.size(), to_off(offset)); });
    if (written < 0) return failure("write", path);
    if (written == 0) return failure("write", path, EIO);
    offset += static_cast<std::uint64_t>(written);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Result<std::size_t> read_all(int descriptor, const std::string& path, std::uint64_t offset, std::span<std::byte> into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t got = retried(
        [&] { return ::pread(descriptor, into.data() + done, into.size() - done, to_off(offset + done)); });
    if (got < 0) return failure("read", path);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

Result<struct stat> status_of(int descriptor, const std::string& path) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return failure("stat", path);
  return status;
}

class RealMapping : public Mapping {
 public:
  RealMapping(void* data, std::uint64_t capacity) : Mapping(static_cast<const std::byte*>(data), capacity) {}
  RealMapping(const RealMapping&) = delete;
  RealMapping& operator=(const RealMapping&) = delete;
  ~RealMapping() override { ::munmap(address(0), capacity()); }

  void populate(std::uint64_t offset, std::uint64_t length) const override {
    constexpr int kPopulateRead = 22;                 // MADV_POPULATE_READ, Linux 5.14; older headers lack the name
    constexpr std::uint64_t kPieceBytes = 8ull << 20;  // the address space's lock is let go of between pieces
    constexpr std::uint64_t kPageBytes = 4096;
    if (offset >= capacity()) return;
    const std::uint64_t end = offset + std::min(length, capacity() - offset);
    for (std::uint64_t at = offset / kPageBytes * kPageBytes; at < end; at += kPieceBytes) {
      const std::uint64_t bytes = std::min(kPieceBytes, end - at);
      if (::madvise(address(at), bytes, kPopulateRead) == 0) continue;
      if (errno != EINVAL) return;  // the end of the file: what lies before it is populated
      ::madvise(address(at), bytes, MADV_WILLNEED);
    }
  }

 private:
  void* address(std::uint64_t offset) const { return const_cast<std::byte*>(data() + offset); }
};

// How much to reserve when `length` is asked for: up to an eighth more, so that a file that grows by small steps makes
// a number of calls that grows with the logarithm of its size; at most 64 MiB more.
std::uint64_t reservation_for(std::uint64_t length) {
  const std::uint64_t step = std::clamp<std::uint64_t>(std::bit_floor(length) / 8, 4096, 64ull << 20);
  return (length + step - 1) / step * step;
}

class RealFile : public File {
 public:
  RealFile(Descriptor descriptor, std::string path) : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  Result<void> write(std::uint64_t offset, std::span<const std::byte> bytes) override {
    return write_all(descriptor_.number(), path_, offset, bytes);
  }

  Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> into) const override {
    return read_all(descriptor_.number(), path_, offset, into);
  }

  Result<void> sync() override {
    // The kernel reports a lost page once; from then on a success would be a lie.
    if (sync_failed_.load()) return Error{ErrorCode::IoError, "sync " + path_ + ": an earlier sync failed"};
    if (::fdatasync(descriptor_.number()) == 0) return {};
    sync_failed_.store(true);
    Error error = failure("sync", path_);
    error.code = ErrorCode::IoError;  // also for ENOSPC: room made later does not bring the data back
    return error;
  }

  void start_writeback(std::uint64_t offset, std::uint64_t length) override {
    if (length == 0) return;  // to the kernel it would mean: up to the end
    ::sync_file_range(descriptor_.number(), to_off(offset), to_off(length), SYNC_FILE_RANGE_WRITE);
  }

  Result<void> reserve(std::uint64_t length) override {
    if (length <= reserved_) return {};
    const std::uint64_t generous = reservation_for(length);
    if (allocate(generous) == 0) return remember_reserved(generous);
    const int error_number = allocate(length);
    if (error_number == 0) return remember_reserved(length);
    if (error_number == EOPNOTSUPP) return check_room(length);
    return failure("reserve", path_, error_number);
  }

  Result<void> truncate(std::uint64_t size) override {
    const auto call = [&] { return ::ftruncate(descriptor_.number(), to_off(size)); };
    if (retried(call) != 0) return failure("truncate", path_);
    reserved_ = std::min(reserved_, size);  // it gives back what was reserved behind
    return {};
  }

  Result<std::uint64_t> size() const override {
    const struct stat status = OMEN_TRY(status_of(descriptor_.number(), path_));
    return static_cast<std::uint64_t>(status.st_size);
  }

  Result<std::unique_ptr<Mapping>> map(std::uint64_t capacity) const override {
    const std::uint64_t least = std::clamp<std::uint64_t>(OMEN_TRY(size()), 1, std::max<std::uint64_t>(capacity, 1));
    for (std::uint64_t wanted = std::max(capacity, least);; wanted = std::max(wanted / 2, least)) {
      void* const data = ::mmap(nullptr, wanted, PROT_READ, MAP_SHARED, descriptor_.number(), 0);
      if (data != MAP_FAILED) return std::unique_ptr<Mapping>(std::make_unique<RealMapping>(data, wanted));
      if (errno != ENOMEM || wanted == least) return failure("map", path_);
    }
  }

  const std::string& path() const override { return path_; }

 private:
  // 0 or an error number.
  int allocate(std::uint64_t length) const {
    const auto call = [&] { return ::fallocate(descriptor_.number(), FALLOC_FL_KEEP_SIZE, 0, to_off(length)); };
    return retried(call) == 0 ? 0 : errno;
  }

  Result<void> remember_reserved(std::uint64_t length) {
    reserved_ = length;
    return {};
  }

  // For file systems without fallocate: room there is now may be gone at the write, which then says so.
  Result<void> check_room(std::uint64_t length) const {
    const struct stat status = OMEN_TRY(status_of(descriptor_.number(), path_));
    struct statvfs room {};
    if (::fstatvfs(descriptor_.number(), &room) != 0) return failure("reserve", path_);
    constexpr std::uint64_t kBlockBytes = 512;  // the unit of st_blocks
    const std::uint64_t has = static_cast<std::uint64_t>(status.st_blocks) * kBlockBytes;
    if (length <= has || (length - has) / room.f_frsize < room.f_bavail) return {};
    return failure("reserve", path_, ENOSPC);
  }

  // Fixed after open.
  const Descriptor descriptor_;
  const std::string path_;

  std::atomic<bool> sync_failed_{false};  // stored and loaded by whoever syncs; guards no other data

  // Writer only.
  std::uint64_t reserved_ = 0;
};

// "process 123 (omendb) on host since 2026-01-31 23:59:59 UTC"
std::string description_of_this_process() {
  char host[256] = "an unknown host";
  ::gethostname(host, sizeof host - 1);
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char since[64];
  std::strftime(since, sizeof since, "%Y-%m-%d %H:%M:%S UTC", &utc);
  return "process " + std::to_string(::getpid()) + " (" + program_invocation_short_name + ") on " + host + " since " +
         since;
}

// What the holder wrote into its LOCK file; it may be just about to.
std::string description_of_holder(int descriptor, const std::string& path) {
  std::byte bytes[512];
  const Result<std::size_t> got = read_all(descriptor, path, 0, bytes);
  std::string text(text_of(std::span(bytes).first(got.ok() ? *got : 0)));
  std::erase_if(text, [](char c) { return c < ' ' || c > '~'; });
  return text.empty() ? "another process" : text;
}

class RealLock : public DirectoryLock {
 public:
  explicit RealLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

 private:
  Descriptor descriptor_;  // closing it unlocks
};

class RealDisk : public Disk {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    const int flags = mode == OpenMode::Read ? O_RDONLY : mode == OpenMode::Write ? O_RDWR : O_RDWR | O_CREAT | O_EXCL;
    Descriptor descriptor = OMEN_TRY(open_descriptor(path, flags));
    return std::unique_ptr<File>(std::make_unique<RealFile>(std::move(descriptor), path));
  }

  Result<void> rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return failure("rename", from + " to " + to);
    return {};
  }

  Result<void> remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0) return failure("remove", path);
    return {};
  }

  Result<void> create_directory(const std::string& path) override {
    if (::mkdir(path.c_str(), kDirectoryMode) == 0) return {};
    const int error_number = errno;
    if (error_number == EEXIST && is_directory(path)) return {};
    return failure("create directory", path, error_number);
  }

  Result<void> remove_tree(const std::string& path) override {
    std::error_code error;
    std::filesystem::remove_all(path, error);
    if (error) return failure("remove directory", path, error.value());
    return {};
  }

  Result<void> sync_directory(const std::string& path) override {
    const Descriptor descriptor = OMEN_TRY(open_descriptor(path, O_RDONLY | O_DIRECTORY));
    if (::fsync(descriptor.number()) == 0) return {};
    Error error = failure("sync directory", path);
    error.code = ErrorCode::IoError;
    return error;
  }

  Result<std::vector<DirectoryEntry>> list(const std::string& path) override {
    std::error_code error;
    std::vector<DirectoryEntry> entries;
    for (std::filesystem::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
      std::error_code vanished;  // a file removed meanwhile is not there, no error
      const auto type = at->symlink_status(vanished).type();
      const bool is_file = type == std::filesystem::file_type::regular;
      const std::uint64_t size = is_file && !vanished ? at->file_size(vanished) : 0;
      if (vanished) continue;
      entries.push_back({at->path().filename().string(), type == std::filesystem::file_type::directory, size});
    }
    if (error) return failure("list", path, error.value());
    std::ranges::sort(entries, {}, &DirectoryEntry::name);
    return entries;
  }

  Result<bool> exists(const std::string& path) override {
    struct stat status {};
    if (::lstat(path.c_str(), &status) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return failure("look for", path);
  }

  Result<std::unique_ptr<DirectoryLock>> lock(const std::string& directory) override {
    const std::string path = join_path(directory, "LOCK");
    Descriptor descriptor = OMEN_TRY(open_descriptor(path, O_RDWR | O_CREAT));
    // flock, not fcntl: it belongs to this descriptor, so a second lock in the same process is refused too.
    if (retried([&] { return ::flock(descriptor.number(), LOCK_EX | LOCK_NB); }) != 0) {
      if (errno != EWOULDBLOCK) return failure("lock", path);
      return Error{ErrorCode::Locked, "the database at " + directory + " is open in " +
                                          description_of_holder(descriptor.number(), path)};
    }
    if (::ftruncate(descriptor.number(), 0) != 0) return failure("truncate", path);
    OMEN_TRY(write_all(descriptor.number(), path, 0, bytes_of(description_of_this_process())));
    return std::unique_ptr<DirectoryLock>(std::make_unique<RealLock>(std::move(descriptor)));
  }

 private:
  static bool is_directory(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
  }
};

}  // namespace

Disk& real_disk() {
  static RealDisk disk;
  return disk;
}

}  // namespace omendb
