#include "os/cgroup.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "os/temporary_directory.h"

namespace omendb {
namespace {

TEST(CgroupMemoryLimit, IsTheSmallestOfTheGroupAndItsParents) {
  struct LimitFile {
    const char* path;
    const char* text;
  };
  struct Case {
    const char* name;
    const char* membership;
    std::vector<LimitFile> files;
    std::optional<std::uint64_t> want;
  };
  const Case cases[] = {
      {"no groups at all", "", {}, std::nullopt},
      {"v2 without a limit", "0::/a\n", {{"/a/memory.max", "max\n"}}, std::nullopt},
      {"v2", "0::/a\n", {{"/a/memory.max", "1000\n"}}, 1000},
      {"v2, the parent is smaller", "0::/a/b\n", {{"/a/b/memory.max", "1000\n"}, {"/a/memory.max", "500\n"}}, 500},
      {"v2, slowed down before it is refused", "0::/a\n", {{"/a/memory.max", "1000"}, {"/a/memory.high", "800"}}, 800},
      {"v2 in a container: only its root is visible", "0::/host/path\n", {{"/memory.max", "700\n"}}, 700},
      {"v2 at the root", "0::/\n", {{"/memory.max", "700\n"}}, 700},
      {"v1", "5:cpu:/a\n4:hugetlb,memory:/a\n", {{"/memory/a/memory.limit_in_bytes", "1000\n"}}, 1000},
      {"v1, another controller's file", "5:cpu:/a\n", {{"/memory/a/memory.limit_in_bytes", "1000\n"}}, std::nullopt},
      {"v1 and v2 together", "4:memory:/a\n0::/a\n",
       {{"/memory/a/memory.limit_in_bytes", "1000\n"}, {"/a/memory.max", "900\n"}}, 900},
      {"lines that mean nothing", "nonsense\n0:\n::\n", {}, std::nullopt},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const TemporaryDirectory mount;
    for (const LimitFile& file : c.files) {
      const std::string path = mount.path() + file.path;
      std::filesystem::create_directories(std::filesystem::path(path).parent_path());
      std::ofstream(path) << file.text;
    }
    EXPECT_EQ(cgroup_memory_limit(c.membership, mount.path()), c.want);
  }
}

}  // namespace
}  // namespace omendb
