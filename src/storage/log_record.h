// The bytes of the log: segment and record headers, and what a record of each type carries. docs/file_format.md, Log.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "omendb/types.h"
#include "storage/point_bytes.h"
#include "storage/schema.h"

namespace omendb {

struct RowBatch;  // storage/store.h

enum class RecordType : std::uint8_t {
  Upsert = 1,
  Erase = 2,
  Mark = 3,           // carries nothing but the durable LSN of its header
  UpsertInPlace = 4,  // reserved: the vectors already lie in the vector file
  Payloads = 5,       // complete payloads that points have from now on
};

struct SegmentHeader {
  char magic[8];
  std::uint32_t version;
  std::uint32_t features;  // that a reader must know; none yet
  std::uint64_t salt;      // random; enters every sum of the segment, so bytes of another one never pass
  std::uint64_t identity;  // of the collection
  std::uint64_t number;    // as in the name
  std::uint64_t zero[2];
  std::uint32_t zero_too;
  std::uint32_t crc;  // of everything before it
};
static_assert(sizeof(SegmentHeader) == 64, "docs/file_format.md, section Log segment");

SegmentHeader make_segment_header(std::uint64_t salt, std::uint64_t identity, std::uint64_t number);
// Corruption or Unsupported; the words follow the file's name.
Result<SegmentHeader> decode_segment_header(std::span<const std::byte> bytes);

// What the sums of a segment's records start from.
std::uint32_t record_seed(const SegmentHeader& header);

struct RecordHeader {
  std::uint16_t magic;
  RecordType type;
  std::uint8_t flags;
  std::uint32_t length;  // of the payload
  Lsn lsn;
  Lsn durable_lsn;    // the highest LSN known flushed when this record was written
  std::uint32_t crc;  // of everything before it: only then is `length` used
};
constexpr std::size_t kRecordHeaderBytes = 28;  // on disk, without the padding behind `crc`
static_assert(offsetof(RecordHeader, crc) + sizeof(RecordHeader::crc) == kRecordHeaderBytes);

RecordHeader make_record_header(RecordType type, std::uint32_t length, Lsn lsn, Lsn durable_lsn, std::uint32_t seed);
// nullopt: no record of this segment begins here. `bytes` has kRecordHeaderBytes.
std::optional<RecordHeader> decode_record_header(std::span<const std::byte> bytes, std::uint32_t seed);

// Header, payload, sum of the payload, padding to 8 bytes.
constexpr std::uint64_t record_size(std::uint64_t payload_length) {
  return (kRecordHeaderBytes + payload_length + sizeof(std::uint32_t) + 7) / 8 * 8;
}

// A sparse field's vectors: for each point where its bytes end (8 bytes), then the bytes (storage/sparse_bytes.h).
struct SparseBytes {
  std::span<const std::byte> ends;
  std::span<const std::byte> values;
};

// The payload of an Upsert record, as spans: made from a batch or from a record, so that writing and replay apply the
// same thing.
struct UpsertRecord {
  std::span<const std::byte> head;  // counts and points
  std::span<const PointBytes> points;
  std::vector<std::span<const std::byte>> vectors;  // one a field; zeros where a point lacks it
  std::vector<SparseBytes> sparse;                  // one a sparse field
  std::span<const std::byte> payloads;

  std::uint32_t count() const { return static_cast<std::uint32_t>(points.size()); }
};

// The payload of a Payloads record, likewise.
struct PayloadRecord {
  std::span<const std::byte> head;
  std::span<const PointBytes> points;
  std::span<const std::byte> payloads;
};

// Memory behind the records that are made from batches; reused from one to the next.
struct RecordScratch {
  std::vector<PointBytes> head;  // the counts take the first place
  Bytes payloads;
};

std::uint64_t upsert_payload_length(const RowBatch& batch);
UpsertRecord encode_upsert(const RowBatch& batch, RecordScratch& scratch);

// Points into `payload`, which must be 8-byte aligned. Corruption if the parts do not add up.
Result<UpsertRecord> decode_upsert(std::span<const std::byte> payload, const Schema& schema);

PayloadRecord encode_payloads(std::span<const PointId> ids, std::span<const std::string_view> payloads,
                              RecordScratch& scratch);
Result<PayloadRecord> decode_payloads(std::span<const std::byte> payload);

Bytes encode_erase(std::span<const PointId> ids);
Result<std::vector<PointId>> decode_erase(std::span<const std::byte> payload);

}  // namespace omendb
