#include "server/routes.h"

#include <array>

namespace omendb {
namespace {

using enum HttpMethod;
using enum Permission;

constexpr Route kRoutes[] = {
    {Get, "/", Public, show_version},
    {Get, "/healthz", Public, say_healthy},
    {Get, "/livez", Public, say_alive},
    {Get, "/readyz", Public, say_ready},
    {Get, "/telemetry", Read, show_telemetry},
    {Get, "/metrics", Read, show_metrics},
    {Get, "/issues", Read, show_issues},
    {Delete, "/issues", Manage, clear_issues},

    {Get, "/collections", Read, list_collections},
    {Get, "/collections/{}", Read, show_collection},
    {Put, "/collections/{}", Manage, create_collection},
    {Patch, "/collections/{}", Manage, update_collection},
    {Delete, "/collections/{}", Manage, delete_collection},
    {Get, "/collections/{}/exists", Read, collection_exists},
    {Get, "/collections/{}/optimizations", Read, show_optimizations},
    {Get, "/aliases", Read, list_aliases},
    {Post, "/collections/aliases", Manage, change_aliases},
    {Get, "/collections/{}/aliases", Read, list_collection_aliases},
    {Put, "/collections/{}/index", Write, create_field_index},
    {Delete, "/collections/{}/index/{}", Write, delete_field_index},

    {Put, "/collections/{}/points", Write, upsert_points},
    {Post, "/collections/{}/points", Read, retrieve_points},
    {Get, "/collections/{}/points/{}", Read, get_point},
    {Post, "/collections/{}/points/delete", Write, delete_points},
    {Put, "/collections/{}/points/vectors", Write, update_point_vectors},
    {Post, "/collections/{}/points/vectors/delete", Write, delete_point_vectors},
    {Post, "/collections/{}/points/payload", Write, set_payload},
    {Put, "/collections/{}/points/payload", Write, overwrite_payload},
    {Post, "/collections/{}/points/payload/delete", Write, delete_payload},
    {Post, "/collections/{}/points/payload/clear", Write, clear_payload},
    {Post, "/collections/{}/points/batch", Write, update_batch},
    {Post, "/collections/{}/points/scroll", Read, scroll_points},
    {Post, "/collections/{}/points/count", Read, count_points},
    {Post, "/collections/{}/facet", Read, facet_points},

    {Post, "/collections/{}/points/query", Read, query_points},
    {Post, "/collections/{}/points/query/batch", Read, query_batch},
    {Post, "/collections/{}/points/query/groups", Read, query_groups},
    {Post, "/collections/{}/points/search", Read, search_points},
    {Post, "/collections/{}/points/search/batch", Read, search_batch},
    {Post, "/collections/{}/points/search/groups", Read, search_groups},
    {Post, "/collections/{}/points/recommend", Read, recommend_points},
    {Post, "/collections/{}/points/recommend/batch", Read, recommend_batch},
    {Post, "/collections/{}/points/recommend/groups", Read, recommend_groups},
    {Post, "/collections/{}/points/discover", Read, discover_points},
    {Post, "/collections/{}/points/discover/batch", Read, discover_batch},
    {Post, "/collections/{}/points/search/matrix/pairs", Read, matrix_pairs},
    {Post, "/collections/{}/points/search/matrix/offsets", Read, matrix_offsets},

    {Get, "/cluster", Read, show_cluster},
    {Get, "/collections/{}/cluster", Read, show_collection_cluster},
    {Get, "/collections/{}/shards", Read, show_shard_keys},
    {Put, "/collections/{}/shards", Manage, refuse_shard_key},
    {Post, "/collections/{}/shards/delete", Manage, refuse_shard_key},
    {Post, "/collections/{}/cluster", Manage, refuse_cluster_change},
    {Post, "/cluster/recover", Manage, refuse_cluster_change},
    {Delete, "/cluster/peer/{}", Manage, refuse_cluster_change},

    {Get, "/omen/v1/collections/{}/progress", Read, show_progress},
    {Get, "/omen/v1/events", Read, stream_events},
    {Get, "/omen/v1/info", Read, show_server},
};

constexpr std::string_view kAny = "{}";

// Takes the first segment of "/a/b" off.
std::string_view next_segment(std::string_view& rest) {
  rest.remove_prefix(1);
  const std::size_t end = rest.find('/');
  const std::string_view segment = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end);
  return segment;
}

std::optional<std::vector<std::string_view>> match(std::string_view pattern, std::span<const std::string> path) {
  std::string_view rest = pattern == "/" ? std::string_view() : pattern;
  std::vector<std::string_view> arguments;
  for (const std::string& segment : path) {
    if (rest.empty()) return std::nullopt;
    const std::string_view wanted = next_segment(rest);
    if (wanted == kAny) {
      arguments.push_back(segment);
    } else if (wanted != segment) {
      return std::nullopt;
    }
  }
  if (!rest.empty()) return std::nullopt;
  return arguments;
}

}  // namespace

std::span<const Route> all_routes() { return kRoutes; }

std::optional<RouteMatch> find_route(HttpMethod method, std::span<const std::string> path) {
  if (method == Head) method = Get;
  std::optional<RouteMatch> found;
  for (std::size_t i = 0; i < std::size(kRoutes); ++i) {
    if (kRoutes[i].method != method) continue;
    auto arguments = match(kRoutes[i].path, path);
    if (!arguments) continue;
    // "points/count" is the operation, not a point of that name: fewest arguments win.
    if (!found || arguments->size() < found->arguments.size()) found = RouteMatch{i, std::move(*arguments)};
  }
  return found;
}

bool knows_path(std::span<const std::string> path) {
  for (const Route& route : kRoutes) {
    if (match(route.path, path)) return true;
  }
  return false;
}

}  // namespace omendb
