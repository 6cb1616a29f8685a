// Damage at rest, to every kind of file of a collection: the right answer or a refusal that says where, no wrong point.
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "os/simulated_disk.h"
#include "storage_workload.h"

namespace omendb {
namespace {

// A collection with everything in it: two checkpoints' worth of blocks, a vacuum behind it, erasures, a log to replay
// that ends with a mark.
struct Golden {
  SimulatedDisk disk;
  Random random{7};
  History history;
  Workload work{history, random};

  Golden() {
    work.use(*Store::create(disk, kCollection, workload_schema()));
    EXPECT_TRUE(work.store()->load_ids().ok());
    fill(60);
    vacuum();
    fill(60);
    checkpoint();
    fill(12);
    EXPECT_TRUE(work.store()->mark_durable().ok());
    history.attempt_mark();
    history.settled(work.store()->state().lsn);
  }

  void fill(int steps) {
    for (int i = 0; i < steps; ++i) {
      EXPECT_FALSE(work.upsert());
      EXPECT_FALSE(i % 4 == 0 && work.erase().has_value());
    }
  }
  void checkpoint() {
    Store& store = *work.store();
    EXPECT_TRUE(store.finish_checkpoint(store.begin_checkpoint()).ok());
  }
  void vacuum() {
    Store& store = *work.store();
    auto vacuum = store.begin_vacuum().value();
    EXPECT_TRUE(vacuum->copy(kRowsMax).ok());
    EXPECT_TRUE(vacuum->catch_up().ok());
    EXPECT_TRUE(store.finish_vacuum(std::move(vacuum)).ok());
  }
};

Golden& golden() {
  static Golden golden;
  return golden;
}

// What the store says of its points: those it gives, and how many it refuses to give.
struct Told {
  Contents points;
  std::uint64_t refused = 0;
};

Told told_by(const Store& store) {
  Told told;
  const StoreState state = store.state();
  const Generation& rows = *state.generation;
  for (std::uint32_t position = 0; position < state.rows; ++position) {
    const Row row = row_at(position);
    if (!rows.live(row, state.lsn)) continue;
    const auto id = rows.id(row);
    auto value = value_at(rows, row);
    if (!id.ok() || !value) {
      ++told.refused;
      continue;
    }
    told.points.emplace(*id, std::move(*value));
  }
  return told;
}

bool is_refusal(const Error& error) {
  return error.code == ErrorCode::Corruption || error.code == ErrorCode::DataLoss ||
         error.code == ErrorCode::Unsupported;
}

enum class Silence { Never, OfTheLastOperations };  // what the damage may do unnoticed

// Opens a damaged copy. Everything it says must be so; what it cannot say it must refuse.
void expect_truth_or_refusal(SimulatedDisk& disk, Silence silence) {
  const History& history = golden().history;
  auto opened = Store::open(disk, kCollection);
  if (!opened.ok()) {
    EXPECT_TRUE(is_refusal(opened.error())) << opened.error().message;
    EXPECT_NE(opened.error().message.find(kCollection), std::string::npos)
        << "names no file: " << opened.error().message;
    return;
  }
  Store& store = **opened;
  const auto loaded = store.load_ids();
  EXPECT_TRUE(loaded.ok() || is_refusal(loaded.error()));

  const Lsn lsn = store.state().lsn;
  ASSERT_LE(lsn, history.last());
  if (lsn < history.last() && silence == Silence::Never) {
    const bool only_the_mark = history.at(lsn) == history.now();
    EXPECT_TRUE(only_the_mark || store.recovery().data_loss) << "operations are missing from " << lsn << " on";
  }
  if (store.recovery().data_loss) {
    EXPECT_EQ(store.read_only()->code, ErrorCode::DataLoss);
  }

  const Told told = told_by(store);
  const Contents& truth = history.at(lsn);
  for (const auto& [id, value] : told.points) {
    const auto found = truth.find(id);
    ASSERT_NE(found, truth.end()) << "a point that is not there: " << id.to_string();
    EXPECT_TRUE(found->second == value) << "another point under " << id.to_string();
  }
  EXPECT_EQ(told.points.size() + told.refused, truth.size());
  if (told.refused == 0) return;
  const auto report = store.verify();
  EXPECT_TRUE(report.ok() && !report->damage.empty()) << "verify() sees nothing";
}

std::unique_ptr<SimulatedDisk> copy_of_golden() { return golden().disk.after_kill(); }

std::uint64_t size_of(const SimulatedDisk& disk, const std::string& path) {
  return *(*const_cast<SimulatedDisk&>(disk).open(path, OpenMode::Read))->size();
}

bool is_log(const std::string& path) { return path.find("/log/") != std::string::npos; }

void flip(const std::string& path, std::uint64_t offset, std::byte mask) {
  SCOPED_TRACE(path + " at " + std::to_string(offset));
  const auto disk = copy_of_golden();
  disk->corrupt(path, offset, mask);
  expect_truth_or_refusal(*disk, Silence::Never);
}

TEST(Corruption, ABitFlippedAnywhere) {
  const char* text = std::getenv("OMENDB_SEED");
  const std::uint64_t seed = text == nullptr ? 1 : std::strtoull(text, nullptr, 10);
  Random random(seed);
  SCOPED_TRACE("seed " + std::to_string(seed));
  for (const std::string& path : golden().disk.paths()) {
    const std::uint64_t size = size_of(golden().disk, path);
    for (int i = 0; size > 0 && i < 250 && !HasFailure(); ++i)
      flip(path, below(random, size), std::byte{static_cast<unsigned char>(1u << below(random, 8))});
  }
}

TEST(Corruption, EveryByteOfTheHeaders) {
  for (const std::string& path : golden().disk.paths()) {
    const std::uint64_t end = std::min<std::uint64_t>(size_of(golden().disk, path), 256);
    for (std::uint64_t offset = 0; offset < end && !HasFailure(); ++offset) flip(path, offset, std::byte{0xFF});
  }
}

TEST(Corruption, AFileCutShort) {
  Random random(2);
  for (const std::string& path : golden().disk.paths()) {
    const std::uint64_t size = size_of(golden().disk, path);
    std::set<std::uint64_t> ends = {0, size / 2, size - std::min<std::uint64_t>(size, 1)};
    for (int i = 0; i < 20 && size > 0; ++i) ends.insert(below(random, size));
    for (const std::uint64_t end : ends) {
      SCOPED_TRACE(path + " cut to " + std::to_string(end));
      const auto disk = copy_of_golden();
      disk->truncate_behind(path, end);
      // A log that ends early looks like one that was never longer: docs/durability.md.
      expect_truth_or_refusal(*disk, is_log(path) ? Silence::OfTheLastOperations : Silence::Never);
    }
  }
}

TEST(Corruption, AFileMissing) {
  for (const std::string& path : golden().disk.paths()) {
    SCOPED_TRACE(path);
    const auto disk = copy_of_golden();
    ASSERT_TRUE(disk->remove(path).ok());
    expect_truth_or_refusal(*disk, is_log(path) ? Silence::OfTheLastOperations : Silence::Never);
  }
}

TEST(Corruption, AFileInThePlaceOfAnother) {
  const std::vector<std::string> paths = golden().disk.paths();
  for (const std::string& from : paths) {
    for (const std::string& to : paths) {
      if (from == to) continue;
      SCOPED_TRACE(from + " in place of " + to);
      const auto disk = copy_of_golden();
      const auto bytes = *read_file(*disk, from, 1ull << 30);
      ASSERT_TRUE(write_file_durably(*disk, to, bytes).ok());
      expect_truth_or_refusal(*disk, is_log(to) ? Silence::OfTheLastOperations : Silence::Never);
    }
  }
}

TEST(Corruption, AFileOfAnotherCollection) {
  SimulatedDisk elsewhere;
  auto other = *Store::create(elsewhere, kCollection, workload_schema());
  ASSERT_TRUE(other->load_ids().ok());
  WorkloadBatch batch;
  batch.add(5, point_of(5, 1, 10));
  ASSERT_TRUE(other->upsert(batch.rows()).ok());
  const auto bytes = *read_file(elsewhere, "c/log/" "00000000000000000001.log", 1 << 20);

  const auto disk = copy_of_golden();
  const std::string alien = "c/log/00000000000000009999.log";
  ASSERT_TRUE(write_file_durably(*disk, alien, bytes).ok());
  expect_truth_or_refusal(*disk, Silence::Never);
}

TEST(Corruption, BothSlotsOfTheManifestGone) {
  const auto disk = copy_of_golden();
  disk->corrupt("c/MANIFEST-A", 20, std::byte{1});
  disk->corrupt("c/MANIFEST-B", 20, std::byte{1});
  const auto opened = Store::open(*disk, kCollection);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::Corruption);
}

}  // namespace
}  // namespace omendb
