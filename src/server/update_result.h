// {"operation_id": 7, "status": "completed"}: what every change answers.
#pragma once

#include "omendb/types.h"
#include "server/json_writer.h"

namespace omendb {

// Who did not wait is told "acknowledged", even where nothing is left to wait for.
inline void write_update_result(JsonWriter& json, Lsn lsn, bool waited, bool in_time = true) {
  const char* status = !waited ? "acknowledged" : in_time ? "completed" : "wait_timeout";
  json.begin_object().member("operation_id", lsn).member("status", status).end_object();
}

}  // namespace omendb
