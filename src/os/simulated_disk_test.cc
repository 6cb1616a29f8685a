// The fault model, promise by promise. Each test draws many cuts; the seed of a failing one is printed.
#include "os/simulated_disk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace omendb {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

constexpr std::uint64_t kSeeds = 500;
constexpr std::size_t kPage = 4096;
constexpr std::size_t kSector = 512;

std::unique_ptr<File> created(SimulatedDisk& disk, const std::string& path, std::string_view text = "") {
  auto file = disk.open(path, OpenMode::CreateNew).value();
  file->write(0, bytes_of(text)).value();
  return file;
}

// A file that is there for good, name and all.
std::unique_ptr<File> settled(SimulatedDisk& disk, const std::string& path, std::string_view text) {
  auto file = created(disk, path, text);
  file->sync().value();
  disk.sync_directory("/").value();
  return file;
}

// The text of a file, or "-" if there is none.
std::string text_in(SimulatedDisk& disk, const std::string& path) {
  const Result<Bytes> bytes = read_file(disk, path, 1 << 20);
  return bytes.ok() ? std::string(text_of(*bytes)) : "-";
}

// What `look` finds in the disks that many cuts leave.
std::set<std::string> outcomes(const SimulatedDisk& disk, const std::function<std::string(SimulatedDisk&)>& look) {
  std::set<std::string> found;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) found.insert(look(*disk.after_cut(seed)));
  return found;
}

std::set<std::string> texts(const SimulatedDisk& disk, const std::string& path) {
  return outcomes(disk, [&](SimulatedDisk& found) { return text_in(found, path); });
}

TEST(PowerCut, WhatWasSyncedUnderASyncedNameIsAlwaysThere) {
  SimulatedDisk disk;
  const std::string text(3 * kPage + 17, 's');
  settled(disk, "rows", text);
  EXPECT_THAT(texts(disk, "rows"), ElementsAre(text));
}

TEST(PowerCut, UnsyncedBytesAreLostOrKept) {
  SimulatedDisk disk;
  const auto file = settled(disk, "rows", "old");
  file->write(0, bytes_of("new")).value();
  EXPECT_THAT(texts(disk, "rows"), UnorderedElementsAre("old", "new"));
}

TEST(PowerCut, StartingWritebackPromisesNothing) {
  SimulatedDisk disk;
  const auto file = settled(disk, "rows", "old");
  file->write(0, bytes_of("new")).value();
  file->start_writeback(0, 3);
  EXPECT_THAT(texts(disk, "rows"), UnorderedElementsAre("old", "new"));
}

TEST(PowerCut, PagesAreLostAndKeptIndependently) {
  SimulatedDisk disk;
  const auto file = settled(disk, "rows", std::string(2 * kPage, 'o'));
  file->write(0, bytes_of("n")).value();
  file->write(kPage, bytes_of("n")).value();
  const auto look = [](SimulatedDisk& found) {
    const std::string text = text_in(found, "rows");
    return std::string{text[0], text[kPage]};
  };
  EXPECT_THAT(outcomes(disk, look), UnorderedElementsAre("oo", "on", "no", "nn")) << "later may survive earlier";
}

TEST(PowerCut, APageIsTornAtSectorsAndNowhereElse) {
  SimulatedDisk disk;
  const auto file = settled(disk, "rows", std::string(kPage, 'o'));
  file->write(0, bytes_of(std::string(kPage, 'n'))).value();
  bool torn = false;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const std::string text = text_in(*disk.after_cut(seed), "rows");
    ASSERT_EQ(text.size(), kPage) << "seed " << seed;
    for (std::size_t begin = 0; begin < kPage; begin += kSector) {
      ASSERT_EQ(text.substr(begin, kSector), std::string(kSector, text[begin])) << "seed " << seed;
    }
    torn = torn || (text.find('o') != std::string::npos && text.find('n') != std::string::npos);
  }
  EXPECT_TRUE(torn);
}

