// A View that a reader keeps: whatever comes after, it finds the points it found.
#include <gtest/gtest.h>

#include "db/point_filter.h"
#include "os/simulated_disk.h"
#include "tests/points.h"
#include "tests/steps.h"

namespace omendb {
namespace {

using testing::OwnedBatch;
using testing::PointMaker;
using testing::SteppedDatabase;

std::size_t found(const View& view, const FilterCheck& check) {
  const IndexedFilter indexed(check, *view.field_indexes, view.visible);
  return PointFilter(view, indexed).list(view.visible).size();
}

// Ids lead to newest rows, so a filter on ids must notice that they lead elsewhere.
TEST(View, AFilterOnIdsFindsPointsThatWereReplacedOrErasedSince) {
  SimulatedDisk disk;
  SteppedDatabase database(disk);
  ASSERT_TRUE(database->create("c", {.dimensions = 4}).ok());
  const auto collection = database.find("c");
  const PointMaker maker(4, 1);
  auto batch = testing::batch_of(maker, 0, 100);
  ASSERT_TRUE(collection->upsert(batch.view(), Wait::Accepted).ok());

  const FilterCheck check = FilterCheck::compile(parse_filter(R"({"must": {"has_id": [3, 4, 5, 999]}})").value()).value();
  const std::shared_ptr<const View> before = collection->view();
  EXPECT_EQ(found(*before, check), 3u);
  OwnedBatch replaced;
  replaced.add(maker, 3, 1);
  replaced.add(maker, 999, 1);
  ASSERT_TRUE(collection->upsert(replaced.view(), Wait::Accepted).ok());
  const PointId erased[] = {4};
  ASSERT_TRUE(collection->erase(erased, Wait::Accepted).ok());

  EXPECT_EQ(found(*before, check), 3u);
  EXPECT_EQ(found(*collection->view(), check), 3u) << "3, 5 and the new 999";
}

}  // namespace
}  // namespace omendb
