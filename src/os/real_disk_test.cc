// What only the disk of this machine can show.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "base/bytes.h"
#include "os/disk.h"
#include "os/temporary_directory.h"

namespace omendb {
namespace {

using testing::MatchesRegex;

struct stat status_of(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  return status;
}

TEST(RealDisk, FilesAndDirectoriesBelongToTheirOwnerAlone) {
  const TemporaryDirectory temporary;
  const std::string directory = join_path(temporary.path(), "collection");
  real_disk().create_directory(directory).value();
  real_disk().open(join_path(directory, "rows"), OpenMode::CreateNew).value();
  EXPECT_EQ(status_of(directory).st_mode & 0777, 0700u);
  EXPECT_EQ(status_of(join_path(directory, "rows")).st_mode & 0777, 0600u);
}

TEST(RealDisk, FilesAreNotInheritedByOtherPrograms) {
  const TemporaryDirectory temporary;
  const auto file = real_disk().open(join_path(temporary.path(), "rows"), OpenMode::CreateNew).value();
  for (int number = 3; number < 256; ++number) {
    struct stat status {};
    if (::fstat(number, &status) != 0 || status.st_ino != status_of(file->path()).st_ino) continue;
    EXPECT_NE(::fcntl(number, F_GETFD) & FD_CLOEXEC, 0);
    return;
  }
  FAIL() << "the file's descriptor was not found";
}

// The temporary directory lies on a file system that can reserve, as ext4, XFS and tmpfs do.
TEST(RealDisk, ReservedRoomIsAllocatedAndATruncationGivesItBack) {
  const TemporaryDirectory temporary;
  const auto file = real_disk().open(join_path(temporary.path(), "rows"), OpenMode::CreateNew).value();
  file->reserve(4 << 20).value();
  EXPECT_GE(status_of(file->path()).st_blocks * 512, 4 << 20);
  EXPECT_LE(status_of(file->path()).st_blocks * 512, 5 << 20) << "an eighth more, to be asked less often";

  file->truncate(0).value();
  EXPECT_LT(status_of(file->path()).st_blocks * 512, 1 << 20);
  file->reserve(4 << 20).value();
  EXPECT_GE(status_of(file->path()).st_blocks * 512, 4 << 20) << "what a truncation gave back is reserved again";
}

TEST(RealDisk, MapsOfTerabytesCostNothing) {
  const TemporaryDirectory temporary;
  const auto file = real_disk().open(join_path(temporary.path(), "rows"), OpenMode::CreateNew).value();
  file->write(0, bytes_of("0123")).value();
  const auto map = file->map(1ull << 42).value();
  EXPECT_GE(map->capacity(), 1ull << 34) << "halved where address space is short";
  EXPECT_EQ(text_of({map->data(), 4}), "0123");
}

TEST(RealDisk, AMapShrinksToWhatTheAddressSpaceHas) {
  const TemporaryDirectory temporary;
  const auto file = real_disk().open(join_path(temporary.path(), "rows"), OpenMode::CreateNew).value();
  file->write(0, bytes_of("0123")).value();
  const auto map = file->map(1ull << 60).value();  // more than a process can address
  EXPECT_GE(map->capacity(), 4u);
  EXPECT_EQ(text_of({map->data(), 4}), "0123");
}

TEST(RealDisk, AWriteBeyondTheLimitIsAnErrorValue) {
  const TemporaryDirectory temporary;
  const auto file = real_disk().open(join_path(temporary.path(), "rows"), OpenMode::CreateNew).value();
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{4'096, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  const auto old_handler = ::signal(SIGXFSZ, SIG_IGN);
  const Result<void> written = file->write(0, Bytes(10'000));
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, old_handler);
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().code, ErrorCode::IoError);
  EXPECT_EQ(written.error().message, "write " + file->path() + ": File too large");
}

TEST(RealDisk, AFullDeviceIsAnErrorValue) {
  const auto full = real_disk().open("/dev/full", OpenMode::Write).value();
  const Result<void> written = full->write(0, bytes_of("0123"));
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().code, ErrorCode::DiskFull);
  EXPECT_EQ(written.error().message, "write /dev/full: No space left on device");
}

TEST(RealDisk, AFailedSyncIsFinal) {
  // A pipe cannot be synced: EINVAL stands in for the EIO of a broken device.
  const TemporaryDirectory temporary;
  const std::string path = join_path(temporary.path(), "pipe");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const auto file = real_disk().open(path, OpenMode::Write).value();
  EXPECT_EQ(file->sync().error().code, ErrorCode::IoError);
  EXPECT_EQ(file->sync().error().message, "sync " + path + ": an earlier sync failed");
}

TEST(RealDisk, SomebodyWhoMayNotIsToldSo) {
  const auto opened = real_disk().open("/proc/1/mem/rows", OpenMode::CreateNew);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::IoError);
  EXPECT_EQ(opened.error().message, "open /proc/1/mem/rows: Not a directory");
}

TEST(RealDisk, TheLockNamesItsHolder) {
  const TemporaryDirectory temporary;
  const auto held = real_disk().lock(temporary.path()).value();
  const auto refused = real_disk().lock(temporary.path());
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message,
              MatchesRegex("the database at " + temporary.path() + " is open in process " + std::to_string(::getpid()) +
                           " \\(os_test\\) on .+ since 20[0-9-]+ [0-9:]+ UTC"));
}

TEST(RealDisk, AProcessThatDiesLetsGoOfTheLock) {
  const TemporaryDirectory temporary;
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto held = real_disk().lock(temporary.path());
    const char answer = held.ok() ? 'y' : 'n';
    static_cast<void>(::write(ready[1], &answer, 1) == 1);
    for (;;) ::pause();
  }
  char answer = 0;
  ASSERT_EQ(::read(ready[0], &answer, 1), 1);
  EXPECT_EQ(answer, 'y');
  const auto refused = real_disk().lock(temporary.path());
  EXPECT_FALSE(refused.ok());

  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(real_disk().lock(temporary.path()).ok());
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST(RealDisk, AStrangeLockFileCannotSpoilTheMessage) {
  const TemporaryDirectory temporary;
  const auto held = real_disk().lock(temporary.path()).value();
  std::ofstream(join_path(temporary.path(), "LOCK")) << "\033[31m\n" << std::string(10'000, 'x');
  const std::string message = real_disk().lock(temporary.path()).error().message;
  EXPECT_LT(message.size(), 700u);
  EXPECT_EQ(message.find('\033'), std::string::npos);
}

TEST(RealDisk, AListPassesOverNothingAndFollowsNoLinks) {
  const TemporaryDirectory temporary;
  ASSERT_EQ(::symlink("/", join_path(temporary.path(), "root").c_str()), 0);
  const auto entries = real_disk().list(temporary.path()).value();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_FALSE(entries[0].is_directory);
  real_disk().remove_tree(temporary.path()).value();
  EXPECT_TRUE(real_disk().exists("/tmp").value());
}

}  // namespace
}  // namespace omendb
