#include "db/catalog.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/bytes.h"
#include "base/try.h"

namespace omendb {
namespace {

// docs/file_format.md, section Catalogue.
constexpr std::uint32_t kFormat = 1;

constexpr std::string_view kFolderPrefix = "c";

Bytes encode(std::uint64_t next_number, const std::map<std::string, std::uint64_t, std::less<>>& collections) {
  Bytes out;
  put(out, kFormat);
  put(out, next_number);
  put(out, static_cast<std::uint32_t>(collections.size()));
  for (const auto& [name, number] : collections) {
    put(out, number);
    put_text(out, name);
  }
  return out;
}

std::optional<std::uint64_t> folder_number(std::string_view name) {
  if (!name.starts_with(kFolderPrefix)) return std::nullopt;
  name.remove_prefix(kFolderPrefix.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return number;
}

}  // namespace

Result<void> check_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_' || c == '.' || c == '-';
  };
  if (name.empty() || name.size() > 255 || name.front() == '.' || !std::all_of(name.begin(), name.end(), allowed)) {
    return Error{ErrorCode::InvalidArgument,
                 "a collection's name has 1 to 255 of A-Z a-z 0-9 _ . - and does not start with a dot"};
  }
  return {};
}

Result<Catalog> Catalog::create(Disk& disk, const std::string& directory) {
  SlotPair slots = OMEN_TRY(SlotPair::create(disk, join_path(directory, "CATALOG"), encode(1, {})));
  OMEN_TRY(disk.sync_directory(directory));
  return Catalog(disk, directory, std::move(slots));
}

Result<Catalog> Catalog::open(Disk& disk, const std::string& directory) {
  Catalog catalog(disk, directory, OMEN_TRY(SlotPair::open(disk, join_path(directory, "CATALOG"))));
  OMEN_TRY(catalog.decode());
  return catalog;
}

Result<void> Catalog::decode() {
  const Error damaged{ErrorCode::Corruption, "the catalogue of " + directory_ + " does not make sense"};
  ByteReader in(slots_.value());
  const auto format = in.take<std::uint32_t>();
  if (!format) return damaged;
  if (*format != kFormat) {
    return Error{ErrorCode::Unsupported, "the catalogue has format " + std::to_string(*format) + ", this build knows " +
                                             std::to_string(kFormat)};
  }
  const auto next_number = in.take<std::uint64_t>();
  const auto count = in.take<std::uint32_t>();
  if (!next_number || !count) return damaged;
  next_number_ = *next_number;
  for (std::uint32_t i = 0; i < *count; ++i) {
    const auto number = in.take<std::uint64_t>();
    const auto name = in.take_text();
    if (!number || !name || *number >= next_number_ || !check_name(*name).ok()) return damaged;
    collections_.emplace(*name, *number);
  }
  if (in.remaining() != 0) return damaged;
  return {};
}

std::string Catalog::directory_of(std::uint64_t number) const {
  return join_path(directory_, std::string(kFolderPrefix) + std::to_string(number));
}

Result<void> Catalog::add(const std::string& name) {
  collections_.emplace(name, next_number_);
  ++next_number_;
  Result<void> written = write();
  if (!written.ok()) collections_.erase(name);
  return written;
}

Result<void> Catalog::remove(const std::string& name) {
  const auto found = collections_.find(name);
  if (found == collections_.end()) return Error{ErrorCode::NotFound, "there is no collection " + name};
  const std::uint64_t number = found->second;
  collections_.erase(found);
  Result<void> written = write();
  if (!written.ok()) collections_.emplace(name, number);
  return written;
}

Result<void> Catalog::write() { return slots_.write(encode(next_number_, collections_)); }

// What cannot be removed now is left for the next open.
void Catalog::sweep() {
  const auto entries = disk_->list(directory_);
  if (!entries.ok()) return;
  for (const DirectoryEntry& entry : *entries) {
    const auto number = folder_number(entry.name);
    if (!entry.is_directory || !number || *number >= next_number_) continue;
    const bool named = std::any_of(collections_.begin(), collections_.end(),
                                   [&](const auto& collection) { return collection.second == *number; });
    if (!named) (void)disk_->remove_tree(join_path(directory_, entry.name));
  }
}

Result<std::optional<std::string>> Catalog::find_folder(Disk& disk, const std::string& directory) {
  for (const DirectoryEntry& entry : OMEN_TRY(disk.list(directory))) {
    if (entry.is_directory && folder_number(entry.name)) return std::optional(entry.name);
  }
  return std::optional<std::string>();
}

}  // namespace omendb
