#include "storage/recovery.h"

#include <algorithm>

#include "base/try.h"
#include "storage/file_names.h"
#include "storage/replay.h"

namespace omendb {
namespace {

Error with_directory(const Error& error, const std::string& directory) {
  return {error.code, directory + ": " + error.message};
}

// Sorts what lies in the collection's directory into ours, ours but not needed any more, and strangers.
Result<void> take_stock(Disk& disk, const std::string& directory, std::uint64_t generation, Recovered& found) {
  found.last_generation = generation;
  const auto is_slot_of = [](std::string_view name, std::string_view pair) {
    return name.starts_with(pair) && (name.substr(pair.size()) == "-A" || name.substr(pair.size()) == "-B");
  };
  for (const DirectoryEntry& entry : OMEN_TRY(disk.list(directory))) {
    const std::string path = join_path(directory, entry.name);
    const auto number = parse_generation_name(entry.name);
    if (number && entry.is_directory) {
      found.last_generation = std::max(found.last_generation, *number);
      if (*number != generation) found.old_directories.push_back(path);
    } else if (is_temporary_name(entry.name) && !entry.is_directory) {
      found.old_files.push_back(path);
    } else if (entry.name != kLogName && !is_slot_of(entry.name, kManifestName) &&
               !is_slot_of(entry.name, kFieldsName) && !is_slot_of(entry.name, kNotesName)) {
      found.report.strangers.push_back(path);
    }
  }
  return {};
}

Result<std::vector<LogFile>> take_log(Disk& disk, const std::string& directory, Recovered& found) {
  std::vector<std::string> others;
  auto segments = list_log(disk, directory, &others);
  if (!segments.ok() && segments.error().code == ErrorCode::NotFound)
    return Error{ErrorCode::Corruption, directory + " is missing"};
  for (std::string& path : others) {
    (is_temporary_name(path) ? found.old_files : found.report.strangers).push_back(std::move(path));
  }
  return segments;
}

Result<LogTail> replay_log(Disk& disk, const std::vector<LogFile>& segments, Recovered& found) {
  RowSpace& rows = *found.rows;
  const std::uint64_t identity = found.manifest.identity;
  const Lsn after = found.manifest.lsn;
  const LogTail tail = OMEN_TRY(read_log(disk, segments, identity, after, kNoLsn,
                                         [&](const LogRecord& record) { return want_ids(record, rows); }));
  OMEN_TRY(rows.resolve_wanted());
  const auto again = OMEN_TRY(read_log(disk, segments, identity, after, tail.last,
                                       [&](const LogRecord& record) { return replay(record, rows); }));
  if (again.last != tail.last) return Error{ErrorCode::IoError, "the log reads differently the second time"};
  return tail;
}

}  // namespace

Result<Recovered> recover(Disk& disk, const std::string& directory) {
  auto slots = SlotPair::open(disk, join_path(directory, kManifestName));
  if (!slots.ok()) return slots.error();
  auto manifest = decode_manifest(slots->value());
  if (!manifest.ok()) return with_directory(manifest.error(), directory);

  Recovered found{std::move(*slots), std::move(*manifest), nullptr, nullptr, {}, {}, {}, 0};
  OMEN_TRY(take_stock(disk, directory, found.manifest.generation, found));
  found.rows = OMEN_TRY(
      RowSpace::open(disk, join_path(directory, generation_name(found.manifest.generation)), found.manifest));

  const std::string log_directory = join_path(directory, kLogName);
  const std::vector<LogFile> segments = OMEN_TRY(take_log(disk, log_directory, found));
  const LogTail tail = OMEN_TRY(replay_log(disk, segments, found));
  found.report.records_replayed = tail.last - found.manifest.lsn;
  found.report.rows_replayed = found.rows->rows() - found.manifest.rows;
  found.report.torn_tail_cut = tail.torn && !tail.data_loss;
  found.report.data_loss = tail.data_loss;
  found.log = std::make_unique<Log>(
      disk, Log::Start{log_directory, found.manifest.identity, tail.last, tail.durable, segments});
  return found;
}

}  // namespace omendb