TEST(PowerCut, WritesToOneSectorSurviveAsAPrefix) {
  SimulatedDisk disk;
  const auto file = settled(disk, "rows", "000");
  file->write(0, bytes_of("1")).value();
  file->write(1, bytes_of("2")).value();
  file->write(2, bytes_of("3")).value();
  EXPECT_THAT(texts(disk, "rows"), UnorderedElementsAre("000", "100", "120", "123"));
}

TEST(PowerCut, TheSizeIsAnyTheFileHadAndTheDataBehindItMayBeMissing) {
  SimulatedDisk disk;
  const auto file = settled(disk, "rows", "o");
  file->write(1, bytes_of("nn")).value();
  file->write(3, bytes_of("n")).value();
  using namespace std::string_literals;
  EXPECT_THAT(texts(disk, "rows"), UnorderedElementsAre("o", "o\0\0"s, "o\0\0\0"s, "onn", "onn\0"s, "onnn"));
}

TEST(PowerCut, ATruncationIsLostOrKeptAndMayLeaveZeros) {
  SimulatedDisk disk;
  const auto file = settled(disk, "rows", "0123");
  file->truncate(2).value();
  using namespace std::string_literals;
  EXPECT_THAT(texts(disk, "rows"), UnorderedElementsAre("0123", "01", "01\0\0"s));
  file->sync().value();
  EXPECT_THAT(texts(disk, "rows"), ElementsAre("01"));
}

TEST(PowerCut, ATruncatedTailNeverComesBackOnceTheFileWasSynced) {
  SimulatedDisk disk;
  const auto file = settled(disk, "rows", std::string(3 * kPage, 'o'));
  file->truncate(10).value();
  file->truncate(3 * kPage).value();
  file->sync().value();
  EXPECT_THAT(texts(disk, "rows"), ElementsAre(std::string(10, 'o') + std::string(3 * kPage - 10, '\0')));
}

TEST(PowerCut, ANameIsDurableOnlyOnceItsDirectoryIsSynced) {
  SimulatedDisk disk;
  created(disk, "rows", "text")->sync().value();
  EXPECT_THAT(texts(disk, "rows"), UnorderedElementsAre("-", "text"));
  disk.sync_directory("/").value();
  EXPECT_THAT(texts(disk, "rows"), ElementsAre("text"));
}

TEST(PowerCut, ADirectoryThatWasNotSyncedIntoItsParentTakesAllInItAlong) {
  SimulatedDisk disk;
  disk.create_directory("a").value();
  created(disk, "a/rows", "text")->sync().value();
  disk.sync_directory("a").value();
  EXPECT_THAT(texts(disk, "a/rows"), UnorderedElementsAre("-", "text"));
  disk.sync_directory("/").value();
  EXPECT_THAT(texts(disk, "a/rows"), ElementsAre("text"));
}

TEST(PowerCut, ARenameLeavesTheOldOrTheNewAndNeverBothOrNone) {
  SimulatedDisk disk;
  settled(disk, "current", "old");
  settled(disk, "next", "new");
  disk.rename("next", "current").value();
  const auto look = [](SimulatedDisk& found) { return text_in(found, "current") + text_in(found, "next"); };
  EXPECT_THAT(outcomes(disk, look), UnorderedElementsAre("oldnew", "new-"));
  disk.sync_directory("/").value();
  EXPECT_THAT(outcomes(disk, look), ElementsAre("new-"));
}

TEST(PowerCut, AFileNeverHasTwoNamesWhateverRenamesWereLost) {
  SimulatedDisk disk;
  settled(disk, "a", "text");
  disk.rename("a", "b").value();
  disk.rename("b", "c").value();
  const auto look = [](SimulatedDisk& found) {
    return text_in(found, "a") + text_in(found, "b") + text_in(found, "c");
  };
  EXPECT_THAT(outcomes(disk, look), UnorderedElementsAre("text--", "-text-", "--text"));
}

TEST(PowerCut, ARenamedFileThatWasNotSyncedMayBeEmpty) {
  SimulatedDisk disk;
  settled(disk, "current", "old");
  created(disk, "next", "new");
  disk.rename("next", "current").value();
  disk.sync_directory("/").value();
  using namespace std::string_literals;
  EXPECT_THAT(texts(disk, "current"), UnorderedElementsAre("", "\0\0\0"s, "new"));
}

