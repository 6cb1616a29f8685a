#include "server/routes.h"

#include <gtest/gtest.h>

#include <set>

#include "server/http/target.h"
#include "server/metrics.h"

namespace omendb {
namespace {

std::vector<std::string> path_of(std::string_view target) { return parse_target(target).value().path; }

TEST(Routes, LeadPathsToTheirOperations) {
  struct Case {
    HttpMethod method;
    const char* path;
    Operation want;
    std::vector<std::string_view> arguments;
  };
  const Case cases[] = {
      {HttpMethod::Get, "/", show_version, {}},
      {HttpMethod::Get, "/collections/", list_collections, {}},
      {HttpMethod::Put, "/collections/a", create_collection, {"a"}},
      {HttpMethod::Head, "/collections/a", show_collection, {"a"}},
      {HttpMethod::Get, "/collections/a/points/7", get_point, {"a", "7"}},
      {HttpMethod::Post, "/collections/a/points/count/", count_points, {"a"}},
      {HttpMethod::Post, "/collections/aliases", change_aliases, {}},
      {HttpMethod::Get, "/collections/aliases", show_collection, {"aliases"}},
      {HttpMethod::Delete, "/collections/a/index/x.y%2Fz", delete_field_index, {"a", "x.y/z"}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.path);
    const std::vector<std::string> path = path_of(c.path);
    const auto match = find_route(c.method, path);
    ASSERT_TRUE(match.has_value());
    EXPECT_EQ(all_routes()[match->index].operation, c.want);
    EXPECT_EQ(match->arguments, c.arguments);
  }
}

TEST(Routes, KnowNothingElse) {
  for (const char* path : {"/collection", "/collections/a/b", "/collections/a/points/1/2", "/omen"}) {
    EXPECT_FALSE(find_route(HttpMethod::Get, path_of(path)).has_value()) << path;
    EXPECT_FALSE(knows_path(path_of(path))) << path;
  }
  EXPECT_FALSE(find_route(HttpMethod::Post, path_of("/collections/a")).has_value());
  EXPECT_TRUE(knows_path(path_of("/collections/a")));
}

TEST(Routes, AreUniqueAndCounted) {
  std::set<std::pair<HttpMethod, std::string_view>> seen;
  for (const Route& route : all_routes()) EXPECT_TRUE(seen.insert({route.method, route.path}).second) << route.path;
  EXPECT_LE(all_routes().size(), Metrics::kRoutesMax);
}

TEST(Routes, WithoutAKeyShowOnlyThatTheServerIsThere) {
  std::set<std::string_view> open;
  for (const Route& route : all_routes()) {
    if (route.permission == Permission::Public) open.insert(route.path);
  }
  EXPECT_EQ(open, (std::set<std::string_view>{"/", "/healthz", "/livez", "/readyz"}));
}

TEST(Routes, ThatChangeSomethingNeedMoreThanTheRightToRead) {
  for (const Route& route : all_routes()) {
    if (route.method == HttpMethod::Get || route.method == HttpMethod::Post) continue;
    EXPECT_NE(route.permission, Permission::Read) << route.path;
  }
}

}  // namespace
}  // namespace omendb
