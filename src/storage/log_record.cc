#include "storage/log_record.h"

#include <cstring>
#include <string>

#include "base/assert.h"
#include "base/crc32c.h"
#include "base/try.h"
#include "storage/sparse_bytes.h"
#include "storage/store.h"

namespace omendb {
namespace {

constexpr char kSegmentMagic[8] = {'O', 'M', 'L', 'G', '\r', '\n', 0x1A, '\n'};
constexpr std::uint32_t kSegmentVersion = 1;
constexpr std::uint16_t kRecordMagic = 0x6D4F;  // "Om"

// The first 24 bytes of an Upsert or Payloads record, in the place of a point.
struct RecordCounts {
  std::uint32_t points;
  std::uint32_t fields;
  std::uint64_t payload_bytes;
  std::uint32_t sparse_fields;
  std::uint32_t zero;
};
static_assert(sizeof(RecordCounts) == sizeof(PointBytes), "docs/file_format.md, section Upsert");

Error malformed(const char* what) { return {ErrorCode::Corruption, std::string("a log record ") + what}; }

template <class T>
std::span<const std::byte> bytes_before_crc(const T& header) {
  return bytes_of(header).first(offsetof(T, crc));
}

// Counts, points and payload texts into the scratch.
void gather(std::span<const PointId> ids, std::span<const FieldMask> lacking,
            std::span<const std::string_view> payloads, RecordScratch& scratch) {
  OMEN_ASSERT(payloads.empty() || payloads.size() == ids.size());
  OMEN_ASSERT(lacking.empty() || lacking.size() == ids.size());
  scratch.head.resize(1 + ids.size());
  scratch.payloads.clear();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::string_view payload = payloads.empty() ? std::string_view() : payloads[i];
    scratch.head[1 + i] =
        encode_point(ids[i], static_cast<std::uint32_t>(payload.size()), lacking.empty() ? 0 : lacking[i]);
    put_bytes(scratch.payloads, bytes_of(payload));
  }
}

void set_counts(RecordScratch& scratch, std::size_t fields, std::size_t sparse_fields) {
  const RecordCounts counts{static_cast<std::uint32_t>(scratch.head.size() - 1), static_cast<std::uint32_t>(fields),
                            scratch.payloads.size(), static_cast<std::uint32_t>(sparse_fields), 0};
  std::memcpy(scratch.head.data(), &counts, sizeof counts);
}

Result<void> check_points(std::span<const PointBytes> points, std::uint64_t payload_bytes, FieldMask fields) {
  std::uint64_t sum = 0;
  for (const PointBytes& point : points) {
    if (!decode_id(point)) return malformed("holds an id of an unknown kind");
    if ((lacking_of(point) & ~fields) != 0) return malformed("has points without a vector that there is not");
    sum += point.payload_length;
  }
  if (sum != payload_bytes) return malformed("has payloads that do not add up");
  return {};
}

FieldMask all_fields(const Schema& schema) {
  FieldMask mask = 0;
  for (std::size_t f = 0; f < schema.fields.size(); ++f) mask |= dense_bit(f);
  for (std::size_t f = 0; f < schema.sparse.size(); ++f) mask |= sparse_bit(f);
  return mask;
}

Result<SparseBytes> take_sparse(ByteReader& reader, std::uint32_t points) {
  SparseBytes field;
  const auto ends = reader.take_bytes(points * sizeof(std::uint64_t));
  if (!ends) return malformed("is too short for its sparse vectors");
  field.ends = *ends;
  std::uint64_t end = 0;
  for (std::uint32_t i = 0; i < points; ++i) {
    const std::uint64_t next = sparse_end(field.ends, i);
    if (next < end || next % kSparseValueBytes != 0) return malformed("has sparse vectors that do not add up");
    end = next;
  }
  const auto values = reader.take_bytes(end);
  if (!values) return malformed("is too short for its sparse vectors");
  field.values = *values;
  return field;
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
  std::uint64_t length = sizeof(RecordCounts) + batch.ids.size() * sizeof(PointBytes);
  for (const auto& field : batch.vectors) length += field.size();
  for (const SparseBytes& field : batch.sparse) length += field.ends.size() + field.values.size();
  for (const std::string_view payload : batch.payloads) length += payload.size();
  return length;
}

UpsertRecord encode_upsert(const RowBatch& batch, RecordScratch& scratch) {
  gather(batch.ids, batch.lacking, batch.payloads, scratch);
  set_counts(scratch, batch.vectors.size(), batch.sparse.size());
  UpsertRecord record;
  record.head = std::as_bytes(std::span(scratch.head));
  record.points = std::span(scratch.head).subspan(1);
  record.vectors.assign(batch.vectors.begin(), batch.vectors.end());
  record.sparse.assign(batch.sparse.begin(), batch.sparse.end());
  record.payloads = scratch.payloads;
  return record;
}

Result<UpsertRecord> decode_upsert(std::span<const std::byte> payload, const Schema& schema) {
  ByteReader reader(payload);
  const auto counts = reader.take<RecordCounts>();
  if (!counts) return malformed("is too short for its counts");
  if (counts->points == 0) return malformed("holds no points");
  if (counts->fields != schema.fields.size() || counts->sparse_fields != schema.sparse.size())
    return malformed("has another number of vector fields than the collection");

  UpsertRecord record;
  const auto points = reader.take_bytes(counts->points * sizeof(PointBytes));
  if (!points) return malformed("is too short for its points");
  record.head = payload.first(sizeof(RecordCounts) + points->size());
  record.points = {reinterpret_cast<const PointBytes*>(points->data()), counts->points};
  for (const VectorField& field : schema.fields) {
    const auto vectors = reader.take_bytes(std::size_t{counts->points} * field.row_bytes());
    if (!vectors) return malformed("is too short for its vectors");
    record.vectors.push_back(*vectors);
  }
  for (std::size_t f = 0; f < schema.sparse.size(); ++f) {
    record.sparse.push_back(OMEN_TRY(take_sparse(reader, counts->points)));
  }
  const auto payloads = reader.take_bytes(counts->payload_bytes);
  if (!payloads || reader.remaining() != 0) return malformed("has another length than its parts");
  record.payloads = *payloads;
  OMEN_TRY(check_points(record.points, counts->payload_bytes, all_fields(schema)));
  return record;
}

PayloadRecord encode_payloads(std::span<const PointId> ids, std::span<const std::string_view> payloads,
                              RecordScratch& scratch) {
  gather(ids, {}, payloads, scratch);
  set_counts(scratch, 0, 0);
  return {std::as_bytes(std::span(scratch.head)), std::span(scratch.head).subspan(1), scratch.payloads};
}

Result<PayloadRecord> decode_payloads(std::span<const std::byte> payload) {
  ByteReader reader(payload);
  const auto counts = reader.take<RecordCounts>();
  if (!counts) return malformed("is too short for its counts");
  const auto points = reader.take_bytes(counts->points * sizeof(PointBytes));
  if (!points) return malformed("is too short for its points");
  const auto payloads = reader.take_bytes(counts->payload_bytes);
  if (!payloads || reader.remaining() != 0) return malformed("has another length than its parts");
  PayloadRecord record;
  record.head = payload.first(sizeof(RecordCounts) + points->size());
  record.points = {reinterpret_cast<const PointBytes*>(points->data()), counts->points};
  record.payloads = *payloads;
  OMEN_TRY(check_points(record.points, counts->payload_bytes, 0));
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
