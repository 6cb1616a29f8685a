#include "server/groups.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "server/limits.h"
#include "server/payload_values.h"

namespace omendb {
namespace {

// How many hits are asked for first, for each that is wanted.
constexpr std::uint64_t kHitsPerPlace = 3;
constexpr std::uint64_t kGrowth = 4;

std::optional<GroupId> id_of(const Json& value) {
  if (value.is(JsonKind::String)) return GroupId(std::string(value.text()));
  if (value.is(JsonKind::Unsigned)) return GroupId(value.as_bits());
  if (value.is(JsonKind::Integer)) return GroupId(static_cast<std::int64_t>(value.as_bits()));
  return std::nullopt;
}

// Never beyond what the query may ask for itself.
std::uint64_t most_of(const Query& query) { return query.mmr ? kMmrChosenMax : kLimitMax; }

void widen_prefetches(Query& query, std::uint64_t limit) {
  for (Query& prefetch : query.prefetch) {
    prefetch.limit = std::max(prefetch.limit, std::min(limit, most_of(prefetch)));
    widen_prefetches(prefetch, limit);
  }
}

Outcome<std::vector<Group>> group(const std::vector<Hit>& hits, const Collection& collection,
                                  const GroupRequest& request) {
  std::vector<Group> groups;
  std::unordered_map<GroupId, std::size_t> places;
  for (const Hit& hit : hits) {
    const std::optional<Point> point = OMEN_TRY(collection.get(hit.id, {.payload = true, .vectors = false}));
    if (!point) continue;
    for (const GroupId& id : groups_of(point->payload, request.path)) {
      const auto [place, is_new] = places.try_emplace(id, groups.size());
      if (is_new) groups.push_back({id, {}});
      Group& found = groups[place->second];
      if (found.hits.size() < request.group_size) found.hits.push_back(hit);
    }
  }
  return groups;
}

// Whether more hits could change the groups that are shown.
bool full(const std::vector<Group>& groups, const GroupRequest& request) {
  if (groups.size() < request.limit) return false;
  return std::all_of(groups.begin(), groups.begin() + request.limit,
                     [&](const Group& known) { return known.hits.size() == request.group_size; });
}

Outcome<GroupLookup> read_lookup(const Json& json) {
  GroupLookup lookup;
  if (json.is(JsonKind::String)) {
    lookup.collection = json.text();
    return lookup;
  }
  lookup.collection = OMEN_TRY(need_string(json, "collection"));
  lookup.payload = OMEN_TRY(read_payload_selector(json.find("with_payload"), true));
  lookup.vector = find_vector_selector(json);
  return lookup;
}

}  // namespace

Outcome<GroupRequest> read_group_request(const Json& request) {
  GroupRequest groups;
  const std::string_view key = OMEN_TRY(need_string(request, "group_by"));
  groups.path = OMEN_TRY(path_steps(key));
  const std::uint64_t size = OMEN_TRY(maybe_unsigned(request, "group_size")).value_or(3);
  const std::uint64_t limit = OMEN_TRY(maybe_unsigned(request, "limit")).value_or(10);
  OMEN_TRY(in_bounds(size, "group_size", 1, UINT64_MAX));
  OMEN_TRY(in_bounds(limit, "limit", 1, UINT64_MAX));
  groups.group_size = static_cast<std::uint32_t>(std::min<std::uint64_t>(size, kGroupSizeMax));
  groups.limit = static_cast<std::uint32_t>(std::min<std::uint64_t>(limit, kGroupsMax));
  if (const Json* lookup = request.find("with_lookup")) groups.lookup = OMEN_TRY(read_lookup(*lookup));
  return groups;
}

Outcome<std::vector<Group>> find_groups(QueryRunner& runner, const Collection& collection, Query query,
                                        const GroupRequest& request) {
  query.offset = 0;
  query.limit = std::uint64_t{request.limit} * request.group_size * kHitsPerPlace;
  while (true) {
    query.limit = std::min(query.limit, most_of(query));
    widen_prefetches(query, query.limit);
    const std::vector<Hit> hits = OMEN_TRY(runner.run(query));
    std::vector<Group> groups = OMEN_TRY(group(hits, collection, request));
    if (full(groups, request) || hits.size() < query.limit || query.limit == most_of(query)) {
      if (groups.size() > request.limit) groups.resize(request.limit);
      return groups;
    }
    query.limit *= kGrowth;
  }
}

std::vector<GroupId> groups_of(std::string_view payload, const std::vector<std::string>& path) {
  std::vector<GroupId> groups;
  std::unordered_set<GroupId> known;
  bool others = false;
  visit_values(payload, path, [&](const Json& value) {
    const std::optional<GroupId> id = id_of(value);
    if (!id) {
      others = true;
    } else if (groups.size() < kGroupsPerPointMax && known.insert(*id).second) {
      groups.push_back(*id);
    }
  });
  if (others) return {};
  return groups;
}

std::optional<PointId> point_of(const GroupId& group) {
  if (const auto* number = std::get_if<std::uint64_t>(&group)) return PointId(*number);
  if (const auto* number = std::get_if<std::int64_t>(&group)) {
    if (*number < 0) return std::nullopt;
    return PointId(static_cast<std::uint64_t>(*number));
  }
  const Result<PointId> id = PointId::parse(std::get<std::string>(group));
  if (!id.ok() || !id->is_uuid()) return std::nullopt;
  return *id;
}

void write_group_id(JsonWriter& json, const GroupId& group) {
  if (const auto* text = std::get_if<std::string>(&group)) {
    json.string(*text);
  } else if (const auto* number = std::get_if<std::int64_t>(&group)) {
    json.integer(*number);
  } else {
    json.integer(std::get<std::uint64_t>(group));
  }
}

}  // namespace omendb
