// Damage to every file of a database: a flipped byte, a cut, a missing file. The answer is right, or it is refused in
// words; never a wrong row.
#include <gtest/gtest.h>

#include <iostream>
#include <map>

#include "os/simulated_disk.h"
#include "tests/points.h"
#include "tests/steps.h"

namespace omendb {
namespace {

using testing::PointMaker;
using testing::SteppedDatabase;

constexpr std::uint32_t kDimensions = 128;
constexpr std::uint64_t kIds = 36'000;

// A database as a killed process leaves it: a checkpoint, codes, a graph, and a log behind the checkpoint.
std::unique_ptr<SimulatedDisk> build(const PointMaker& maker) {
  SimulatedDisk disk;
  SteppedDatabase database(disk);
  EXPECT_TRUE(database->create("c", {.dimensions = kDimensions}).ok());
  const auto collection = database.find("c");
  EXPECT_TRUE(collection->create_field_index("id", FieldType::Integer).ok());
  for (std::uint64_t begin = 0; begin < kIds; begin += 1'000) {
    auto batch = testing::batch_of(maker, begin, begin + 1'000);
    EXPECT_TRUE(collection->upsert(batch.view(), Wait::Accepted).ok());
  }
  EXPECT_TRUE(collection->checkpoint().ok());
  database.settle(*collection);
  EXPECT_TRUE(collection->checkpoint().ok());  // the parts of the field's index are written
  auto late = testing::batch_of(maker, kIds, kIds + 500);
  EXPECT_TRUE(collection->upsert(late.view(), Wait::Durable).ok());
  const PointId erased[] = {3, 4};
  EXPECT_TRUE(collection->erase(erased, Wait::Durable).ok());
  return disk.after_kill();
}

// Every way in: each must be right or refuse. A log that lost its end is as a power cut leaves it, so it may open as it
// was before its last operations (docs/durability.md, section What can go unnoticed); rows are whole even then.
void check_answers(SimulatedDisk& disk, const std::string& path, const PointMaker& maker, std::mt19937_64& random) {
  const bool log = path.find("/log/") != std::string::npos;
  ManualClock clock;
  auto opened = DatabaseImpl::open(disk, clock, "db", {}, false);
  if (!opened.ok()) {
    EXPECT_FALSE(opened.error().message.empty());
    return;
  }
  const auto found = (*opened)->find("c");
  if (!found.ok()) {
    EXPECT_FALSE(found.error().message.empty());
    return;
  }
  CollectionImpl& collection = **found;
  collection.keep();
  const bool whole = !log && !collection.stats().read_only.has_value();
  for (int i = 0; i < 20; ++i) {
    const std::uint64_t id = i == 0 ? 3 : random() % (kIds + 500);
    const auto point = collection.get(id);
    if (!point.ok()) continue;
    const bool expected = id != 3 && id != 4;
    if (whole) {
      EXPECT_EQ(point->has_value(), expected) << id;
    }
    if (*point && expected) {
      EXPECT_EQ((*point)->vector, maker.vector(id));
    }

    if (i < 3) {  // without the index each count reads every payload
      const std::string only = R"({"must": {"key": "id", "match": {"value": )" + std::to_string(id) + "}}}";
      const auto counted = collection.count(parse_filter(only).value());
      if (whole && counted.ok()) {
        EXPECT_EQ(*counted, expected ? 1u : 0u) << id;
      }
    }

    const SearchOptions options{.k = 3, .ef = 200, .with_payload = true, .with_vector = true};
    const auto answer = collection.search(maker.vector(id), options);
    if (!answer.ok()) continue;
    EXPECT_EQ(answer->neighbors.size(), 3u);
    if (whole && expected) {
      EXPECT_EQ(answer->neighbors[0].id, PointId(id));
    }
    for (const Neighbor& neighbor : answer->neighbors) {
      EXPECT_EQ(neighbor.vector, maker.vector(neighbor.id.number()));
      EXPECT_EQ(neighbor.payload, PointMaker::payload(neighbor.id.number(), 0));
      if (whole) {
        EXPECT_TRUE(neighbor.id != PointId(3) && neighbor.id != PointId(4));
      }
    }
  }
}

TEST(Damage, GivesTheRightAnswerOrARefusal) {
  const std::uint64_t seed = testing::test_seed();
  std::cout << "OMENDB_SEED=" << seed << "\n";
  std::mt19937_64 random(seed);
  const PointMaker maker(kDimensions, 5);
  const std::unique_ptr<SimulatedDisk> intact = build(maker);
  std::size_t files = 0;
  for (const std::string& path : intact->paths()) {
    SCOPED_TRACE(path);
    if (path.ends_with("LOCK")) continue;
    ++files;
    const std::uint64_t size = intact->open(path, OpenMode::Read).value()->size().value();
    for (int flip = 0; flip < 6 && size > 0; ++flip) {
      const auto damaged = intact->after_kill();
      const std::uint64_t offset = flip < 2 ? random() % std::min<std::uint64_t>(size, 64) : random() % size;
      SCOPED_TRACE("flipped at " + std::to_string(offset));
      damaged->corrupt(path, offset, static_cast<std::byte>(1 + random() % 255));
      check_answers(*damaged, path, maker, random);
    }
    for (const double share : {0.0, 0.5, 0.99}) {
      SCOPED_TRACE("cut to " + std::to_string(share));
      const auto damaged = intact->after_kill();
      damaged->truncate_behind(path, static_cast<std::uint64_t>(share * static_cast<double>(size)));
      check_answers(*damaged, path, maker, random);
    }
    SCOPED_TRACE("missing");
    const auto damaged = intact->after_kill();
    ASSERT_TRUE(damaged->remove(path).ok());
    check_answers(*damaged, path, maker, random);
  }
  EXPECT_GE(files, 10u);
}

TEST(Damage, DerivedFilesCostTimeAndNothingElse) {
  const PointMaker maker(kDimensions, 6);
  const std::unique_ptr<SimulatedDisk> intact = build(maker);
  std::size_t derived = 0;
  for (const std::string& path : intact->paths()) {
    if (path.find("/codes-") == std::string::npos && path.find("/graph-") == std::string::npos) continue;
    SCOPED_TRACE(path);
    ++derived;
    {
      const auto running = intact->after_kill();
      SteppedDatabase database(*running);
      const auto collection = database.find("c");
      EXPECT_TRUE(collection->verify().value().damage.empty());
      running->corrupt(path, 100, std::byte{0x40});
      const VerifyReport report = collection->verify().value();
      ASSERT_EQ(report.damage.size(), 1u);
      EXPECT_NE(report.damage[0].message.find(path), std::string::npos) << report.damage[0].message;
    }
    const auto damaged = intact->after_kill();
    damaged->corrupt(path, 100, std::byte{0x40});
    SteppedDatabase database(*damaged);
    const auto collection = database.find("c");
    database.settle(*collection);
    EXPECT_EQ(collection->progress().tail, 0u);
    EXPECT_EQ(collection->count(), kIds + 500 - 2);
    EXPECT_EQ(collection->search(maker.vector(77), {}).value().neighbors[0].id, PointId(77));
  }
  EXPECT_EQ(derived, 2u);
}

}  // namespace
}  // namespace omendb
