#include "base/published.h"

#include <gtest/gtest.h>

namespace omendb {
namespace {

TEST(Published, AReaderKeepsTheVersionItTook) {
  Published<int> published(std::make_shared<const int>(1));
  const auto taken = published.current();
  published.replace(std::make_shared<const int>(2));
  EXPECT_EQ(*taken, 1);
  EXPECT_EQ(*published.current(), 2);
}

TEST(Published, TheReplacedVersionIsHandedBackAndDiesWithItsLastReader) {
  Published<int> published(std::make_shared<const int>(1));
  std::weak_ptr<const int> first = published.current();
  auto replaced = published.replace(std::make_shared<const int>(2));
  EXPECT_EQ(*replaced, 1);
  replaced.reset();
  EXPECT_TRUE(first.expired());
}

}  // namespace
}  // namespace omendb