TEST(PowerCut, ARemovalIsLostOrKept) {
  SimulatedDisk disk;
  settled(disk, "rows", "text");
  disk.remove("rows").value();
  EXPECT_THAT(texts(disk, "rows"), UnorderedElementsAre("-", "text"));
  disk.sync_directory("/").value();
  EXPECT_THAT(texts(disk, "rows"), ElementsAre("-"));
}

TEST(PowerCut, ARemovedTreeMayStandHalf) {
  SimulatedDisk disk;
  disk.create_directory("a").value();
  disk.sync_directory("/").value();
  for (const char* path : {"a/1", "a/2"}) created(disk, path, path)->sync().value();
  disk.sync_directory("a").value();
  disk.remove_tree("a").value();
  const auto look = [](SimulatedDisk& found) {
    return (found.exists("a").value() ? "a" : "") + text_in(found, "a/1") + text_in(found, "a/2");
  };
  EXPECT_THAT(outcomes(disk, look), UnorderedElementsAre("aa/1a/2", "a-a/2", "aa/1-", "a--", "--"));
}

TEST(PowerCut, AFileWrittenDurablyIsOldOrNewAndNewOnceItReturned) {
  SimulatedDisk disk;
  settled(disk, "options", "old");
  std::set<std::string> on_the_way;
  disk.on_call([&](std::uint64_t) {
    for (const std::string& text : texts(disk, "options")) on_the_way.insert(text);
  });
  write_file_durably(disk, "options", bytes_of("new")).value();
  EXPECT_THAT(on_the_way, UnorderedElementsAre("old", "new"));
  EXPECT_THAT(texts(disk, "options"), ElementsAre("new"));
}

TEST(PowerCut, TheSameSeedLeavesTheSameDisk) {
  const auto disk_with_history = [] {
    auto disk = std::make_unique<SimulatedDisk>();
    for (int i = 0; i < 20; ++i) {
      const auto file = created(*disk, "rows" + std::to_string(i), std::string(3 * kPage, 'r'));
      file->write(kPage, bytes_of("xyz")).value();
    }
    return disk;
  };
  const auto all_of = [](SimulatedDisk& disk) {
    std::string all;
    for (const std::string& path : disk.paths()) all += path + text_in(disk, path);
    return all;
  };
  const auto one = disk_with_history();
  const auto other = disk_with_history();
  std::set<std::string> different;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const std::string found = all_of(*one->after_cut(seed));
    ASSERT_EQ(found, all_of(*other->after_cut(seed))) << "seed " << seed;
    different.insert(found);
  }
  EXPECT_GT(different.size(), 25u) << "and other seeds leave other disks; one in five keeps no name at all";
}

TEST(PowerCut, WhatWasFoundIsDurableAndTheOriginalGoesOn) {
  SimulatedDisk disk;
  const auto file = settled(disk, "rows", "old");
  file->write(0, bytes_of("new")).value();
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const auto found = disk.after_cut(seed);
    EXPECT_THAT(texts(*found, "rows"), ElementsAre(text_in(*found, "rows"))) << "seed " << seed;
  }
  file->sync().value();
  EXPECT_THAT(texts(disk, "rows"), ElementsAre("new"));
}

TEST(ProcessDeath, KeepsEverythingAndFreesTheLock) {
  SimulatedDisk disk;
  const auto held = disk.lock("/").value();
  const auto file = settled(disk, "rows", "old");
  file->write(0, bytes_of("new")).value();
  disk.rename("rows", "rows2").value();
  const auto next = disk.after_kill();
  EXPECT_EQ(text_in(*next, "rows2"), "new");
  EXPECT_TRUE(next->lock("/").ok());
  EXPECT_FALSE(disk.lock("/").ok());

  file->write(0, bytes_of("xyz")).value();
  EXPECT_EQ(text_in(*next, "rows2"), "new") << "the two disks share nothing";
}

