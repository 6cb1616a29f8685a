#include "server/http/target.h"

#include <gtest/gtest.h>

namespace omendb {
namespace {

std::string drawn(const HttpTarget& target) {
  std::string text;
  for (const std::string& segment : target.path) text += "[" + segment + "]";
  for (const HttpField& field : target.query) text += " " + field.name + "=" + field.value;
  return text;
}

TEST(Target, IsTakenApart) {
  struct Case {
    const char* target;
    const char* want;
  };
  const Case cases[] = {
      {"/", ""},
      {"/collections", "[collections]"},
      {"/collections/", "[collections]"},
      {"/collections//", "[collections][]"},  // an empty segment is not dropped: it would name something else
      {"/a//b", "[a][][b]"},
      {"/a%2Fb/c%20d", "[a/b][c d]"},
      {"/a+b", "[a+b]"},
      {"/%C3%A4", "[ä]"},
      {"/a?wait=true&x", "[a] wait=true x="},
      {"/a?x=1&&y=%26+%3d", "[a] x=1 y=& ="},
      {"/a?x=1=2", "[a] x=1=2"},
      {"/a#there?x=1", "[a]"},
      {"/?", ""},
      {"http://host:6333/a?b=c", "[a] b=c"},
      {"http://host", ""},
      {"http://host?x=1", ""},
      {"*", "[*]"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.target);
    const auto target = parse_target(c.target);
    ASSERT_TRUE(target.ok());
    EXPECT_EQ(drawn(*target), c.want);
  }
}

TEST(Target, IsRefusedWhereItCouldMeanTwoThings) {
  for (const char* target : {"", "a", "host:80", "/%", "/%4", "/%4g", "/%00", "/?x=%00", "/a/../b", "/..", "/a/./b",
                             "/%2e%2e/b", "/a?x=%zz", "/a?a-name-that-needs-memory=%zz", "?x=1"}) {
    SCOPED_TRACE(target);
    EXPECT_FALSE(parse_target(target).ok());
  }
}

}  // namespace
}  // namespace omendb
