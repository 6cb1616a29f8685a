#include "storage/replay.h"

#include <string>

#include "base/try.h"

namespace omendb {
namespace {

Error unknown_type(const LogRecord& record) {
  return {ErrorCode::Unsupported, "log record " + std::to_string(record.lsn) + " has type " +
                                      std::to_string(static_cast<unsigned>(record.type)) +
                                      ", which this build does not know"};
}

}  // namespace

Result<void> replay(const LogRecord& record, RowSpace& rows) {
  switch (record.type) {
    case RecordType::Upsert: {
      const UpsertRecord upsert = OMEN_TRY(decode_upsert(record.payload, rows.schema()));
      OMEN_TRY(rows.reserve(upsert));
      OMEN_TRY(rows.upsert(upsert, record.lsn));
      return {};
    }
    case RecordType::Erase: {
      const std::vector<PointId> ids = OMEN_TRY(decode_erase(record.payload));
      OMEN_TRY(rows.reserve_erasures(ids.size()));
      OMEN_TRY(rows.erase(ids, record.lsn));
      return {};
    }
    case RecordType::Payloads: {
      const PayloadRecord payloads = OMEN_TRY(decode_payloads(record.payload));
      OMEN_TRY(rows.reserve(payloads));
      OMEN_TRY(rows.change_payloads(payloads, record.lsn));
      return {};
    }
    case RecordType::Mark: return {};
    case RecordType::UpsertInPlace: break;
  }
  return unknown_type(record);
}

Result<void> want_ids(const LogRecord& record, RowSpace& rows) {
  switch (record.type) {
    case RecordType::Upsert: {
      const UpsertRecord upsert = OMEN_TRY(decode_upsert(record.payload, rows.schema()));
      for (const PointBytes& point : upsert.points) rows.want(*decode_id(point));
      return {};
    }
    case RecordType::Erase: {
      for (const PointId id : OMEN_TRY(decode_erase(record.payload))) rows.want(id);
      return {};
    }
    case RecordType::Payloads: {
      const PayloadRecord payloads = OMEN_TRY(decode_payloads(record.payload));
      for (const PointBytes& point : payloads.points) rows.want(*decode_id(point));
      return {};
    }
    case RecordType::Mark: return {};
    case RecordType::UpsertInPlace: break;
  }
  return unknown_type(record);
}

}  // namespace omendb
