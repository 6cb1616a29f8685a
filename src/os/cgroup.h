// What control groups (v1 or v2) allow a process.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace omendb {

// The smallest memory limit among the groups that `membership` (the text of /proc/self/cgroup) names and their parents,
// below `mount` (/sys/fs/cgroup); nullopt if there is none. Inside a container the named path may not be visible, its
// root is.
std::optional<std::uint64_t> cgroup_memory_limit(const std::string& membership, const std::string& mount);

}  // namespace omendb