TEST(ProcessDeath, DoesNotMakeDurableWhatWasNot) {
  SimulatedDisk disk;
  const auto file = settled(disk, "rows", "old");
  file->write(0, bytes_of("new")).value();
  disk.rename("rows", "rows2").value();
  const auto next = disk.after_kill();
  const auto look = [](SimulatedDisk& found) { return text_in(found, "rows") + text_in(found, "rows2"); };
  EXPECT_THAT(outcomes(*next, look), UnorderedElementsAre("old-", "new-", "-old", "-new"));
  next->open("rows2", OpenMode::Write).value()->sync().value();
  next->sync_directory("/").value();
  EXPECT_THAT(outcomes(*next, look), ElementsAre("-new"));
}

TEST(Faults, TheNthCallFailsAndTheNextSucceeds) {
  SimulatedDisk disk;
  const auto file = settled(disk, "rows", "old");
  disk.fail_call(disk.calls() + 2, {.kind = Fault::Kind::IoError});
  EXPECT_TRUE(file->write(0, bytes_of("1")).ok());
  const auto failed = file->truncate(1);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, ErrorCode::IoError);
  EXPECT_EQ(failed.error().message, "truncate rows: Input/output error");
  EXPECT_EQ(file->size().value(), 3u);
  EXPECT_TRUE(file->truncate(1).ok());
}

TEST(Faults, AStickyFaultStays) {
  SimulatedDisk disk;
  const auto file = settled(disk, "rows", "old");
  disk.fail_call(disk.calls() + 1, {.kind = Fault::Kind::DiskFull, .sticky = true});
  EXPECT_EQ(file->write(0, bytes_of("1")).error().code, ErrorCode::DiskFull);
  EXPECT_EQ(disk.remove("rows").error().code, ErrorCode::DiskFull);
  EXPECT_EQ(file->sync().error().code, ErrorCode::IoError) << "a failed sync is never just a full disk";
  EXPECT_TRUE(disk.open("rows", OpenMode::Read).ok()) << "reading is no call that changes something";
}

