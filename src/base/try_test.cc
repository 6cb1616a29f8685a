#include "base/try.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace omendb {
namespace {

Result<std::unique_ptr<int>> number(bool there) {
  if (!there) return Error{ErrorCode::NotFound, "no number"};
  return std::make_unique<int>(20);
}

Result<void> allowed(bool yes) {
  if (!yes) return Error{ErrorCode::ReadOnly, "not allowed"};
  return {};
}

Result<std::string> twice(bool there, bool yes) {
  OMEN_TRY(allowed(yes));
  const std::unique_ptr<int> value = OMEN_TRY(number(there));
  return std::to_string(*value + *OMEN_TRY(number(there)));
}

TEST(Try, GivesTheValueOrReturnsTheFirstError) {
  EXPECT_EQ(twice(true, true).value(), "40");
  EXPECT_EQ(twice(false, true).error().message, "no number");
  EXPECT_EQ(twice(false, false).error().code, ErrorCode::ReadOnly);
}

TEST(TryDeathTest, TakingTheValueOfAnErrorEndsTheProcess) {
  EXPECT_DEATH(static_cast<void>(number(false).value()), "");
  EXPECT_DEATH(allowed(false).value(), "");
}

}  // namespace
}  // namespace omendb
