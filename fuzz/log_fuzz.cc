// A log segment with any records in it. The segment's header, the record's header and its sums are put right, so that
// the bytes reach what lies behind them; then the segment is read as at open, and every record it gives is decoded.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/crc32c.h"
#include "os/simulated_disk.h"
#include "storage/file_names.h"
#include "storage/log_reader.h"

namespace {

using namespace omendb;

constexpr std::uint64_t kIdentity = 1;
constexpr Lsn kFirst = 1;
constexpr std::uint64_t kSegment = 1;

const Schema& schema() {
  static const Schema schema{{{"", 3, Metric::L2, Datatype::Float32}, {"b", 5, Metric::L2, Datatype::Uint8}}};
  return schema;
}

// The input is a list of records: one byte type and flags, two bytes length, the payload. A type with its top bit set
// keeps a wrong sum.
Bytes segment_of(std::span<const std::byte> input) {
  const SegmentHeader header = make_segment_header(42, kIdentity, kSegment);
  Bytes segment;
  put(segment, header);
  ByteReader reader(input);
  for (Lsn lsn = kFirst;; ++lsn) {
    const auto type = reader.take<std::uint8_t>();
    const auto length = reader.take<std::uint16_t>();
    if (!type || !length) break;
    const auto payload = *reader.take_bytes(std::min<std::size_t>(*length, reader.remaining()));
    const auto record =
        make_record_header(RecordType{static_cast<std::uint8_t>(*type & 7)}, static_cast<std::uint32_t>(payload.size()),
                           lsn, lsn - 1, record_seed(header));
    put_bytes(segment, bytes_of(record).first(kRecordHeaderBytes));
    put_bytes(segment, payload);
    put(segment, crc32c(payload, record.crc) ^ (*type >> 7));
    segment.resize((segment.size() + 7) / 8 * 8);
  }
  put_bytes(segment, input);  // and the same bytes as they are
  return segment;
}

Result<void> decode(const LogRecord& record) {
  if (record.type == RecordType::Upsert) {
    const auto upsert = decode_upsert(record.payload, schema());
    return upsert.ok() ? Result<void>() : upsert.error();
  }
  if (record.type == RecordType::Erase) {
    const auto ids = decode_erase(record.payload);
    return ids.ok() ? Result<void>() : ids.error();
  }
  return {};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  SimulatedDisk disk;
  const Bytes segment = segment_of(std::as_bytes(std::span(data, size)));
  const auto file = disk.open(segment_name(kSegment), OpenMode::CreateNew);
  if (!file.ok() || !(*file)->write(0, segment).ok()) return 0;
  const LogFile log{kSegment, segment_name(kSegment), segment.size()};
  const auto tail = read_log(disk, {log}, kIdentity, 0, kNoLsn, [](const LogRecord& record) { return decode(record); });
  OMEN_ASSERT(tail.ok());
  return 0;
}
