#include "server/collection_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "os/temporary_directory.h"
#include "server/test_log.h"

namespace omendb {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

void put(Collection& collection, std::uint64_t id) {
  const std::vector<PointId> ids = {PointId(id)};
  const std::vector<float> vectors = {1, 2};
  ASSERT_TRUE(collection.upsert({.ids = ids, .vectors = vectors}, Wait::Durable).ok());
}

// As it lies on disk after a kill, but for one byte of the first record in each log.
void copy_with_damage(const fs::path& from, const fs::path& to) {
  fs::copy(from, to, fs::copy_options::recursive);
  for (const auto& entry : fs::recursive_directory_iterator(to)) {
    if (entry.path().extension() != ".log") continue;
    std::fstream log(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    constexpr std::streamoff kInFirstRecord = 64 + 40;
    log.seekg(kInFirstRecord);
    const char byte = static_cast<char>(log.get() ^ 1);
    log.seekp(kInFirstRecord);
    log.put(byte);
  }
}

TEST(CollectionWatchTest, CollectionsAreListedWhenTheyWereOpened) {
  TemporaryDirectory directory;
  Database database = Database::open(directory.path()).value();
  Collection a = database.create("a", {.dimensions = 2}).value();
  database.create("b", {.dimensions = 2}).value();
  put(a, 1);
  CaughtLog log;
  CollectionWatch watch;
  watch.opened(database);
  EXPECT_THAT(log.take(), ElementsAre(HasSubstr("info collection opened collection=a points=1 indexed="),
                                      HasSubstr("collection=b points=0")));
  watch.look(database);
  EXPECT_THAT(log.take(), IsEmpty());
}

TEST(CollectionWatchTest, ACollectionThatTakesNoWritesIsAnErrorOnce) {
  TemporaryDirectory directory;
  const std::string whole = directory.path() + "/whole";
  const std::string damaged = directory.path() + "/damaged";
  {
    Database database = Database::open(whole).value();
    Collection a = database.create("a", {.dimensions = 2}).value();
    for (std::uint64_t id = 1; id <= 3; ++id) put(a, id);
    copy_with_damage(whole, damaged);
  }
  Database database = Database::open(damaged).value();
  CaughtLog log;
  CollectionWatch watch;
  watch.look(database);
  EXPECT_THAT(log.take(), ElementsAre(AllOf(HasSubstr("error collection takes no writes collection=a reason="))));
  watch.look(database);
  EXPECT_THAT(log.take(), IsEmpty());
}

TEST(CollectionWatchTest, OfManyCollectionsTheLaterOnesHaveTheirTurn) {
  TemporaryDirectory directory;
  const std::string whole = directory.path() + "/whole";
  const std::string damaged = directory.path() + "/damaged";
  {
    Database database = Database::open(whole).value();
    for (int i = 100; i < 200; ++i) database.create(std::to_string(i), {.dimensions = 2}).value();
    Collection last = database.create("last", {.dimensions = 2}).value();
    for (std::uint64_t id = 1; id <= 3; ++id) put(last, id);
    copy_with_damage(whole, damaged);
  }
  Database database = Database::open(damaged).value();
  CaughtLog log;
  CollectionWatch watch;
  watch.look(database);
  watch.look(database);
  EXPECT_THAT(log.take(), ElementsAre(HasSubstr("error collection takes no writes collection=last reason=")));
}

}  // namespace
}  // namespace omendb
