// What every Disk promises: the same tests for the real one and the simulated one.
#include "os/disk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/bytes.h"
#include "os/simulated_disk.h"
#include "os/temporary_directory.h"

namespace omendb {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

enum class Kind { Real, Simulated };

class DiskContract : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (GetParam() == Kind::Real) {
      temporary_ = std::make_unique<TemporaryDirectory>();
      directory_ = temporary_->path();
      return;
    }
    simulated_ = std::make_unique<SimulatedDisk>();
    directory_ = "/database";
    ASSERT_TRUE(simulated_->create_directory(directory_).ok());
  }

  Disk& disk() { return simulated_ ? *simulated_ : real_disk(); }
  std::string at(std::string_view name) const { return join_path(directory_, name); }
  const std::string& directory() const { return directory_; }

  std::unique_ptr<File> created(std::string_view name, std::string_view text = "") {
    auto file = disk().open(at(name), OpenMode::CreateNew).value();
    file->write(0, bytes_of(text)).value();
    return file;
  }

  std::string text_in(std::string_view name) {
    const Bytes bytes = read_file(disk(), at(name), 1 << 20).value();
    return std::string(text_of(bytes));
  }

  std::vector<std::string> names_in(const std::string& path) {
    std::vector<std::string> names;
    const std::vector<DirectoryEntry> entries = disk().list(path).value();
    for (const DirectoryEntry& entry : entries) names.push_back(entry.name);
    return names;
  }

 private:
  std::unique_ptr<TemporaryDirectory> temporary_;
  std::unique_ptr<SimulatedDisk> simulated_;
  std::string directory_;
};

INSTANTIATE_TEST_SUITE_P(Disks, DiskContract, testing::Values(Kind::Real, Kind::Simulated),
                         [](const auto& each) { return each.param == Kind::Real ? "Real" : "Simulated"; });

template <class T>
ErrorCode code_of(const Result<T>& result) {
  EXPECT_FALSE(result.ok());
  return result.error().code;
}

TEST_P(DiskContract, ReadsBackWhatWasWrittenAnywhere) {
  const auto file = created("rows", "0123456789");
  file->write(4, bytes_of("xy")).value();
  file->write(12, bytes_of("end")).value();
  EXPECT_EQ(file->size().value(), 15u);
  EXPECT_EQ(text_in("rows"), std::string("0123xy6789\0\0end", 15)) << "a gap reads as zeros";
}

