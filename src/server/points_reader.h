// Reads points to put from JSON: the hot path of an import, so it goes over the text once and keeps no tree.
#pragma once

#include <optional>
#include <string_view>

#include "omendb/types.h"
#include "server/point_batch.h"
#include "server/refusal.h"

namespace omendb {

struct PointsRequest {
  PointBatch points;
  UpsertMode mode = UpsertMode::Upsert;
  std::optional<Filter> update_filter = {};
};

// {"points": [{"id", "vector", "payload"}]} or {"batch": {"ids", "vectors", "payloads"}}, with "update_filter" and
// "update_mode" beside. Behind `json` 64 bytes can be read; payloads of the answer are parts of it, unchecked.
Outcome<PointsRequest> read_points(std::string_view json, const CollectionOptions& options);

}  // namespace omendb
