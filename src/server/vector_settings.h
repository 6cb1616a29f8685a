// Vectors of a collection, as requests describe them and as its information shows them.
#pragma once

#include <string>
#include <vector>

#include "omendb/types.h"
#include "server/json_map.h"
#include "server/json_writer.h"
#include "server/settings.h"

namespace omendb {

// "vectors" and "sparse_vectors" of a request that makes a collection. What the engine need not know goes to
// `settings`.
Outcome<CollectionOptions> read_vector_settings(const Json& request, Settings& settings);

// The same of a request that changes a collection: no vectors come or go.
Outcome<void> change_vector_settings(const Json& request, const CollectionOptions& options, Settings& settings);

// Members "vectors" and "sparse_vectors" of an open object.
void write_vector_settings(JsonWriter& json, const CollectionOptions& options, const Settings& settings);

}  // namespace omendb