TEST_P(DiskContract, ReadsFewerBytesOnlyAtTheEnd) {
  const auto file = created("rows", "0123456789");
  Bytes into(8);
  EXPECT_EQ(file->read(0, into).value(), 8u);
  EXPECT_EQ(file->read(7, into).value(), 3u);
  EXPECT_EQ(text_of(std::span(into).first(3)), "789");
  EXPECT_EQ(file->read(10, into).value(), 0u);
  EXPECT_EQ(file->read(1'000, into).value(), 0u);
}

TEST_P(DiskContract, OpensWhatIsThereAndCreatesWhatIsNot) {
  EXPECT_EQ(code_of(disk().open(at("rows"), OpenMode::Read)), ErrorCode::NotFound);
  EXPECT_EQ(code_of(disk().open(at("rows"), OpenMode::Write)), ErrorCode::NotFound);
  EXPECT_EQ(code_of(disk().open(at("missing/rows"), OpenMode::CreateNew)), ErrorCode::NotFound);
  created("rows", "old");
  EXPECT_EQ(code_of(disk().open(at("rows"), OpenMode::CreateNew)), ErrorCode::AlreadyExists);

  const auto file = disk().open(at("rows"), OpenMode::Write).value();
  EXPECT_EQ(file->path(), at("rows"));
  file->write(0, bytes_of("new")).value();
  EXPECT_EQ(text_in("rows"), "new");
}

TEST_P(DiskContract, AFileOpenedForReadingCannotBeWritten) {
  created("rows", "old");
  const auto file = disk().open(at("rows"), OpenMode::Read).value();
  EXPECT_EQ(code_of(file->write(0, bytes_of("new"))), ErrorCode::IoError);
  EXPECT_EQ(text_in("rows"), "old");
}

TEST_P(DiskContract, ErrorsNameTheCallTheFileAndTheReason) {
  const auto opened = disk().open(at("rows"), OpenMode::Read);
  EXPECT_EQ(opened.error().message, "open " + at("rows") + ": No such file or directory");
}

TEST_P(DiskContract, ATruncatedFileGrowsAgainWithZeros) {
  const auto file = created("rows", "0123456789");
  file->truncate(4).value();
  EXPECT_EQ(text_in("rows"), "0123");
  file->truncate(6).value();
  EXPECT_EQ(text_in("rows"), std::string("0123\0\0", 6));
  file->write(8, bytes_of("8")).value();
  EXPECT_EQ(text_in("rows"), std::string("0123\0\0\0\0" "8", 9));
}

TEST_P(DiskContract, ReservingMakesRoomWithoutChangingTheFile) {
  const auto file = created("rows", "0123");
  file->reserve(1 << 20).value();
  file->reserve(10).value();
  EXPECT_EQ(file->size().value(), 4u);
  file->write(1'000, bytes_of("x")).value();
  EXPECT_EQ(file->size().value(), 1'001u);
}

TEST_P(DiskContract, SyncingChangesNothingThatIsRead) {
  const auto file = created("rows", "0123");
  file->start_writeback(0, 4);
  file->start_writeback(0, 0);
  file->sync().value();
  disk().sync_directory(directory()).value();
  EXPECT_EQ(text_in("rows"), "0123");
}

TEST_P(DiskContract, AMapSeesLaterWritesAndNeverMoves) {
  const auto file = created("rows", "0123");
  constexpr std::uint64_t kFarBeyondTheEnd = 1ull << 30;
  const auto map = file->map(kFarBeyondTheEnd).value();
  const std::byte* const data = map->data();
  EXPECT_EQ(map->capacity(), kFarBeyondTheEnd);
  EXPECT_EQ(text_of({data, 4}), "0123");

  const std::string text(100'000, 'r');
  file->write(4, bytes_of(text)).value();
  file->write(1, bytes_of("X")).value();
  map->populate(0, kFarBeyondTheEnd);  // clipped to the file
  map->populate(50'000, 10);
  map->populate(kFarBeyondTheEnd, 10);
  EXPECT_EQ(map->data(), data);
  EXPECT_EQ(text_of({data, 4}), "0X23");
  EXPECT_EQ(text_of({data + 4, text.size()}), text);
}

TEST_P(DiskContract, AMapOutlivesItsFileAndItsName) {
  auto file = created("rows", "0123");
  const auto map = file->map(4'096).value();
  file.reset();
  disk().remove(at("rows")).value();
  EXPECT_EQ(text_of({map->data(), 4}), "0123");
}

TEST_P(DiskContract, AnEmptyFileCanBeMappedAndFilled) {
  const auto file = created("rows");
  const auto map = file->map(1 << 20).value();
  file->write(0, bytes_of("first")).value();
  EXPECT_EQ(text_of({map->data(), 5}), "first");
}

TEST_P(DiskContract, AMapReadsZerosWhereTheFileWasCutAndGrewAgain) {
  const auto file = created("rows", std::string(10'000, 'r'));
  const auto map = file->map(1 << 20).value();
  file->truncate(100).value();
  file->write(9'999, bytes_of("x")).value();
  EXPECT_EQ(text_of({map->data(), 100}), std::string(100, 'r'));
  EXPECT_EQ(text_of({map->data() + 100, 9'899}), std::string(9'899, '\0'));
}

TEST_P(DiskContract, TwoMapsOfAFileShowTheSame) {
  const auto file = created("rows", "0123");
  const auto small = file->map(4).value();
  const auto large = disk().open(at("rows"), OpenMode::Read).value()->map(1 << 20).value();
  file->write(0, bytes_of("4567")).value();
  EXPECT_EQ(text_of({small->data(), 4}), "4567");
  EXPECT_EQ(text_of({large->data(), 4}), "4567");
}

TEST_P(DiskContract, RenamingReplacesTheTarget) {
  created("new", "new");
  created("current", "old");
  disk().rename(at("new"), at("current")).value();
  EXPECT_EQ(text_in("current"), "new");
  EXPECT_THAT(names_in(directory()), ElementsAre("current"));
  EXPECT_EQ(code_of(disk().rename(at("new"), at("current"))), ErrorCode::NotFound);
}

TEST_P(DiskContract, RenamingMovesADirectoryWithAllInIt) {
  disk().create_directory(at("old")).value();
  created("old/rows", "0123");
  disk().rename(at("old"), at("new")).value();
  EXPECT_EQ(text_in("new/rows"), "0123");
  EXPECT_FALSE(disk().exists(at("old")).value());
}

TEST_P(DiskContract, RemovingTakesTheNameAndLeavesOpenFilesAlone) {
  const auto file = created("rows", "0123");
  disk().remove(at("rows")).value();
  EXPECT_FALSE(disk().exists(at("rows")).value());
  EXPECT_EQ(code_of(disk().remove(at("rows"))), ErrorCode::NotFound);
  Bytes into(4);
  EXPECT_EQ(file->read(0, into).value(), 4u);
}

TEST_P(DiskContract, DirectoriesAreMadeOnceAndRemovedWhole) {
  disk().create_directory(at("a")).value();
  disk().create_directory(at("a")).value();
  EXPECT_EQ(code_of(disk().create_directory(at("b/c"))), ErrorCode::NotFound);
  disk().create_directory(at("a/b")).value();
  created("a/rows", "0123");
  created("a/b/rows", "0123");
  created("file");
  EXPECT_EQ(code_of(disk().create_directory(at("file"))), ErrorCode::AlreadyExists);

  disk().remove_tree(at("a")).value();
  disk().remove_tree(at("a")).value();
  EXPECT_FALSE(disk().exists(at("a/rows")).value());
  EXPECT_THAT(names_in(directory()), ElementsAre("file"));
}

TEST_P(DiskContract, ListsWhatIsThereSortedByName) {
  created("b", "0123456789");
  disk().create_directory(at("c")).value();
  created("a");
  created("c/hidden");
  const auto entries = disk().list(directory()).value();
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].name, "a");
  EXPECT_FALSE(entries[0].is_directory);
  EXPECT_EQ(entries[1].name, "b");
  EXPECT_EQ(entries[1].size, 10u);
  EXPECT_EQ(entries[2].name, "c");
  EXPECT_TRUE(entries[2].is_directory);
  EXPECT_EQ(code_of(disk().list(at("missing"))), ErrorCode::NotFound);
  EXPECT_EQ(code_of(disk().sync_directory(at("missing"))), ErrorCode::NotFound);
}

TEST_P(DiskContract, OnlyOneCanHoldTheLockAndTheOtherIsToldWho) {
  auto held = disk().lock(directory()).value();
  EXPECT_TRUE(disk().exists(at("LOCK")).value());
  const auto refused = disk().lock(directory());
  EXPECT_EQ(code_of(refused), ErrorCode::Locked);
  EXPECT_THAT(refused.error().message, StartsWith("the database at " + directory() + " is open in process "));

  held.reset();
  EXPECT_TRUE(disk().lock(directory()).ok());
}

TEST_P(DiskContract, AFileWrittenDurablyIsReplacedWhole) {
  write_file_durably(disk(), at("options"), bytes_of("first")).value();
  EXPECT_EQ(text_in("options"), "first");
  created("options.tmp", "left by a crash, and longer");
  write_file_durably(disk(), at("options"), bytes_of("next")).value();
  EXPECT_EQ(text_in("options"), "next");
  EXPECT_THAT(names_in(directory()), ElementsAre("options"));
}

TEST_P(DiskContract, AFileTooLongToBeOursIsNotRead) {
  created("options", "0123456789");
  EXPECT_EQ(read_file(disk(), at("options"), 10).value().size(), 10u);
  const auto refused = read_file(disk(), at("options"), 9);
  EXPECT_EQ(code_of(refused), ErrorCode::Corruption);
  EXPECT_THAT(refused.error().message, HasSubstr("options is 10 bytes long, but may have at most 9"));
  EXPECT_EQ(code_of(read_file(disk(), at("missing"), 9)), ErrorCode::NotFound);
}

TEST(Paths, AreJoinedWithOneSlash) {
  EXPECT_EQ(join_path("a", "b"), "a/b");
  EXPECT_EQ(join_path("a/", "b"), "a/b");
  EXPECT_EQ(join_path("/", "b"), "/b");
  EXPECT_EQ(join_path("", "b"), "b");
}

}  // namespace
}  // namespace omendb
