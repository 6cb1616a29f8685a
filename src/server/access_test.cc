#include "server/access.h"

#include <gtest/gtest.h>

namespace omendb {
namespace {

TEST(Access, IsJudgedByTheKeyThatIsSent) {
  const AccessKeys both{.full = "master-key", .read_only = "reader-key"};
  const AccessKeys reader_only{.full = "", .read_only = "reader-key"};
  struct Case {
    const char* name;
    AccessKeys keys;
    Permission needed;
    const char* header;
    const char* value;
    Verdict want;
  };
  const Case cases[] = {
      {"no keys are set", {}, Permission::Manage, "", "", Verdict::Allowed},
      {"health needs no key", both, Permission::Public, "", "", Verdict::Allowed},
      {"none is sent", both, Permission::Read, "", "", Verdict::NoKey},
      {"the right one", both, Permission::Manage, "api-key", "master-key", Verdict::Allowed},
      {"the right one, as a bearer's", both, Permission::Manage, "authorization", "Bearer master-key",
       Verdict::Allowed},
      {"in another case of the scheme", both, Permission::Write, "authorization", "bearer master-key",
       Verdict::Allowed},
      {"without a scheme", both, Permission::Read, "authorization", "master-key", Verdict::NoKey},
      {"a wrong one", both, Permission::Read, "api-key", "master-keY", Verdict::WrongKey},
      {"a shorter one", both, Permission::Read, "api-key", "master-ke", Verdict::WrongKey},
      {"a longer one", both, Permission::Read, "api-key", "master-key1", Verdict::WrongKey},
      {"an empty one", both, Permission::Read, "api-key", "", Verdict::WrongKey},
      {"the reader reads", both, Permission::Read, "api-key", "reader-key", Verdict::Allowed},
      {"the reader does not write", both, Permission::Write, "api-key", "reader-key", Verdict::NotEnough},
      {"nobody writes", reader_only, Permission::Write, "api-key", "", Verdict::WrongKey},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    HttpRequest request;
    if (c.header[0] != '\0') request.headers.push_back({c.header, c.value});
    EXPECT_EQ(Access(c.keys).judge(c.needed, request), c.want);
  }
}

}  // namespace
}  // namespace omendb
