// The one table of what can be asked: method and path, the operation, who may, and the name in metrics.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/access.h"
#include "server/operations.h"

namespace omendb {

struct Route {
  HttpMethod method;
  std::string_view path;  // "{}" stands for a segment of the caller's; also the name in metrics
  Permission permission;
  Operation operation;
};

std::span<const Route> all_routes();

struct RouteMatch {
  std::size_t index = 0;  // in all_routes()
  std::vector<std::string_view> arguments;
};

// nullopt: nobody answers that. HEAD is answered as GET.
std::optional<RouteMatch> find_route(HttpMethod method, std::span<const std::string> path);

bool knows_path(std::span<const std::string> path);  // by another method at least

}  // namespace omendb