TEST(Faults, EveryCallThatChangesSomethingCountsOnce) {
  SimulatedDisk disk;
  std::vector<std::uint64_t> heard;
  disk.on_call([&](std::uint64_t n) { heard.push_back(n); });
  disk.create_directory("a").value();                              // 1
  const auto held = disk.lock("a").value();                        // 2
  const auto file = disk.open("a/1", OpenMode::CreateNew).value();  // 3
  file->reserve(100).value();                                      // 4
  file->reserve(50).value();                                       // there is room: nothing changes
  file->write(0, bytes_of("0123")).value();                        // 5
  file->truncate(2).value();                                       // 6
  file->sync().value();                                            // 7
  disk.rename("a/1", "a/2").value();                               // 8
  disk.sync_directory("a").value();                                // 9
  disk.remove("a/2").value();                                      // 10
  disk.remove_tree("a").value();                                   // 11
  EXPECT_EQ(disk.calls(), 11u);
  EXPECT_THAT(heard, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
}

TEST(Faults, AFailedWriteHasWrittenHalf) {
  SimulatedDisk disk;
  const auto file = settled(disk, "rows", "0000");
  disk.fail_call(disk.calls() + 1, {});
  EXPECT_FALSE(file->write(0, bytes_of("1234")).ok());
  EXPECT_EQ(text_in(disk, "rows"), "1200");
}

TEST(Faults, AFailedSyncDropsTheDataForGoodThoughItReadsAsWritten) {
  SimulatedDisk disk;
  const auto file = settled(disk, "rows", "old");
  file->write(0, bytes_of("new")).value();
  disk.fail_call(disk.calls() + 1, {});
  EXPECT_FALSE(file->sync().ok());
  EXPECT_EQ(text_in(disk, "rows"), "new");
  EXPECT_THAT(texts(disk, "rows"), ElementsAre("old"));
  EXPECT_TRUE(file->sync().ok()) << "the lie of the kernel";
  EXPECT_THAT(texts(disk, "rows"), ElementsAre("old"));
}

TEST(Faults, APageWrittenAgainAfterAFailedSyncTakesTheLostBytesAlong) {
  SimulatedDisk disk;
  const auto file = settled(disk, "rows", "old old");
  file->write(0, bytes_of("new")).value();
  disk.fail_call(disk.calls() + 1, {});
  EXPECT_FALSE(file->sync().ok());
  file->write(4, bytes_of("new")).value();
  EXPECT_THAT(texts(disk, "rows"), UnorderedElementsAre("old old", "new new"));
  file->sync().value();
  EXPECT_THAT(texts(disk, "rows"), ElementsAre("new new"));
}

TEST(Faults, AReadFailsOrIsShort) {
  SimulatedDisk disk;
  const auto file = settled(disk, "rows", "0123");
  Bytes into(4);
  disk.fail_read(disk.reads() + 1, {.kind = Fault::Kind::ShortRead});
  EXPECT_EQ(file->read(0, into).value(), 2u);
  disk.fail_read(disk.reads() + 1, {.kind = Fault::Kind::IoError});
  EXPECT_EQ(file->read(0, into).error().code, ErrorCode::IoError);
  EXPECT_EQ(file->read(0, into).value(), 4u);
}

TEST(FullDisk, WritesWhatFitsAndSaysSo) {
  SimulatedDisk disk(10);
  const auto file = created(disk, "rows", "01234567");
  const auto refused = file->write(8, bytes_of("8901"));
  EXPECT_EQ(refused.error().code, ErrorCode::DiskFull);
  EXPECT_EQ(refused.error().message, "write rows: No space left on device");
  EXPECT_EQ(text_in(disk, "rows"), "0123456789");
  EXPECT_TRUE(file->write(0, bytes_of("x")).ok()) << "what is there can be overwritten";

  disk.set_capacity(12);
  EXPECT_TRUE(file->write(10, bytes_of("01")).ok()) << "it works again once there is room";
}

TEST(FullDisk, AWriteInsideAReservationAlwaysFits) {
  SimulatedDisk disk(100);
  const auto reserved = created(disk, "a");
  const auto other = created(disk, "b");
  reserved->reserve(60).value();
  EXPECT_EQ(other->write(0, Bytes(50)).error().code, ErrorCode::DiskFull);
  EXPECT_EQ(other->size().value(), 40u);
  EXPECT_TRUE(reserved->write(0, Bytes(60)).ok());
  EXPECT_EQ(reserved->write(60, Bytes(1)).error().code, ErrorCode::DiskFull);
  EXPECT_EQ(other->reserve(41).error().code, ErrorCode::DiskFull);
  disk.remove("a").value();
  EXPECT_TRUE(other->reserve(41).ok());
}

TEST(Damage, FromOutsideIsDurableAtOnce) {
  SimulatedDisk disk;
  settled(disk, "a", "0123");
  settled(disk, "b", "0123");
  disk.corrupt("a", 1, std::byte{'1' ^ 'x'});
  disk.truncate_behind("b", 2);
  EXPECT_THAT(texts(disk, "a"), ElementsAre("0x23"));
  EXPECT_THAT(texts(disk, "b"), ElementsAre("01"));
  EXPECT_THAT(disk.paths(), ElementsAre("a", "b"));
}

TEST(Damage, OfAPendingPageHurtsWhatIsDurableToo) {
  SimulatedDisk disk;
  const auto file = settled(disk, "a", "0123");
  file->write(3, bytes_of("n")).value();
  disk.corrupt("a", 1, std::byte{'1' ^ 'x'});
  EXPECT_THAT(texts(disk, "a"), UnorderedElementsAre("0x23", "0x2n"));
}

TEST(SimulatedMapDeathTest, ATouchBehindTheEndEndsTheProcessAsOnTheRealDisk) {
  SimulatedDisk disk;
  const auto file = created(disk, "rows", std::string(kPage, 'r'));
  const auto map = file->map(1 << 20).value();
  const volatile auto* const data = reinterpret_cast<const volatile char*>(map->data());
  EXPECT_EQ(char{data[kPage - 1]}, 'r');
  EXPECT_DEATH(static_cast<void>(char{data[kPage]}), "");
}

}  // namespace
}  // namespace omendb
