// Applying a log record to a row space: in recovery, and in a vacuum that catches up.
#pragma once

#include "omendb/result.h"
#include "storage/log_reader.h"
#include "storage/row_space.h"

namespace omendb {

// Corruption if the record's content does not fit the schema; nothing was applied then.
Result<void> replay(const LogRecord& record, RowSpace& rows);

// Tells the row space which ids the record names, before replay.
Result<void> want_ids(const LogRecord& record, RowSpace& rows);

}  // namespace omendb
