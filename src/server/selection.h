// Which points a request is about, and what of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "omendb/types.h"
#include "server/json.h"

namespace omendb {

Outcome<Filter> read_filter(const Json& json);
Outcome<Filter> read_filter_text(std::string_view json);
// Of the member "filter"; the empty filter if there is none.
Outcome<Filter> filter_of(const Json& object);

// {"points": [ids]} or {"filter": {...}}.
struct PointSelection {
  std::vector<PointId> ids;
  std::optional<Filter> filter;

  // An empty list of ids selects nothing, whereas a Selection without ids has all points.
  bool nothing() const { return ids.empty() && !filter; }
  Selection view() const { return {.ids = ids, .filter = filter ? &*filter : nullptr}; }
};
// An object with either, or as older clients write it in batches, a bare list of ids.
Outcome<PointSelection> read_selection(const Json& json);

// Whoever names a shard expects an answer of its points alone.
Outcome<void> refuse_shard_key(const Json& object);

// "with_payload": true, false, a list of paths, {"include": paths} or {"exclude": paths}.
struct PayloadSelector {
  enum class Kind : std::uint8_t { None, All, Include, Exclude };
  Kind kind = Kind::None;
  std::vector<std::vector<std::string>> paths;  // their steps: keys, and "[]" for the elements of an array

  bool wanted() const { return kind != Kind::None; }
};
Outcome<PayloadSelector> read_payload_selector(const Json* json, bool otherwise);

// "with_vector": true, false, or a list of names.
struct VectorSelector {
  bool all = false;
  std::vector<std::string> names;

  bool wanted() const { return all || !names.empty(); }
  bool has(std::string_view name) const;
};
// InvalidArgument's refusal for names that the collection does not have.
const Json* find_vector_selector(const Json& request);  // "with_vector", or as some write it, "with_vectors"
Outcome<VectorSelector> read_vector_selector(const Json* json, const CollectionOptions& options);

// The payload's JSON, reduced to what is selected.
std::string project(std::string_view payload, const PayloadSelector& selector);

}  // namespace omendb
