#include "db/field_files.h"

#include <gtest/gtest.h>

#include "os/simulated_disk.h"
#include "payload/field_part_builder.h"
#include "storage/store.h"

namespace omendb {
namespace {

constexpr std::uint32_t kRows = 3;

FieldIndexes index_of_part(std::uint64_t changes_seen, std::uint64_t changes_known) {
  FieldPartBuilder builder(FieldType::Integer, Row{0}, changes_seen);
  for (std::uint32_t i = 0; i < kRows; ++i) builder.add_nothing();
  builder.know(changes_known);
  return {FieldIndex::create("n", FieldType::Integer, 1).value().with(std::move(builder).build())};
}

// A payload is read as of now. A part that was read while payloads changed may hold a change that a power cut takes back.
TEST(FieldFiles, APartIsSavedOnceACheckpointHasEveryChangeItMayHold) {
  SimulatedDisk disk;
  const auto store = Store::create(disk, "c", {{{"", 1, Metric::L2, Datatype::Float32}}, {}}).value();
  const Generation& generation = *store->state().generation;
  const std::size_t files = disk.paths().size();
  const FieldIndexes indexes = index_of_part(2, 4);
  ASSERT_TRUE(save_field_indexes(disk, store->identity(), generation, indexes, {.rows = kRows, .changes = 3}).ok());
  EXPECT_EQ(disk.paths().size(), files);
  ASSERT_TRUE(save_field_indexes(disk, store->identity(), generation, indexes, {.rows = kRows, .changes = 4}).ok());
  EXPECT_EQ(disk.paths().size(), files + 1);
}

TEST(FieldFiles, APartOfPartsHoldsWhatTheyMayHold) {
  FieldPartBuilder merged(FieldType::Integer, Row{0}, 9);
  merged.add(*index_of_part(2, 4)[0].parts()[0]);
  const FieldPart part = std::move(merged).build();
  EXPECT_EQ(part.changes_seen(), 2u);
  EXPECT_EQ(part.changes_known(), 9u);
}

}  // namespace
}  // namespace omendb
