// Reading the log back: the records after a given LSN, in order, and what is wrong with it where it ends.
//
// The rule (docs/durability.md): at the first LSN x that is missing or damaged, everything behind is looked through for
// the largest durable_lsn D that a whole record carries. D < x: nobody was promised x; the tail is torn, and is cut.
// D >= x: acknowledged operations are damaged.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/function_ref.h"
#include "omendb/types.h"
#include "os/disk.h"
#include "storage/log_record.h"

namespace omendb {

struct LogRecord {
  RecordType type;
  Lsn lsn;
  std::span<const std::byte> payload;  // valid during the visit; 8-byte aligned
};

struct LogTail {
  Lsn last = 0;        // the last good LSN
  Lsn durable = 0;     // at least this was flushed
  bool torn = false;   // something lay behind `last`, and is to be cut
  std::optional<Error> data_loss;
};

struct LogFile {
  std::uint64_t number;
  std::string path;
  std::uint64_t size;
};

// The segments in a log directory, in order. Temporary files and names that are not ours go to `others`.
Result<std::vector<LogFile>> list_log(Disk& disk, const std::string& directory, std::vector<std::string>* others);

using LogVisitor = FunctionRef<Result<void>(const LogRecord&)>;

// Visits the records (after, upto] that stand in order. A visitor's Corruption counts as damage at its record; any
// other error of it, and any error of the disk, is returned.
Result<LogTail> read_log(Disk& disk, const std::vector<LogFile>& segments, std::uint64_t identity, Lsn after, Lsn upto,
                         LogVisitor visit);

constexpr Lsn kNoLsn = ~Lsn{0};

// A segment is closed once it is this long; one record more may follow that begins before.
constexpr std::uint64_t kSegmentBytes = 64ull << 20;
constexpr std::uint64_t kSegmentBytesMax = sizeof(SegmentHeader) + kSegmentBytes + record_size(256ull << 20);

}  // namespace omendb
