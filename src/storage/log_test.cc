#include "storage/log.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/bytes.h"
#include "os/simulated_disk.h"
#include "storage/file_names.h"

namespace omendb {
namespace {

constexpr std::uint64_t kIdentity = 99;

std::unique_ptr<Log> new_log(Disk& disk) {
  EXPECT_TRUE(disk.create_directory("log").ok());
  return std::make_unique<Log>(disk, Log::Start{"log", kIdentity, 0, 0, {}});
}

Lsn append(Log& log, std::string_view text) {
  EXPECT_TRUE(log.reserve(text.size()).ok());
  const std::span<const std::byte> pieces[] = {bytes_of(text)};
  const auto lsn = log.append(RecordType::Erase, pieces);
  EXPECT_TRUE(lsn.ok());
  return lsn.ok() ? *lsn : 0;
}

struct Read {
  std::vector<std::string> texts;
  LogTail tail;
};

Read read(Disk& disk, Lsn after = 0, std::uint64_t identity = kIdentity) {
  Read found;
  const auto segments = list_log(disk, "log", nullptr);
  EXPECT_TRUE(segments.ok());
  auto tail = read_log(disk, *segments, identity, after, kNoLsn, [&](const LogRecord& record) -> Result<void> {
    found.texts.emplace_back(text_of(record.payload));
    return {};
  });
  EXPECT_TRUE(tail.ok());
  if (tail.ok()) found.tail = *tail;
  return found;
}

using Texts = std::vector<std::string>;

TEST(Log, GivesRecordsBackInOrder) {
  SimulatedDisk disk;
  const auto log = new_log(disk);
  EXPECT_EQ(append(*log, "one"), 1u);
  EXPECT_EQ(append(*log, ""), 2u);
  const std::string large(200'000, 'x');
  EXPECT_EQ(append(*log, large), 3u);
  log->close_segment();
  EXPECT_EQ(append(*log, "four"), 4u);
  EXPECT_EQ(read(disk).texts, (Texts{"one", "", large, "four"}));
  EXPECT_EQ(read(disk, 2).texts, (Texts{large, "four"}));
  EXPECT_EQ(read(disk).tail.last, 4u);
  EXPECT_FALSE(read(disk).tail.torn);
}

TEST(Log, IsOnDiskOnceSynced) {
  SimulatedDisk disk;
  const auto log = new_log(disk);
  EXPECT_TRUE(disk.sync_directory("").ok());
  append(*log, "one");
  append(*log, "two");
  ASSERT_TRUE(log->sync(2).ok());
  EXPECT_EQ(log->durable(), 2u);
  append(*log, "three");
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto cut = disk.after_cut(seed);
    EXPECT_GE(read(*cut).tail.last, 2u);
    EXPECT_FALSE(read(*cut).tail.data_loss);
  }
}

// The first record that is damaged decides: a promise behind it makes it a loss, none makes it a torn tail.
TEST(Log, TellsATornTailFromALoss) {
  struct Case {
    const char* name;
    bool synced_before_the_third;
    bool loss;
  };
  for (const Case& c :
       {Case{"nobody was promised anything", false, false}, Case{"the third knows of a flush", true, true}}) {
    SCOPED_TRACE(c.name);
    SimulatedDisk disk;
    const auto log = new_log(disk);
    append(*log, "one");
    const std::uint64_t second = log->bytes();
    append(*log, "two");
    EXPECT_TRUE(!c.synced_before_the_third || log->sync(2).ok());
    append(*log, "three");
    disk.corrupt(log->segments()[0].path, second + kRecordHeaderBytes, std::byte{1});

    const Read found = read(disk);
    EXPECT_EQ(found.texts, Texts{"one"});
    EXPECT_EQ(found.tail.last, 1u);
    EXPECT_EQ(found.tail.data_loss.has_value(), c.loss);
    EXPECT_TRUE(found.tail.torn);
    if (!c.loss) continue;
    EXPECT_NE(found.tail.data_loss->message.find("operation 2"), std::string::npos) << found.tail.data_loss->message;
    EXPECT_NE(found.tail.data_loss->message.find("offset " + std::to_string(second)), std::string::npos);
  }
}

TEST(Log, DamageBeforeTheCheckpointDoesNotMatter) {
  SimulatedDisk disk;
  const auto log = new_log(disk);
  append(*log, "one");
  append(*log, "two");
  EXPECT_TRUE(log->sync(2).ok());
  append(*log, "three");
  disk.corrupt(log->segments()[0].path, sizeof(SegmentHeader) + 2, std::byte{1});
  EXPECT_EQ(read(disk, 1).texts, (Texts{"two", "three"}));
  EXPECT_FALSE(read(disk, 1).tail.data_loss);
}

TEST(Log, ASegmentThatIsMissingInTheMiddleIsALoss) {
  SimulatedDisk disk;
  const auto log = new_log(disk);
  for (const std::string_view text : {"one", "two", "three"}) {
    EXPECT_TRUE(log->sync(append(*log, text)).ok());
    log->close_segment();
  }
  ASSERT_TRUE(disk.remove(log->segments()[1].path).ok());
  EXPECT_EQ(read(disk).texts, Texts{"one"});
  ASSERT_TRUE(read(disk).tail.data_loss);
}

TEST(Log, RecordsOfAnotherSegmentOrCollectionDoNotPass) {
  SimulatedDisk disk;
  const auto log = new_log(disk);
  append(*log, "one");
  log->close_segment();
  append(*log, "two");
  const auto segments = log->segments();
  const auto other = *read_file(disk, segments[1].path, 1 << 20);
  const auto file = *disk.open(segments[0].path, OpenMode::Write);
  const auto record = std::span(other).subspan(sizeof(SegmentHeader));
  ASSERT_TRUE(file->write(segments[0].size, record).ok());
  ASSERT_TRUE(disk.remove(segments[1].path).ok());
  EXPECT_EQ(read(disk).texts, Texts{"one"}) << "a record with the next LSN and another salt";
  EXPECT_TRUE(read(disk, 0, kIdentity + 1).tail.data_loss);
}

TEST(Log, RemovesOnlyWhatACheckpointCovers) {
  SimulatedDisk disk;
  const auto log = new_log(disk);
  append(*log, "one");
  append(*log, "two");
  log->close_segment();
  append(*log, "three");
  ASSERT_TRUE(log->remove_through(1).ok());
  EXPECT_EQ(log->segments().size(), 2u);
  ASSERT_TRUE(log->remove_through(2).ok());
  EXPECT_EQ(log->segments().size(), 1u);
  ASSERT_TRUE(log->remove_through(3).ok());
  EXPECT_EQ(log->segments().size(), 1u) << "the one being written stays";
  EXPECT_EQ(read(disk, 2).texts, Texts{"three"});
}

// No call to the disk in the writer's turn but the write itself: whoever asks for durability makes the file, not it.
TEST(Log, TheNextSegmentLiesReady) {
  SimulatedDisk disk;
  const auto log = new_log(disk);
  append(*log, std::string(2000, 'x'));
  ASSERT_TRUE(log->sync(1).ok());
  log->prepare_segment();
  log->close_segment();
  const std::uint64_t before = disk.calls();
  append(*log, "two");
  EXPECT_EQ(disk.calls() - before, 1u);
  EXPECT_EQ(log->segments().size(), 2u);
  EXPECT_EQ(read(disk).tail.last, 2u);
}

TEST(Log, AnEmptySegmentIsNoTear) {
  SimulatedDisk disk;
  const auto log = new_log(disk);
  EXPECT_TRUE(disk.sync_directory("").ok());
  append(*log, std::string(2000, 'x'));
  ASSERT_TRUE(log->sync(1).ok());
  log->prepare_segment();
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto cut = disk.after_cut(seed);
    EXPECT_EQ(list_log(*cut, "log", nullptr)->size(), 2u);
    EXPECT_EQ(read(*cut).tail.last, 1u);
    EXPECT_FALSE(read(*cut).tail.torn);
    EXPECT_FALSE(read(*cut).tail.data_loss);
  }
  log->give_back_room();
  EXPECT_EQ(list_log(disk, "log", nullptr)->size(), 1u) << "closing takes it away";
}

// A collection's handle may outlive its database, and the next one gives the same names again.
TEST(Log, LeavesTheFilesOfTheNextOneAlone) {
  SimulatedDisk disk;
  auto log = new_log(disk);
  append(*log, std::string(2000, 'x'));
  log->prepare_segment();
  const auto next = new_log(disk);
  for (const std::uint64_t number : {1u, 2u}) {
    ASSERT_TRUE(disk.remove(join_path("log", segment_name(number))).ok());
    append(*next, "record");
    next->close_segment();
  }
  log.reset();
  EXPECT_EQ(list_log(disk, "log", nullptr)->size(), 2u);
}

TEST(Log, SegmentsAreReadInTheOrderTheyWereMade) {
  SimulatedDisk disk;
  const auto log = new_log(disk);
  Texts texts;
  for (int i = 0; i < 12; ++i) {
    texts.push_back(std::to_string(i) + std::string(2000, 'x'));
    append(*log, texts.back());
    if (i % 2 == 0) log->prepare_segment();
    log->close_segment();
  }
  EXPECT_EQ(read(disk).texts, texts);
  EXPECT_EQ(read(disk, 10).texts, (Texts{texts[10], texts[11]}));
}

TEST(Log, AFailedFlushIsRepeatedToEverybody) {
  SimulatedDisk disk;
  const auto log = new_log(disk);
  append(*log, "one");
  disk.fail_call(disk.calls() + 1, {Fault::Kind::IoError, false});
  EXPECT_FALSE(log->sync(1).ok());
  EXPECT_FALSE(log->sync(1).ok());
  EXPECT_EQ(log->durable(), 0u);
}

TEST(Log, ManyThreadsShareAFlush) {
  SimulatedDisk disk;
  const auto log = new_log(disk);
  for (int i = 0; i < 64; ++i) append(*log, "record");
  const std::uint64_t before = disk.calls();
  std::vector<std::thread> threads;
  for (Lsn lsn = 1; lsn <= 64; lsn += 8) threads.emplace_back([&, lsn] { EXPECT_TRUE(log->sync(lsn).ok()); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(log->durable(), 64u);
  EXPECT_EQ(disk.calls() - before, 1u);
}

}  // namespace
}  // namespace omendb
