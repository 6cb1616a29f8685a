#include "storage/log_record.h"

#include <cstring>
#include <string>

#include "base/assert.h"
#include "base/crc32c.h"
#include "base/try.h"
#include "storage/store.h"

namespace omendb {
namespace {

constexpr char kSegmentMagic[8] = {'O', 'M', 'L', 'G', '\r', '\n', 0x1A, '\n'};
constexpr std::uint32_t kSegmentVersion = 1;
constexpr std::uint16_t kRecordMagic = 0x6D4F;  // "Om"

// The first 24 bytes of an Upsert record, in the place of a point.
struct UpsertCounts {
  std::uint32_t points;
  std::uint32_t fields;
  std::uint64_t payload_bytes;
  std::uint64_t zero;
};
static_assert(sizeof(UpsertCounts) == sizeof(PointBytes), "docs/file_format.md, section Upsert");

Error malformed(const char* what) { return {ErrorCode::Corruption, std::string("a log record ") + what}; }

template <class T>
std::span<const std::byte> bytes_before_crc(const T& header) {
  return bytes_of(header).first(offsetof(T, crc));
}

}  // namespace

SegmentHeader make_segment_header(std::uint64_t salt, std::uint64_t identity, std::uint64_t number) {
  SegmentHeader header{{}, kSegmentVersion, 0, salt, identity, number, {0, 0}, 0, 0};
  std::memcpy(header.magic, kSegmentMagic, sizeof kSegmentMagic);
  header.crc = crc32c(bytes_before_crc(header));
  return header;
}

Result<SegmentHeader> decode_segment_header(std::span<const std::byte> bytes) {
  SegmentHeader header;
  if (bytes.size() < sizeof header) return Error{ErrorCode::Corruption, "is cut short"};
  std::memcpy(&header, bytes.data(), sizeof header);
  if (std::memcmp(header.magic, kSegmentMagic, sizeof kSegmentMagic) != 0)
    return Error{ErrorCode::Corruption, "does not begin as an OmenDB log"};
  if (header.crc != crc32c(bytes_before_crc(header)))
    return Error{ErrorCode::Corruption, "has a header whose checksum differs"};
  if (header.version != kSegmentVersion || header.features != 0)
    return Error{ErrorCode::Unsupported, "has log format " + std::to_string(header.version) + " with features " +
                                             std::to_string(header.features)};
  return header;
}

std::uint32_t record_seed(const SegmentHeader& header) { return crc32c(bytes_of(header.salt)); }

RecordHeader make_record_header(RecordType type, std::uint32_t length, Lsn lsn, Lsn durable_lsn, std::uint32_t seed) {
  RecordHeader header{kRecordMagic, type, 0, length, lsn, durable_lsn, 0};
  header.crc = crc32c(bytes_before_crc(header), seed);
  return header;
}

std::optional<RecordHeader> decode_record_header(std::span<const std::byte> bytes, std::uint32_t seed) {
  RecordHeader header{};
  std::memcpy(&header.magic, bytes.data(), sizeof header.magic);
  if (header.magic != kRecordMagic) return std::nullopt;
  std::memcpy(&header, bytes.data(), kRecordHeaderBytes);
  if (header.crc != crc32c(bytes_before_crc(header), seed)) return std::nullopt;
  if (header.length > kRecordBytesMax) return std::nullopt;
  return header;
}

std::uint64_t upsert_payload_length(const RowBatch& batch) {
  std::uint64_t length = sizeof(UpsertCounts) + batch.ids.size() * sizeof(PointBytes);
  for (const auto& field : batch.vectors) length += field.size();
  for (const std::string_view payload : batch.payloads) length += payload.size();
  return length;
}

UpsertRecord encode_upsert(const RowBatch& batch, RecordScratch& scratch) {
  OMEN_ASSERT(batch.payloads.empty() || batch.payloads.size() == batch.ids.size());
  scratch.head.resize(1 + batch.ids.size());
  scratch.payloads.clear();
  for (std::size_t i = 0; i < batch.ids.size(); ++i) {
    const std::string_view payload = batch.payloads.empty() ? std::string_view() : batch.payloads[i];
    scratch.head[1 + i] = encode_point(batch.ids[i], static_cast<std::uint32_t>(payload.size()));
    put_bytes(scratch.payloads, bytes_of(payload));
  }
  const UpsertCounts counts{static_cast<std::uint32_t>(batch.ids.size()),
                            static_cast<std::uint32_t>(batch.vectors.size()), scratch.payloads.size(), 0};
  std::memcpy(scratch.head.data(), &counts, sizeof counts);

  UpsertRecord record;
  record.head = std::as_bytes(std::span(scratch.head));
  record.points = std::span(scratch.head).subspan(1);
  record.vectors.assign(batch.vectors.begin(), batch.vectors.end());
  record.payloads = scratch.payloads;
  return record;
}

Result<UpsertRecord> decode_upsert(std::span<const std::byte> payload, const Schema& schema) {
  ByteReader reader(payload);
  const auto counts = reader.take<UpsertCounts>();
  if (!counts) return malformed("is too short for its counts");
  if (counts->points == 0) return malformed("holds no points");
  if (counts->fields != schema.fields.size())
    return malformed("has another number of vector fields than the collection");

  UpsertRecord record;
  const auto points = reader.take_bytes(counts->points * sizeof(PointBytes));
  if (!points) return malformed("is too short for its points");
  record.head = payload.first(sizeof(UpsertCounts) + points->size());
  record.points = {reinterpret_cast<const PointBytes*>(points->data()), counts->points};
  for (const VectorField& field : schema.fields) {
    const auto vectors = reader.take_bytes(std::size_t{counts->points} * field.row_bytes());
    if (!vectors) return malformed("is too short for its vectors");
    record.vectors.push_back(*vectors);
  }
  const auto payloads = reader.take_bytes(counts->payload_bytes);
  if (!payloads || reader.remaining() != 0) return malformed("has another length than its parts");
  record.payloads = *payloads;

  std::uint64_t payload_bytes = 0;
  for (const PointBytes& point : record.points) {
    if (!decode_id(point)) return malformed("holds an id of an unknown kind");
    payload_bytes += point.payload_length;
  }
  if (payload_bytes != counts->payload_bytes) return malformed("has payloads that do not add up");
  return record;
}

Bytes encode_erase(std::span<const PointId> ids) {
  Bytes out;
  out.reserve(ids.size() * sizeof(PointBytes));
  for (const PointId id : ids) put(out, encode_point(id, 0));
  return out;
}

Result<std::vector<PointId>> decode_erase(std::span<const std::byte> payload) {
  std::vector<PointId> ids;
  ids.reserve(payload.size() / sizeof(PointBytes));
  ByteReader reader(payload);
  while (reader.remaining() != 0) {
    const auto point = reader.take<PointBytes>();
    if (!point) return malformed("of erased ids is cut short");
    const auto id = decode_id(*point);
    if (!id) return malformed("holds an id of an unknown kind");
    ids.push_back(*id);
  }
  return ids;
}

}  // namespace omendb
