#include "storage/slot_pair.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "os/simulated_disk.h"

namespace omendb {
namespace {

std::string value_at(Disk& disk) {
  const auto pair = SlotPair::open(disk, "M");
  return pair.ok() ? std::string(text_of(pair->value())) : "error: " + pair.error().message;
}

SlotPair created(SimulatedDisk& disk, std::string_view value) {
  auto pair = SlotPair::create(disk, "M", bytes_of(value));
  EXPECT_TRUE(pair.ok());
  EXPECT_TRUE(disk.sync_directory("").ok());
  return std::move(*pair);
}

TEST(SlotPair, GivesTheNewestValueBack) {
  SimulatedDisk disk;
  SlotPair pair = created(disk, "first");
  EXPECT_EQ(value_at(disk), "first");
  for (const std::string_view value : {"a longer second value", "third", ""}) {
    ASSERT_TRUE(pair.write(bytes_of(value)).ok());
    EXPECT_EQ(value_at(disk), value);
  }
}

TEST(SlotPair, IsNotThereBeforeItIsMade) {
  SimulatedDisk disk;
  EXPECT_EQ(SlotPair::open(disk, "M").error().code, ErrorCode::NotFound);
}

TEST(SlotPair, SurvivesDamageToEitherSlotWithItsNewestValue) {
  for (const char* slot : {"M-A", "M-B"}) {
    SimulatedDisk disk;
    SlotPair pair = created(disk, "old");
    ASSERT_TRUE(pair.write(bytes_of(std::string_view("new"))).ok());
    disk.corrupt(slot, 25, std::byte{4});
    EXPECT_EQ(value_at(disk), "new");
    EXPECT_EQ(pair.damage().size(), 1u);
  }
}

TEST(SlotPair, SaysSoWhenBothSlotsAreDamaged) {
  SimulatedDisk disk;
  created(disk, "value");
  disk.corrupt("M-A", 25, std::byte{4});
  disk.truncate_behind("M-B", 3);
  EXPECT_EQ(SlotPair::open(disk, "M").error().code, ErrorCode::Corruption);
}

TEST(SlotPair, HoldsTheOldOrTheNewValueAfterACutAtAnyCall) {
  SimulatedDisk disk;
  SlotPair pair = created(disk, "value 0");
  std::uint64_t seed = 0;
  for (int i = 1; i <= 20; ++i) {
    const std::string before = "value " + std::to_string(i - 1);
    const std::string after = "value " + std::to_string(i);
    disk.on_call([&](std::uint64_t) {
      const auto cut = disk.after_cut(++seed);
      const std::string found = value_at(*cut);
      EXPECT_TRUE(found == before || found == after) << found << ", seed " << seed;
    });
    ASSERT_TRUE(pair.write(bytes_of(after)).ok());
    EXPECT_EQ(value_at(*disk.after_cut(++seed)), after);
  }
  disk.on_call(nullptr);
}

// A process whose write failed leaves a slot that reads well and is not on disk. The next one must not lose the other.
TEST(SlotPair, KeepsAValueThroughAFailedFlushAndALaterCut) {
  SimulatedDisk disk;
  {
    SlotPair pair = created(disk, "good");
    disk.fail_call(disk.calls() + 2, {Fault::Kind::IoError, false});
    EXPECT_FALSE(pair.write(bytes_of(std::string_view("unsure"))).ok());
    EXPECT_EQ(pair.write(bytes_of(std::string_view("later"))).error().code, ErrorCode::ReadOnly);
  }
  const auto next = disk.after_kill();
  auto pair = SlotPair::open(*next, "M");
  ASSERT_TRUE(pair.ok());
  std::uint64_t seed = 0;
  next->on_call([&](std::uint64_t) {
    for (int i = 0; i < 30; ++i) EXPECT_EQ(value_at(*next->after_cut(++seed)).find("error"), std::string::npos) << seed;
  });
  EXPECT_TRUE(pair->write(bytes_of(std::string_view("sure"))).ok());
  next->on_call(nullptr);
  EXPECT_EQ(value_at(*next->after_cut(1)), "sure");
}

// It is there with its value or not at all, and either way goes on from there.
void expect_made_or_not(Disk& disk) {
  auto pair = SlotPair::open(disk, "M");
  if (pair.ok()) {
    EXPECT_EQ(text_of(pair->value()), "value");
    return;
  }
  EXPECT_EQ(pair.error().code, ErrorCode::NotFound) << pair.error().message;
  EXPECT_TRUE(SlotPair::create(disk, "M", bytes_of(std::string_view("value"))).ok());
  EXPECT_EQ(value_at(disk), "value");
}

TEST(SlotPair, IsMadeWholeOrNotAtAll) {
  SimulatedDisk disk;
  std::uint64_t seed = 0;
  disk.on_call([&](std::uint64_t) {
    expect_made_or_not(*disk.after_kill());
    for (int i = 0; i < 20; ++i) expect_made_or_not(*disk.after_cut(++seed));
  });
  created(disk, "value");
  disk.on_call(nullptr);
  EXPECT_EQ(value_at(*disk.after_cut(++seed)), "value");
}

TEST(SlotPair, CanBeMadeOnceTheDiskLetsIt) {
  for (const Fault::Kind kind : {Fault::Kind::IoError, Fault::Kind::DiskFull}) {
    for (std::uint64_t n = 1; n < 30; ++n) {
      SCOPED_TRACE("call " + std::to_string(n));
      SimulatedDisk disk;
      disk.fail_call(n, {kind, false});
      const auto pair = SlotPair::create(disk, "M", bytes_of(std::string_view("value")));
      EXPECT_EQ(pair.ok(), disk.calls() < n);
      expect_made_or_not(disk);
      EXPECT_TRUE(pair.ok() || SlotPair::create(disk, "M", bytes_of(std::string_view("other"))).ok());
    }
  }
}

TEST(SlotPair, KeepsItsValueThroughACutWhenOneSlotIsLost) {
  for (const char* slot : {"M-A", "M-B"}) {
    SimulatedDisk disk;
    created(disk, "old");
    disk.corrupt(slot, 25, std::byte{4});
    auto pair = SlotPair::open(disk, "M");
    ASSERT_TRUE(pair.ok());
    std::uint64_t seed = 0;
    disk.on_call([&](std::uint64_t) {
      const std::string found = value_at(*disk.after_cut(++seed));
      EXPECT_TRUE(found == "old" || found == "new") << slot << ": " << found;
    });
    ASSERT_TRUE(pair->write(bytes_of(std::string_view("new"))).ok());
    disk.on_call(nullptr);
  }
}

TEST(SlotPair, RefusesWhatItCouldNotReadBack) {
  SimulatedDisk disk;
  SlotPair pair = created(disk, "value");
  const Bytes huge(kSlotBytesMax + 1);
  EXPECT_EQ(pair.write(huge).error().code, ErrorCode::TooLarge);
  EXPECT_EQ(value_at(disk), "value");
}

}  // namespace
}  // namespace omendb
