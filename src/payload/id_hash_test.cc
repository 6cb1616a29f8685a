#include "payload/id_hash.h"

#include <gtest/gtest.h>

namespace omendb {
namespace {

// By another implementation, which gives the paper's own test vector (0xa129ca6149be45e5) for its key and message.
TEST(IdHash, IsSipHash24WithTheZeroKey) {
  EXPECT_EQ(id_hash(PointId(0)), 0xe849e8bb6ffe2567u);
  EXPECT_EQ(id_hash(PointId(42)), 0x0fc2553f07619dd3u);
  EXPECT_EQ(id_hash(PointId(18'446'744'073'709'551'615u)), 0x8050c18b6ac9d15eu);
  EXPECT_EQ(id_hash(PointId::parse("550e8400-e29b-41d4-a716-446655440000").value()), 0xf5d0ca21ba34d504u);
}

}  // namespace
}  // namespace omendb
