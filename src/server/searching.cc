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

// A point that was erased since it was found is left out.
Outcome<void> write_hits(Call& call, const std::vector<Hit>& hits, const Collection& collection,
                         const PointWriter& writer) {
  JsonWriter& json = call.result;
  json.begin_array();
  for (const Hit& hit : hits) {
    OMEN_TRY(call.check_time());
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
  call.searched = found;
  if (!call.wants_explanation()) return;
  JsonWriter json;
  json.begin_object().member("plan", name_of(found.plan)).member("walk_was_left", found.walk_was_left);
  json.member("steps", found.steps).member("rows_by_graph", found.rows_by_graph);
  json.member("rows_by_scan", found.rows_by_scan);
  json.member("rows_by_list", found.rows_by_list).member("distances", found.distances);
  json.member("payloads_read", found.payloads_read).member("microseconds", found.microseconds).end_object();
  call.explanation = json.take();
}

// The hits of one query; the newer API wraps them in an object.
Outcome<void> answer(Call& call, QueryRunner& runner, const Collection& collection, const Json& request,
                     const Query& query, bool wrapped) {
  const PointWriter writer = OMEN_TRY(read_point_writer(request, collection.options(), false));
  const std::vector<Hit> hits = OMEN_TRY(runner.run(query));
  if (wrapped) call.result.begin_object().key("points");
  OMEN_TRY(write_hits(call, hits, collection, writer));
  if (wrapped) call.result.end_object();
  return {};
}

Outcome<void> run_one(Call& call, ReadQuery read, bool wrapped) {
  const Collection collection = OMEN_TRY(call.collection());
  const JsonDocument document = OMEN_TRY(call.body());
  const Query query = OMEN_TRY(read(document.root()));
  QueryRunner runner(call, collection);
  OMEN_TRY(answer(call, runner, collection, document.root(), query, wrapped));
  explain(call, runner.explanation());
  return {};
}

// How many hits the engine may have to find for a query. Every candidate is compared with each of several examples.
std::uint64_t found_for(const Query& query) {
  std::uint64_t found = query.offset + std::min<std::uint64_t>(query.limit, kLimitMax);
  const bool averages = query.kind == QueryKind::Recommend && query.strategy == RecommendStrategy::AverageVector;
  if (!averages) found += (query.positive.size() + query.negative.size() + 2 * query.context.size()) * kLimitMax;
  for (const Query& prefetch : query.prefetch) found += found_for(prefetch);
  return found;
}

// Each search may ask for much, but not all of them.
Outcome<std::vector<Query>> read_searches(std::span<const Json> searches, ReadQuery read) {
  if (searches.size() > kSearchesMax)
    return bad_request("at most " + std::to_string(kSearchesMax) + " searches fit in a batch");
  std::vector<Query> queries;
  std::uint64_t hits = 0;
  std::uint64_t found = 0;
  for (const Json& search : searches) {
    const Query& query = queries.emplace_back(OMEN_TRY(read(search)));
    hits += std::min<std::uint64_t>(query.limit, kLimitMax);
    found += found_for(query);
  }
  if (hits > kBatchHitsMax)
    return bad_request("the limits of a batch are at most " + std::to_string(kBatchHitsMax) + " together, and are " +
                       std::to_string(hits));
  if (found > kBatchFoundMax)
    return bad_request("the searches of a batch find at most " + std::to_string(kBatchFoundMax) +
                       " hits together, with their offsets, prefetches and examples");
  return queries;
}

Outcome<void> run_batch(Call& call, ReadQuery read, bool wrapped) {
  const Collection collection = OMEN_TRY(call.collection());
  const JsonDocument document = OMEN_TRY(call.body());
  const std::span<const Json> searches = OMEN_TRY(need_list(document.root(), "searches"));
  const std::vector<Query> queries = OMEN_TRY(read_searches(searches, read));
  QueryRunner runner(call, collection);
  call.result.begin_array();
  for (std::size_t i = 0; i < queries.size(); ++i)
    OMEN_TRY(answer(call, runner, collection, searches[i], queries[i], wrapped));
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
  const Collection collection = OMEN_TRY(call.collection());
  const JsonDocument document = OMEN_TRY(call.body());
  const Json& request = document.root();
  const GroupRequest groups = OMEN_TRY(read_group_request(request));
  const Query query = OMEN_TRY(read(request));
  const PointWriter writer = OMEN_TRY(read_point_writer(request, collection.options(), false));
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
