#include "os/disk.h"

#include "base/try.h"

namespace omendb {
namespace {

Result<void> write_new_file(Disk& disk, const std::string& path, std::span<const std::byte> bytes) {
  auto file = OMEN_TRY(disk.open(path, OpenMode::CreateNew));
  OMEN_TRY(file->write(0, bytes));
  return file->sync();
}

Result<void> remove_if_there(Disk& disk, const std::string& path) {
  Result<void> removed = disk.remove(path);
  if (!removed.ok() && removed.error().code == ErrorCode::NotFound) return {};
  return removed;
}

}  // namespace

std::string join_path(std::string_view directory, std::string_view name) {
  std::string path(directory);
  if (!path.empty() && path.back() != '/') path += '/';
  return path.append(name);
}

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<void> write_file_durably(Disk& disk, const std::string& path, std::span<const std::byte> bytes) {
  const std::string temporary = path + std::string(kTemporarySuffix);
  OMEN_TRY(remove_if_there(disk, temporary));  // left by a crash
  Result<void> replaced = write_new_file(disk, temporary, bytes);
  if (replaced.ok()) replaced = disk.rename(temporary, path);
  if (!replaced.ok()) {
    // The old file stands as it was; the error that counts is the first one.
    static_cast<void>(remove_if_there(disk, temporary));
    return replaced;
  }
  return disk.sync_directory(parent_of(path));
}

Result<std::vector<std::byte>> read_file(Disk& disk, const std::string& path, std::uint64_t bytes_max) {
  const auto file = OMEN_TRY(disk.open(path, OpenMode::Read));
  const std::uint64_t size = OMEN_TRY(file->size());
  if (size > bytes_max) {
    return Error{ErrorCode::Corruption, path + " is " + std::to_string(size) + " bytes long, but may have at most " +
                                            std::to_string(bytes_max)};
  }
  std::vector<std::byte> bytes(size);
  bytes.resize(OMEN_TRY(file->read(0, bytes)));
  return bytes;
}

}  // namespace omendb
