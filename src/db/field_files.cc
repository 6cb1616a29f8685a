#include "db/field_files.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>

#include "base/try.h"
#include "storage/file_names.h"

namespace omendb {
namespace {

constexpr std::string_view kPrefix = "field-";

// A part has at most 2^30 pairs of value and row (FieldPartBuilder); those of a million rows take 32 MB.
constexpr std::uint64_t kFileBytesMax = std::uint64_t{16} << 30;

// "field-<number>-<begin>-<end>-<changes seen>"
struct PartName {
  std::uint64_t number = 0;
  RowRange rows;
  std::uint64_t changes_seen = 0;

  std::string text() const {
    return std::string(kPrefix) + std::to_string(number) + "-" + std::to_string(rows.begin) + "-" +
           std::to_string(rows.end) + "-" + std::to_string(changes_seen);
  }

  static std::optional<PartName> parse(std::string_view text) {
    if (!text.starts_with(kPrefix)) return std::nullopt;
    PartName name;
    unsigned long long number = 0;
    unsigned long long changes_seen = 0;
    // What does not read as a name does not write as itself again.
    if (std::sscanf(std::string(text).c_str(), "field-%llu-%u-%u-%llu", &number, &name.rows.begin, &name.rows.end,
                    &changes_seen) != 4) {
      return std::nullopt;
    }
    name.number = number;
    name.changes_seen = changes_seen;
    if (name.text() != text) return std::nullopt;
    return name;
  }
};

std::vector<PartName> saved_parts(Disk& disk, const Generation& generation) {
  std::vector<PartName> names;
  const auto entries = disk.list(generation.directory());
  if (!entries.ok()) return names;
  for (const DirectoryEntry& entry : *entries) {
    if (const auto name = PartName::parse(entry.name)) names.push_back(*name);
  }
  return names;
}

void remove_unfinished(Disk& disk, const Generation& generation) {
  const auto entries = disk.list(generation.directory());
  if (!entries.ok()) return;
  for (const DirectoryEntry& entry : *entries) {
    if (!entry.name.starts_with(kPrefix) || !is_temporary_name(entry.name)) continue;
    static_cast<void>(disk.remove(join_path(generation.directory(), entry.name)));  // it does no harm
  }
}

FieldPartIdentity identity_of(std::uint64_t collection, const Generation& generation, std::uint64_t number) {
  return {.collection = collection, .generation = generation.number(), .field = number};
}

Result<FieldPart> read_part(Disk& disk, std::uint64_t collection, const Generation& generation, const PartName& name) {
  const std::string path = join_path(generation.directory(), name.text());
  const std::vector<std::byte> bytes = OMEN_TRY(read_file(disk, path, kFileBytesMax));
  Result<FieldPart> part = FieldPart::decode(bytes, identity_of(collection, generation, name.number));
  if (!part.ok()) return Error{part.error().code, path + ": " + part.error().message};
  if (part->rows() != name.rows || part->changes_seen() != name.changes_seen) {
    return Error{ErrorCode::Corruption, path + ": has other rows than its name says"};
  }
  return part;
}

Result<std::uint64_t> verify_part(Disk& disk, std::uint64_t collection, const Generation& generation,
                                  const PartName& name) {
  const std::string path = join_path(generation.directory(), name.text());
  OMEN_TRY(read_part(disk, collection, generation, name));
  const std::unique_ptr<File> file = OMEN_TRY(disk.open(path, OpenMode::Read));
  return file->size();
}

// The longest saved part of the field that begins where the index ends, if one is whole.
std::optional<FieldPart> next_part(Disk& disk, std::uint64_t collection, const Generation& generation,
                                   const std::vector<PartName>& saved, const FieldIndex& index, std::uint32_t rows) {
  std::vector<PartName> fitting;
  for (const PartName& name : saved) {
    if (name.number == index.number() && name.rows.begin == index.covered() && name.rows.end <= rows &&
        name.changes_seen <= generation.payload_changes()) {
      fitting.push_back(name);
    }
  }
  std::sort(fitting.begin(), fitting.end(), [](const auto& a, const auto& b) {
    return std::pair(a.rows.end, a.changes_seen) > std::pair(b.rows.end, b.changes_seen);
  });
  for (const PartName& name : fitting) {
    if (name.rows.empty()) continue;
    Result<FieldPart> part = read_part(disk, collection, generation, name);
    if (part.ok() && part->type() == index.type()) return std::move(part).value();
  }
  return std::nullopt;
}

}  // namespace

FieldIndexes load_field_indexes(Disk& disk, std::uint64_t collection, const Generation& generation,
                                const FieldCatalog& catalog, std::uint32_t rows) {
  FieldIndexes indexes = catalog.indexes();
  if (indexes.empty()) return indexes;
  remove_unfinished(disk, generation);
  const std::vector<PartName> saved = saved_parts(disk, generation);
  for (FieldIndex& index : indexes) {
    while (auto part = next_part(disk, collection, generation, saved, index, rows)) {
      index = index.with(std::move(*part));
    }
  }
  return indexes;
}

Result<void> save_field_indexes(Disk& disk, std::uint64_t collection, const Generation& generation,
                                const FieldIndexes& indexes, const Checkpointed& checkpointed) {
  const std::vector<PartName> saved = saved_parts(disk, generation);
  const auto has = [](const std::vector<PartName>& names, const PartName& wanted) {
    return std::any_of(names.begin(), names.end(), [&](const PartName& name) { return name.text() == wanted.text(); });
  };
  std::vector<PartName> kept;
  for (const FieldIndex& index : indexes) {
    for (const auto& part : index.parts()) {
      const PartName name{index.number(), part->rows(), part->changes_seen()};
      if (part->rows().end > checkpointed.rows || part->changes_known() > checkpointed.changes) continue;
      if (!has(saved, name)) {
        OMEN_TRY(write_file_durably(disk, join_path(generation.directory(), name.text()),
                                    part->encode(identity_of(collection, generation, index.number()))));
      }
      kept.push_back(name);
    }
  }
  // Parts that were merged into one which is not saved yet are still of use.
  const auto replaced = [&](const PartName& name) {
    const bool defined = std::any_of(indexes.begin(), indexes.end(),
                                     [&](const FieldIndex& index) { return index.number() == name.number; });
    return !defined || std::any_of(kept.begin(), kept.end(), [&](const PartName& part) {
      return part.number == name.number && part.rows.begin <= name.rows.begin && part.rows.end >= name.rows.end;
    });
  };
  for (const PartName& name : saved) {
    if (!has(kept, name) && replaced(name)) OMEN_TRY(disk.remove(join_path(generation.directory(), name.text())));
  }
  return {};
}

std::vector<Result<std::uint64_t>> verify_field_files(Disk& disk, std::uint64_t collection,
                                                      const Generation& generation, const FieldIndexes& indexes) {
  std::vector<Result<std::uint64_t>> outcomes;
  for (const PartName& name : saved_parts(disk, generation)) {
    const bool defined = std::any_of(indexes.begin(), indexes.end(),
                                     [&](const FieldIndex& index) { return index.number() == name.number; });
    if (defined) outcomes.push_back(verify_part(disk, collection, generation, name));
  }
  return outcomes;
}

}  // namespace omendb
