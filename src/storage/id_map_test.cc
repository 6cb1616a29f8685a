#include "storage/id_map.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <random>

namespace omendb {
namespace {

PointId some_id(std::uint64_t k) {
  if (k % 2 == 0) return k;
  std::array<std::uint8_t, 16> bytes{};
  std::memcpy(bytes.data() + 3, &k, sizeof k);
  return PointId::uuid(bytes);
}

TEST(IdMap, AgreesWithAMapUnderRandomChanges) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  IdMap ids;
  std::map<PointId, Row> model;
  for (int i = 0; i < 300'000; ++i) {
    const PointId id = some_id(random() % 30'000);
    const auto known = model.find(id);
    const Row before = known == model.end() ? kNoRow : known->second;
    if (random() % 3 == 0) {
      ASSERT_EQ(ids.erase(id), before);
      model.erase(id);
    } else {
      ASSERT_EQ(ids.exchange(id, row_at(static_cast<std::uint64_t>(i))), before);
      model[id] = row_at(static_cast<std::uint64_t>(i));
    }
  }
  for (std::uint64_t k = 0; k < 30'000; ++k) {
    const auto known = model.find(some_id(k));
    const auto found = ids.find(some_id(k));
    ASSERT_EQ(found.has_value(), known != model.end());
    if (!found) continue;
    ASSERT_EQ(*found, known->second);
  }
}

TEST(IdMap, TellsNumbersFromUuidsOfTheSameBytes) {
  IdMap ids;
  ids.exchange(0, Row{1});
  ids.exchange(PointId::uuid({}), Row{2});
  EXPECT_EQ(ids.find(0), Row{1});
  EXPECT_EQ(ids.find(PointId::uuid({})), Row{2});
}

TEST(IdMap, AHeldPlaceIsNotFound) {
  IdMap ids;
  EXPECT_EQ(ids.exchange(5, kNoRow), kNoRow);
  EXPECT_TRUE(ids.contains_key(5));
  EXPECT_FALSE(ids.find(5));
  EXPECT_EQ(ids.exchange(5, Row{8}), kNoRow);
  EXPECT_EQ(ids.find(5), Row{8});
}

TEST(IdMap, TakesUnderFortyBytesANumber) {
  IdMap ids;
  const std::uint64_t empty = ids.memory_bytes();
  for (std::uint64_t k = 0; k < 500'000; ++k) ids.exchange(k, row_at(k));
  EXPECT_LT((ids.memory_bytes() - empty) / 500'000, 40u);
}

}  // namespace
}  // namespace omendb
