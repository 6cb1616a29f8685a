#include <gtest/gtest.h>

#include <set>
#include <string>

#include "omendb/types.h"

namespace omendb {
namespace {

// Names are written into files, messages and answers of the server: none may change.
TEST(Names, OfTheApiStayAsTheyAre) {
  EXPECT_EQ(name_of(Metric::L2), "l2");
  EXPECT_EQ(name_of(Metric::Dot), "dot");
  EXPECT_EQ(name_of(Metric::Cosine), "cosine");
  EXPECT_EQ(name_of(Datatype::Float32), "float32");
  EXPECT_EQ(name_of(Datatype::Float16), "float16");
  EXPECT_EQ(name_of(Datatype::Uint8), "uint8");
  EXPECT_EQ(name_of(SearchPlan::Exact), "exact");
  EXPECT_EQ(name_of(SearchPlan::Scan), "scan");
  EXPECT_EQ(name_of(SearchPlan::Graph), "graph");
  EXPECT_EQ(name_of(SearchPlan::GraphTwoHop), "graph two-hop");
  EXPECT_EQ(name_of(SearchPlan::List), "list");
  EXPECT_EQ(name_of(IndexState::Settled), "settled");
  EXPECT_EQ(name_of(IndexState::Indexing), "indexing");
  EXPECT_EQ(name_of(IndexState::Yielding), "yielding");
  EXPECT_EQ(name_of(IndexState::Waiting), "waiting");
  EXPECT_EQ(name_of(IndexState::Stopped), "stopped");
  EXPECT_EQ(name_of(ErrorCode::InvalidArgument), "InvalidArgument");
  EXPECT_EQ(name_of(ErrorCode::TimedOut), "TimedOut");
}

TEST(Names, EveryErrorCodeHasItsOwn) {
  std::set<std::string_view> names;
  constexpr int kCodes = static_cast<int>(ErrorCode::TimedOut) + 1;
  for (int code = 0; code < kCodes; ++code) names.insert(name_of(static_cast<ErrorCode>(code)));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(kCodes));
  EXPECT_FALSE(names.contains("unknown"));
}

}  // namespace
}  // namespace omendb
