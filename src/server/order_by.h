// "order_by": a key, or {"key", "direction", "start_from"}.
#pragma once

#include "omendb/types.h"
#include "server/json.h"

namespace omendb {

Outcome<OrderBy> read_order_by(const Json& json);

}  // namespace omendb
