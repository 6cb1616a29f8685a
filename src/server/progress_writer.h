// How far a collection's indexer is, as JSON: the answer of /omen/v1/.../progress and an entry of the event stream.
#pragma once

#include <string_view>

#include "omendb/collection.h"
#include "server/json_writer.h"

namespace omendb {

void write_progress(JsonWriter& json, std::string_view name, const Collection& collection);

}  // namespace omendb
