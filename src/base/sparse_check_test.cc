#include "base/sparse_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace omendb {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(SparseCheck, TakesUniqueIndicesInAnyOrderWithFiniteValues) {
  EXPECT_TRUE(check_sparse({}).ok());
  EXPECT_TRUE(check_sparse(SparseVector{{7, 0, 4'294'967'295}, {1, -1, 0}}).ok());
}

TEST(SparseCheck, SaysWhatIsWrong) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  struct Case { const char* name; SparseVector vector; const char* want; };
  const Case cases[] = {
      {"a value is missing", {{1, 2}, {1}}, "must be the same length as indices: there are 1 values and 2 indices"},
      {"a value too many", {{}, {1}}, "must be the same length as indices: there are 1 values and 0 indices"},
      {"an index follows itself", {{1, 7, 7}, {1, 2, 3}}, "indices must be unique, and 7 comes twice"},
      {"an index comes again later", {{7, 1, 7}, {1, 2, 3}}, "indices must be unique, and 7 comes twice"},
      {"a value is infinite", {{1, 9}, {1, -kInfinity}}, "a NaN or an infinity at index 9"},
      {"a value is no number", {{9, 1}, {kNan, 1}}, "a NaN or an infinity at index 9"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const Result<void> checked = check_sparse(c.vector);
    ASSERT_FALSE(checked.ok());
    EXPECT_EQ(checked.error().code, ErrorCode::InvalidArgument);
    EXPECT_THAT(checked.error().message, HasSubstr(c.want));
  }
}

TEST(SparseCheck, SortsByIndexAndKeepsEachValueAtItsIndex) {
  const SparseVector sorted = sorted_by_index(SparseVector{{7, 1, 4}, {0.7f, 0.1f, 0.4f}});
  EXPECT_THAT(sorted.indices, ElementsAre(1, 4, 7));
  EXPECT_THAT(sorted.values, ElementsAre(0.1f, 0.4f, 0.7f));
}

}  // namespace
}  // namespace omendb
