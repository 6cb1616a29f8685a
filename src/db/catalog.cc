#include "db/catalog.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/try.h"

namespace omendb {
namespace {

// docs/file_format.md, section Catalogue.
constexpr std::uint32_t kFormat = 2;

constexpr std::string_view kFolderPrefix = "c";

Bytes encode(std::uint64_t next_number, const Catalog::Collections& collections, const Catalog::Aliases& aliases) {
  Bytes out;
  put(out, kFormat);
  put(out, next_number);
  put(out, static_cast<std::uint32_t>(collections.size()));
  for (const auto& [name, number] : collections) {
    put(out, number);
    put_text(out, name);
  }
  put(out, static_cast<std::uint32_t>(aliases.size()));
  for (const auto& [alias, name] : aliases) {
    put_text(out, alias);
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
  const auto forbidden = [](char c) {
    constexpr std::string_view kForbidden = "<>:\"/\\|?*\x7f";
    return static_cast<unsigned char>(c) < 0x20 || kForbidden.find(c) != std::string_view::npos;
  };
  const bool text = simdjson::validate_utf8(name.data(), name.size());
  if (name.empty() || name.size() > 255 || !text || std::any_of(name.begin(), name.end(), forbidden)) {
    return Error{ErrorCode::InvalidArgument,
                 "a collection's name has 1 to 255 bytes of UTF-8, and none of < > : \" / \\ | ? * and control characters"};
  }
  return {};
}

Result<Catalog> Catalog::create(Disk& disk, const std::string& directory) {
  return Catalog(disk, directory,
                 OMEN_TRY(SlotPair::create(disk, join_path(directory, "CATALOG"), encode(1, {}, {}))));
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
  const auto alias_count = in.take<std::uint32_t>();
  if (!alias_count) return damaged;
  for (std::uint32_t i = 0; i < *alias_count; ++i) {
    const auto alias = in.take_text();
    const auto name = in.take_text();
    if (!alias || !name || !check_name(*alias).ok() || !collections_.contains(*name)) return damaged;
    aliases_.emplace(*alias, *name);
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
  const Collections collections = collections_;
  const Aliases aliases = aliases_;
  collections_.erase(found);
  std::erase_if(aliases_, [&](const auto& alias) { return alias.second == name; });
  Result<void> written = write();
  if (!written.ok()) {
    collections_ = collections;
    aliases_ = aliases;
  }
  return written;
}

Result<void> Catalog::set_aliases(Aliases aliases) {
  std::swap(aliases_, aliases);
  Result<void> written = write();
  if (!written.ok()) aliases_ = std::move(aliases);
  return written;
}

Result<void> Catalog::write() { return slots_.write(encode(next_number_, collections_, aliases_)); }

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
