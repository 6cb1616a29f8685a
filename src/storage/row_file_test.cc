#include "storage/row_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "base/bytes.h"
#include "os/simulated_disk.h"
#include "os/temporary_directory.h"

namespace omendb {
namespace {

const RowFile::Place kPlace{"f", 1ull << 30, 77};

Bytes random_bytes(std::mt19937_64& random, std::size_t count) {
  Bytes bytes(count);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

std::span<const std::byte> content(const RowFile& file) { return {file.data(), file.size()}; }

// A flushed file of `size` random bytes, appended in pieces; returns its extent.
FileExtent write_file(SimulatedDisk& disk, std::uint64_t size, Bytes* written = nullptr) {
  std::mt19937_64 random(size);
  const Bytes bytes = random_bytes(random, size);
  const auto file = *RowFile::create(disk, kPlace);
  for (std::uint64_t done = 0; done < size;) {
    const std::uint64_t piece = std::min<std::uint64_t>(size - done, 1 + random() % 100'000);
    EXPECT_TRUE(file->reserve(piece).ok());
    EXPECT_TRUE(file->append(std::span(bytes).subspan(done, piece)).ok());
    done += piece;
  }
  const FileExtent extent = file->extent();
  EXPECT_TRUE(file->flush(extent).ok());
  EXPECT_TRUE(disk.sync_directory("").ok());
  if (written != nullptr) *written = bytes;
  return extent;
}

TEST(RowFile, ReadsBackWhatWasAppendedAfterACut) {
  for (const std::uint64_t size : {0ull, 1ull, 1000ull, 65'535ull, 65'536ull, 65'537ull, 500'000ull}) {
    SCOPED_TRACE(size);
    SimulatedDisk disk;
    Bytes bytes;
    const FileExtent extent = write_file(disk, size, &bytes);
    const auto cut = disk.after_cut(size);
    const auto file = RowFile::open(*cut, kPlace, extent);
    ASSERT_TRUE(file.ok()) << file.error().message;
    EXPECT_TRUE(std::ranges::equal(content(**file), bytes));
    EXPECT_TRUE((*file)->check(0, size).ok());
    std::vector<Error> damage;
    (*file)->verify(extent, damage);
    EXPECT_TRUE(damage.empty());
  }
}

TEST(RowFile, GoesOnInABlockThatWasPartlyFull) {
  SimulatedDisk disk;
  FileExtent extent = write_file(disk, 70'000);
  std::mt19937_64 random(1);
  for (int i = 0; i < 20; ++i) {
    const auto file = *RowFile::open(disk, kPlace, extent);
    const Bytes more = random_bytes(random, random() % 40'000);
    ASSERT_TRUE(file->reserve(more.size()).ok());
    ASSERT_TRUE(file->append(more).ok());
    extent = file->extent();
    ASSERT_TRUE(file->flush(extent).ok());
  }
  const auto file = *RowFile::open(disk, kPlace, extent);
  EXPECT_TRUE(file->check(0, extent.length).ok());
}

TEST(RowFile, RefusesADamagedBlockAndNoOther) {
  for (const std::uint64_t damaged : {0ull, 70'000ull, 199'999ull}) {
    SCOPED_TRACE(damaged);
    SimulatedDisk disk;
    const FileExtent extent = write_file(disk, 200'000);
    disk.corrupt("f", damaged, std::byte{1});
    const auto file = *RowFile::open(disk, kPlace, extent);
    for (std::uint64_t block = 0; block * kBlockBytes < extent.length; ++block) {
      const auto checked = file->check(block * kBlockBytes + 5, 10);
      EXPECT_EQ(checked.ok(), block != damaged / kBlockBytes) << block;
      EXPECT_TRUE(checked.ok() || checked.error().code == ErrorCode::Corruption);
    }
    EXPECT_FALSE(file->check(0, extent.length).ok());
    std::vector<Error> damage;
    file->verify(extent, damage);
    EXPECT_EQ(damage.size(), 1u);
  }
}

TEST(RowFile, RefusesABlockInThePlaceOfAnother) {
  SimulatedDisk disk;
  const FileExtent extent = write_file(disk, 3 * kBlockBytes);
  const auto raw = *disk.open("f", OpenMode::Write);
  Bytes first(kBlockBytes), second(kBlockBytes);
  Bytes sums(8);
  const auto raw_sums = *disk.open("f.sums", OpenMode::Write);
  ASSERT_TRUE(raw->read(0, first).ok() && raw->read(kBlockBytes, second).ok() && raw_sums->read(0, sums).ok());
  std::rotate(sums.begin(), sums.begin() + 4, sums.end());
  ASSERT_TRUE(raw->write(0, second).ok() && raw->write(kBlockBytes, first).ok() && raw_sums->write(0, sums).ok());

  const auto file = *RowFile::open(disk, kPlace, extent);
  EXPECT_FALSE(file->check(0, 1).ok()) << "blocks and sums were swapped together";
  EXPECT_FALSE(file->check(kBlockBytes, 1).ok());
  EXPECT_TRUE(file->check(2 * kBlockBytes, 1).ok());
}

TEST(RowFile, IsRefusedWhenItIsShorterThanTheManifestSays) {
  for (const char* path : {"f", "f.sums"}) {
    SimulatedDisk disk;
    const FileExtent extent = write_file(disk, 200'000);
    disk.truncate_behind(path, 5);
    const auto file = RowFile::open(disk, kPlace, extent);
    ASSERT_FALSE(file.ok());
    EXPECT_EQ(file.error().code, ErrorCode::Corruption);
    EXPECT_NE(file.error().message.find(path), std::string::npos) << file.error().message;
  }
}

TEST(RowFile, OverwritesWhatLiesBeyondTheManifest) {
  SimulatedDisk disk;
  const FileExtent extent = write_file(disk, 100'000);
  {
    const auto file = *RowFile::open(disk, kPlace, extent);
    ASSERT_TRUE(file->append(Bytes(50'000, std::byte{1})).ok());
  }
  const auto file = *RowFile::open(disk, kPlace, extent);
  ASSERT_TRUE(file->append(Bytes(10, std::byte{2})).ok());
  EXPECT_EQ(file->size(), 100'010u);
  EXPECT_EQ(file->data()[100'000], std::byte{2});
}

TEST(RowFile, AFullDiskIsMetWhileReserving) {
  SimulatedDisk disk(300 << 10);
  const auto file = *RowFile::create(disk, kPlace);
  EXPECT_TRUE(file->reserve(200 << 10).ok()) << "the room ahead is wished for, not needed";
  EXPECT_EQ(file->reserve(400 << 10).error().code, ErrorCode::DiskFull);
  EXPECT_TRUE(file->append(Bytes(200 << 10)).ok());
}

// Who read a row before the file outgrew its map goes on reading it where it was.
TEST(RowFile, OutgrowsItsMap) {
  const TemporaryDirectory directory;
  constexpr std::uint64_t kMapBytes = 4096;
  const auto file = *RowFile::create(real_disk(), {directory.path() + "/f", kMapBytes, 77});
  std::mt19937_64 random(1);
  Bytes written;
  std::vector<std::pair<const std::byte*, std::size_t>> seen;  // where, and how much of it
  while (written.size() < 100 * kMapBytes) {
    const Bytes more = random_bytes(random, 1 + random() % 6'000);
    ASSERT_TRUE(file->reserve(more.size()).ok());
    ASSERT_TRUE(file->append(more).ok());
    written.insert(written.end(), more.begin(), more.end());
    if (seen.empty() || seen.back().first != file->data()) seen.emplace_back(file->data(), 0);
    seen.back().second = file->size();
  }
  EXPECT_GT(seen.size(), 3u) << "maps";
  EXPECT_LT(seen.size(), 10u) << "each twice as large as the one before";
  for (const auto& [data, size] : seen) EXPECT_TRUE(std::equal(data, data + size, written.begin()));
  EXPECT_TRUE(std::ranges::equal(content(*file), written));
}

}  // namespace
}  // namespace omendb
