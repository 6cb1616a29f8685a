#include "os/cgroup.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string_view>
#include <vector>

namespace omendb {
namespace {

using Limit = std::optional<std::uint64_t>;

Limit smaller(Limit a, Limit b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

// The number in a file; "max" or no file: no limit.
Limit limit_in(const std::string& path) {
  std::ifstream file(path);
  std::uint64_t bytes = 0;
  if (!(file >> bytes)) return std::nullopt;
  return bytes;
}

// Of a group and all its parents up to the root. `files` are the names a limit may have.
Limit limit_along(const std::string& root, std::string group, const std::vector<std::string>& files) {
  Limit limit;
  for (;;) {
    for (const std::string& file : files) limit = smaller(limit, limit_in(root + group + "/" + file));
    const std::size_t slash = group.rfind('/');
    if (group.empty() || slash == std::string::npos) return limit;
    group.resize(slash);
  }
}

// Is `name` in the comma-separated `list`?
bool lists(std::string_view list, std::string_view name) {
  std::istringstream names{std::string(list)};
  for (std::string each; std::getline(names, each, ',');) {
    if (each == name) return true;
  }
  return false;
}

}  // namespace

std::optional<std::uint64_t> cgroup_memory_limit(const std::string& membership, const std::string& mount) {
  Limit limit;
  std::istringstream lines(membership);
  for (std::string line; std::getline(lines, line);) {  // number:controllers:/path
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string_view controllers = std::string_view(line).substr(first + 1, second - first - 1);
    const std::string group = line.substr(second + 1);
    if (controllers.empty()) {  // v2. Above memory.high the kernel slows a process down until it gives some back.
      limit = smaller(limit, limit_along(mount, group, {"memory.max", "memory.high"}));
    } else if (lists(controllers, "memory")) {
      limit = smaller(limit, limit_along(mount + "/memory", group, {"memory.limit_in_bytes"}));
    }
  }
  return limit;
}

}  // namespace omendb
