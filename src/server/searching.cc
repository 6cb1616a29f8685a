// points/query and its relatives: what was asked is read, run, and written with what belongs to each hit.
#include <algorithm>
#include <optional>
#include <vector>

#include "server/groups.h"
#include "server/limits.h"
#include "server/operations.h"
#include "server/point_writer.h"
#include "server/query_runner.h"

namespace omendb {
namespace {

using ReadQuery = Outcome<Query> (*)(const Json& request);

Outcome<PointWriter> read_writer(const Json& request, const CollectionOptions& options) {
  const Json* vector = request.find("with_vector");
  if (vector == nullptr) vector = request.find("with_vectors");
  PayloadSelector payloads = OMEN_TRY(read_payload_selector(request.find("with_payload"), false));
  VectorSelector vectors = OMEN_TRY(read_vector_selector(vector, options));
  return PointWriter(options, std::move(payloads), std::move(vectors));
}

// A point that was erased since it was found is left out.
Outcome<void> write_hits(Call& call, const std::vector<Hit>& hits, const Collection& collection,
                         const PointWriter& writer) {
  JsonWriter& json = call.result;
  json.begin_array();
  for (const Hit& hit : hits) {
    std::optional<Point> point;
    if (writer.needs_point()) {
      point = OMEN_TRY(collection.get(hit.id, writer.reading()));
    } else {
      point.emplace().id = hit.id;
    }
    if (point) writer.write_scored(json, *point, hit.score, hit.order_value ? &*hit.order_value : nullptr);
    OMEN_TRY(check_length(json, call.result_memory));
  }
  json.end_array();
  return {};
}

void explain(Call& call, const Explanation& found) {
  if (!call.wants_explanation()) return;
  JsonWriter json;
  json.begin_object().member("rows_by_graph", found.rows_by_graph).member("rows_by_scan", found.rows_by_scan);
  json.member("rows_by_list", found.rows_by_list).member("distances", found.distances);
  json.member("payloads_read", found.payloads_read).member("microseconds", found.microseconds).end_object();
  call.explanation = json.take();
}

// The hits of one query; the newer API wraps them in an object.
Outcome<void> answer(Call& call, QueryRunner& runner, const Collection& collection, const Json& request, ReadQuery read,
                     bool wrapped) {
  const Query query = OMEN_TRY(read(request));
  const PointWriter writer = OMEN_TRY(read_writer(request, collection.options()));
  const std::vector<Hit> hits = OMEN_TRY(runner.run(query));
  if (wrapped) call.result.begin_object().key("points");
  OMEN_TRY(write_hits(call, hits, collection, writer));
  if (wrapped) call.result.end_object();
  return {};
}

Outcome<void> run_one(Call& call, ReadQuery read, bool wrapped) {
  OMEN_TRY(check_timeout(call.request));
  const Collection collection = OMEN_TRY(call.collection());
  const JsonDocument document = OMEN_TRY(call.body());
  QueryRunner runner(call, collection);
  OMEN_TRY(answer(call, runner, collection, document.root(), read, wrapped));
  explain(call, runner.explanation());
  return {};
}

// Each search may ask for much, but not all of them.
Outcome<void> check_hits(const Json& searches, ReadQuery read) {
  std::uint64_t hits = 0;
  for (const Json& request : searches.items()) {
    const Query query = OMEN_TRY(read(request));
    hits += std::min<std::uint64_t>(query.limit, kLimitMax);
  }
  if (hits <= kBatchHitsMax) return {};
  return bad_request("the limits of a batch are at most " + std::to_string(kBatchHitsMax) + " together, and are " +
                     std::to_string(hits));
}

Outcome<void> run_batch(Call& call, ReadQuery read, bool wrapped) {
  OMEN_TRY(check_timeout(call.request));
  const Collection collection = OMEN_TRY(call.collection());
  const JsonDocument document = OMEN_TRY(call.body());
  const Json* searches = OMEN_TRY(need(document.root(), "searches"));
  if (!searches->is(JsonKind::Array)) return wrong_format("searches: invalid type, expected a sequence");
  if (searches->items().size() > kSearchesMax)
    return bad_request("at most " + std::to_string(kSearchesMax) + " searches fit in a batch");
  OMEN_TRY(check_hits(*searches, read));
  QueryRunner runner(call, collection);
  call.result.begin_array();
  for (const Json& request : searches->items()) OMEN_TRY(answer(call, runner, collection, request, read, wrapped));
  call.result.end_array();
  explain(call, runner.explanation());
  return {};
}

// --- Groups.

Outcome<void> write_lookup(JsonWriter& json, const GroupLookup& lookup, const Collection& collection,
                           const GroupId& group) {
  VectorSelector vectors = OMEN_TRY(read_vector_selector(lookup.vector, collection.options()));
  const PointWriter writer(collection.options(), lookup.payload, std::move(vectors));
  const std::optional<PointId> id = point_of(group);
  if (!id) return {};
  const std::optional<Point> point = OMEN_TRY(collection.get(*id, writer.reading()));
  if (point) writer.write_record(json.key("lookup"), *point);
  return {};
}

Outcome<void> run_groups(Call& call, ReadQuery read) {
  OMEN_TRY(check_timeout(call.request));
  const Collection collection = OMEN_TRY(call.collection());
  const JsonDocument document = OMEN_TRY(call.body());
  const Json& request = document.root();
  const GroupRequest groups = OMEN_TRY(read_group_request(request));
  const Query query = OMEN_TRY(read(request));
  const PointWriter writer = OMEN_TRY(read_writer(request, collection.options()));
  std::optional<Collection> looked_up;
  if (groups.lookup) {
    Result<Collection> other = call.open(groups.lookup->collection);
    if (!other.ok()) return not_found("Collection `" + groups.lookup->collection + "` doesn't exist!");
    looked_up = std::move(other).value();
  }
  QueryRunner runner(call, collection);
  const std::vector<Group> found = OMEN_TRY(find_groups(runner, collection, query, groups));
  JsonWriter& json = call.result;
  json.begin_object().key("groups").begin_array();
  for (const Group& group : found) {
    json.begin_object().key("hits");
    OMEN_TRY(write_hits(call, group.hits, collection, writer));
    json.key("id");
    write_group_id(json, group.id);
    if (looked_up) OMEN_TRY(write_lookup(json, *groups.lookup, *looked_up, group.id));
    json.end_object();
  }
  json.end_array().end_object();
  explain(call, runner.explanation());
  return {};
}

}  // namespace

Outcome<void> query_points(Call& call) { return run_one(call, read_query, true); }
Outcome<void> query_batch(Call& call) { return run_batch(call, read_query, true); }
Outcome<void> query_groups(Call& call) { return run_groups(call, read_query); }
Outcome<void> search_points(Call& call) { return run_one(call, read_search_request, false); }
Outcome<void> search_batch(Call& call) { return run_batch(call, read_search_request, false); }
Outcome<void> search_groups(Call& call) { return run_groups(call, read_search_request); }
Outcome<void> recommend_points(Call& call) { return run_one(call, read_recommend_request, false); }
Outcome<void> recommend_batch(Call& call) { return run_batch(call, read_recommend_request, false); }
Outcome<void> recommend_groups(Call& call) { return run_groups(call, read_recommend_request); }
Outcome<void> discover_points(Call& call) { return run_one(call, read_discover_request, false); }
Outcome<void> discover_batch(Call& call) { return run_batch(call, read_discover_request, false); }

}  // namespace omendb
