// Hits grouped by a field of their payloads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "server/query_runner.h"
#include "server/selection.h"

namespace omendb {

using GroupId = std::variant<std::string, std::int64_t, std::uint64_t>;

struct Group {
  GroupId id;
  std::vector<Hit> hits;
};

// "with_lookup": the points of another collection that are called as the groups are.
struct GroupLookup {
  std::string collection;
  PayloadSelector payload = {PayloadSelector::Kind::All, {}};
  const Json* vector = nullptr;  // of the request
};

struct GroupRequest {
  std::vector<std::string> path;  // group_by
  std::uint32_t group_size = 3;
  std::uint32_t limit = 10;
  std::optional<GroupLookup> lookup;
};

Outcome<GroupRequest> read_group_request(const Json& request);

// Asks for more and more hits until there are groups enough, or no more hits.
Outcome<std::vector<Group>> find_groups(QueryRunner& runner, const Collection& collection, Query query,
                                        const GroupRequest& request);

// The groups that a payload belongs to: the strings and whole numbers its path leads to. Anything else there, and it
// belongs to none.
std::vector<GroupId> groups_of(std::string_view payload, const std::vector<std::string>& path);

std::optional<PointId> point_of(const GroupId& group);  // nullopt: no point can be called that
void write_group_id(JsonWriter& json, const GroupId& group);

}  // namespace omendb
