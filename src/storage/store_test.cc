// The store as its one user, the collection, sees it.
#include "storage/store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/published.h"
#include "os/simulated_disk.h"
#include "storage/store_testing.h"

namespace omendb {
namespace {

constexpr const char* kPath = "c";

Schema two_dimensions() { return {{VectorField{"", 2, Metric::L2, Datatype::Float32}}}; }

std::unique_ptr<Store> opened(Disk& disk) {
  auto store = Store::open(disk, kPath);
  EXPECT_TRUE(store.ok()) << store.error().message;
  if (!store.ok()) return nullptr;
  const auto loaded = (*store)->load_ids();
  EXPECT_TRUE(loaded.ok());
  return std::move(*store);
}

std::unique_ptr<Store> created(Disk& disk) {
  auto store = Store::create(disk, kPath, two_dimensions());
  EXPECT_TRUE(store.ok()) << store.error().message;
  if (!store.ok()) return nullptr;
  EXPECT_TRUE((*store)->load_ids().ok());
  return std::move(*store);
}

TEST(Store, KeepsPointsOverAReopening) {
  SimulatedDisk disk;
  {
    const auto store = created(disk);
    TestBatch batch(2);
    batch.add(7, {1, 2}, "{\"a\":1}");
    batch.add(9, {3, 4}, "");
    ASSERT_TRUE(store->upsert(batch.rows()).ok());
  }
  const auto store = opened(disk);
  EXPECT_EQ(contents(*store), (Contents{{7, {{1, 2}, "{\"a\":1}"}}, {9, {{3, 4}, ""}}}));
}

TEST(Store, IsMadeOnlyWhereNothingIs) {
  SimulatedDisk disk;
  const auto store = created(disk);
  EXPECT_EQ(Store::create(disk, kPath, two_dimensions()).error().code, ErrorCode::AlreadyExists);
  EXPECT_EQ(Store::open(disk, "nowhere").error().code, ErrorCode::NotFound);
}

TEST(Store, TheLastOfEqualIdsInABatchWins) {
  SimulatedDisk disk;
  const auto store = created(disk);
  TestBatch batch(2);
  batch.add(7, {1, 1}, "first");
  batch.add(8, {2, 2}, "other");
  batch.add(7, {3, 3}, "last");
  const auto applied = store->upsert(batch.rows());
  ASSERT_TRUE(applied.ok());
  EXPECT_EQ(applied->rows.size(), 3u);
  EXPECT_EQ(applied->erased, 1u);
  EXPECT_EQ(contents(*store), (Contents{{7, {{3, 3}, "last"}}, {8, {{2, 2}, "other"}}}));
}

// A reader that took its View before a replacement still finds exactly what it found.
TEST(Store, AnOlderViewKeepsItsPoints) {
  SimulatedDisk disk;
  const auto store = created(disk);
  TestBatch batch(2);
  batch.add(7, {1, 1}, "old");
  ASSERT_TRUE(store->upsert(batch.rows()).ok());
  const StoreState before = store->state();
  TestBatch next(2);
  next.add(7, {2, 2}, "new");
  ASSERT_TRUE(store->upsert(next.rows()).ok());
  EXPECT_TRUE(before.generation->live(Row{0}, before.lsn));
  EXPECT_FALSE(before.generation->live(Row{0}, store->state().lsn));
  EXPECT_EQ(*before.generation->payload(Row{0}), "old");
}

TEST(Store, ErasesWhatIsThereAndPassesOverTheRest) {
  SimulatedDisk disk;
  const auto store = created(disk);
  TestBatch batch(2);
  batch.add(1, {1, 1}, "");
  batch.add(2, {2, 2}, "");
  ASSERT_TRUE(store->upsert(batch.rows()).ok());
  const std::vector<PointId> ids = {1, 1, 99};
  EXPECT_EQ(store->erase(ids)->erased, 1u);
  const Lsn lsn = store->state().lsn;
  const std::vector<PointId> unknown = {99};
  EXPECT_EQ(store->erase(unknown)->lsn, lsn) << "nothing to do is no operation";
  EXPECT_EQ(contents(*store), (Contents{{2, {{2, 2}, ""}}}));
}

TEST(Store, KeepsSeveralVectorFieldsInTheirDatatypes) {
  SimulatedDisk disk;
  const Schema schema{{{"a", 2, Metric::Cosine, Datatype::Float32}, {"b", 3, Metric::L2, Datatype::Uint8}}};
  const std::vector<float> a = {1, 2, 3, 4};
  const std::vector<std::uint8_t> b = {1, 2, 3, 4, 5, 6};
  {
    auto store = *Store::create(disk, kPath, schema);
    ASSERT_TRUE(store->load_ids().ok());
    const std::vector<PointId> ids = {1, 2};
    const std::vector<std::span<const std::byte>> vectors = {std::as_bytes(std::span(a)), std::as_bytes(std::span(b))};
    ASSERT_TRUE(store->upsert({ids, vectors, {}}).ok());
  }
  const auto store = opened(disk);
  EXPECT_EQ(store->schema(), schema);
  const auto& generation = *store->state().generation;
  EXPECT_EQ(std::memcmp(generation.vectors(0), a.data(), 16), 0);
  EXPECT_EQ(std::memcmp(generation.vectors(1), b.data(), 6), 0);
}

TEST(Store, ACleanCheckpointLeavesNothingToReplay) {
  SimulatedDisk disk;
  {
    const auto store = created(disk);
    TestBatch batch(2);
    batch.add(1, {1, 1}, "x");
    ASSERT_TRUE(store->upsert(batch.rows()).ok());
    ASSERT_TRUE(store->finish_checkpoint(store->begin_checkpoint()).ok());
    EXPECT_EQ(store->log_bytes(), 0u);
    EXPECT_EQ(store->checkpoint_lsn(), 1u);
  }
  const auto store = opened(disk);
  EXPECT_EQ(store->recovery().records_replayed, 0u);
  EXPECT_EQ(contents(*store).size(), 1u);
}

TEST(Store, WritesGoOnWhileACheckpointIsFinished) {
  SimulatedDisk disk;
  {
    const auto store = created(disk);
    TestBatch first(2), second(2);
    first.add(1, {1, 1}, "x");
    second.add(2, {2, 2}, "y");
    ASSERT_TRUE(store->upsert(first.rows()).ok());
    auto mark = store->begin_checkpoint();
    ASSERT_TRUE(store->upsert(second.rows()).ok());
    ASSERT_TRUE(store->finish_checkpoint(std::move(mark)).ok());
    EXPECT_EQ(store->checkpoint_lsn(), 1u);
  }
  const auto store = opened(disk);
  EXPECT_EQ(store->recovery().rows_replayed, 1u);
  EXPECT_EQ(contents(*store).size(), 2u);
}

TEST(Store, AVacuumKeepsThePointsAndDropsTheErasedRows) {
  SimulatedDisk disk;
  const auto store = created(disk);
  for (const float version : {1.0f, 2.0f}) {
    TestBatch batch(2);
    for (std::uint64_t k = 0; k < 10; ++k) batch.add(k, {version, static_cast<float>(k)}, "v");
    ASSERT_TRUE(store->upsert(batch.rows()).ok());
  }
  const StoreState before = store->state();
  auto vacuum = store->begin_vacuum().value();
  while (!*vacuum->copy(3)) {
  }
  const std::vector<PointId> ids = {4};
  ASSERT_TRUE(store->erase(ids).ok());  // meanwhile
  EXPECT_EQ(*vacuum->catch_up(), 0u);
  EXPECT_EQ(vacuum->moved_to()[3], kNoRow);
  EXPECT_EQ(vacuum->moved_to()[15], Row{5});
  const Contents points = contents(*store);
  ASSERT_TRUE(store->finish_vacuum(std::move(vacuum)).ok());

  EXPECT_EQ(store->state().rows, 10u);
  EXPECT_EQ(store->state().live, 9u);
  EXPECT_EQ(contents(*store), points);
  EXPECT_EQ(*before.generation->payload(Row{3}), "v") << "a reader keeps the old generation";
  EXPECT_TRUE(*disk.exists(before.generation->directory()));
}

TEST(Store, TheOldGenerationsFilesGoWithItsLastReader) {
  SimulatedDisk disk;
  const auto store = created(disk);
  std::string old_directory = store->state().generation->directory();
  auto vacuum = store->begin_vacuum().value();
  ASSERT_TRUE(*vacuum->copy(1));
  ASSERT_TRUE(store->finish_vacuum(std::move(vacuum)).ok());
  EXPECT_FALSE(*disk.exists(old_directory));
}

TEST(Store, AnAbandonedVacuumLeavesNothing) {
  SimulatedDisk disk;
  const auto store = created(disk);
  auto vacuum = store->begin_vacuum().value();
  const std::string directory = vacuum->generation()->directory();
  EXPECT_TRUE(*disk.exists(directory));
  store->abandon_vacuum(std::move(vacuum));
  EXPECT_FALSE(*disk.exists(directory));
  EXPECT_TRUE(store->verify()->damage.empty());
}

TEST(Store, LeavesStrangersAloneAndSweepsItsOwnLeftOvers) {
  SimulatedDisk disk;
  created(disk);
  for (const char* path : {"c/notes.txt", "c/log/notes.txt", "c/log/00000000000000000009.log.tmp", "c/g9/points"}) {
    static_cast<void>(disk.create_directory("c/g9"));
    ASSERT_TRUE(disk.open(path, OpenMode::CreateNew).ok());
  }
  const auto store = opened(disk);
  EXPECT_EQ(store->recovery().strangers, (std::vector<std::string>{"c/notes.txt", "c/log/notes.txt"}));
  EXPECT_TRUE(*disk.exists("c/notes.txt"));
  EXPECT_FALSE(*disk.exists("c/log/00000000000000000009.log.tmp"));
  EXPECT_FALSE(*disk.exists("c/g9"));
}

TEST(Store, RefusesABatchThatIsTooLargeAndSaysWhatFits) {
  SimulatedDisk disk;
  const auto store = created(disk);
  const std::string huge(100 << 20, 'x');
  const std::vector<std::string_view> payloads(3, huge);
  const std::vector<PointId> ids = {1, 2, 3};
  const std::vector<float> values(6);
  const std::vector<std::span<const std::byte>> vectors = {std::as_bytes(std::span(values))};
  const auto applied = store->upsert({ids, vectors, payloads});
  ASSERT_FALSE(applied.ok());
  EXPECT_EQ(applied.error().code, ErrorCode::TooLarge);
  EXPECT_NE(applied.error().message.find("about 2 such points fit"), std::string::npos) << applied.error().message;
  EXPECT_EQ(store->state().lsn, 0u);
}

TEST(Store, AFullDiskRefusesAWriteAndTakesItOnceThereIsRoom) {
  SimulatedDisk disk;
  const auto store = created(disk);
  TestBatch batch(2);
  batch.add(1, {1, 1}, std::string(300'000, 'x'));
  disk.set_capacity(100'000);
  const auto refused = store->upsert(batch.rows());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::DiskFull);
  EXPECT_TRUE(contents(*store).empty());
  disk.set_capacity(1ull << 40);
  EXPECT_TRUE(store->upsert(batch.rows()).ok());
  EXPECT_EQ(contents(*store).size(), 1u);
}

TEST(Store, FindWaitsForTheIds) {
  SimulatedDisk disk;
  {
    const auto store = created(disk);
    TestBatch batch(2);
    batch.add(1, {1, 1}, "");
    ASSERT_TRUE(store->upsert(batch.rows()).ok());
  }
  const auto store = *Store::open(disk, kPath);
  EXPECT_FALSE(store->ids_ready());
  std::optional<Row> found;
  std::thread reader([&] { found = *store->state().generation->find(1); });
  ASSERT_TRUE(store->load_ids().ok());
  reader.join();
  EXPECT_TRUE(store->ids_ready());
  EXPECT_EQ(found, Row{0});
}

// One writer, with readers, flushers and checkpoints beside it: for the thread sanitizer, and for a reader's promise
// that rows of its View are whole.
TEST(Store, ReadersFlushesAndCheckpointsRunBesideTheWriter) {
  SimulatedDisk disk;
  const auto store = created(disk);
  Published<StoreState> views(std::make_shared<StoreState>(store->state()));
  std::atomic<bool> done{false};

  std::thread reader([&] {
    while (!done.load()) {
      const auto view = views.current();
      for (std::uint32_t position = 0; position < view->rows; ++position) {
        const Row row = row_at(position);
        if (!view->generation->live(row, view->lsn)) continue;
        const auto id = view->generation->id(row);
        ASSERT_TRUE(id.ok() && view->generation->payload(row).ok());
        float value;
        std::memcpy(&value, view->generation->vectors(0) + position * 8, sizeof value);
        ASSERT_EQ(value, static_cast<float>(id->number()));
        ASSERT_TRUE(view->generation->find(*id).ok());
      }
    }
  });
  std::thread flusher([&] {
    while (!done.load()) ASSERT_TRUE(store->sync(views.current()->lsn).ok());
  });
  std::mutex turn;
  std::thread checkpointer([&] {
    while (!done.load()) {
      std::unique_lock lock(turn);
      auto mark = store->begin_checkpoint();
      lock.unlock();
      ASSERT_TRUE(store->finish_checkpoint(std::move(mark)).ok());
      ASSERT_TRUE(store->verify().ok());
    }
  });
  for (std::uint64_t i = 0; i < 300; ++i) {
    TestBatch batch(2);
    for (std::uint64_t k = 0; k < 5; ++k) batch.add(i * 3 % 50 + k, {static_cast<float>(i * 3 % 50 + k), 0}, "payload");
    std::lock_guard lock(turn);
    ASSERT_TRUE(store->upsert(batch.rows()).ok());
    views.replace(std::make_shared<StoreState>(store->state()));
  }
  done.store(true);
  reader.join();
  flusher.join();
  checkpointer.join();
  EXPECT_EQ(contents(*store).size(), 54u);
}

// Damage to the last group shows only once something later carries the promise: the mark does.
TEST(Store, AMarkMakesDamageToTheLastOperationsKnown) {
  for (const bool marked : {false, true}) {
    SimulatedDisk disk;
    std::uint64_t end = 0;
    {
      const auto store = created(disk);
      TestBatch batch(2);
      batch.add(1, {1, 1}, "payload");
      ASSERT_TRUE(store->upsert(batch.rows()).ok());
      end = store->log_bytes();
      ASSERT_TRUE(store->sync(1).ok());
      if (marked) {
        ASSERT_TRUE(store->mark_durable().ok());
        ASSERT_TRUE(store->mark_durable().ok());
        EXPECT_EQ(store->state().lsn, 2u) << "one mark is enough";
      }
    }
    disk.corrupt("c/log/00000000000000000001.log", end - 20, std::byte{1});
    const auto store = opened(disk);
    EXPECT_EQ(store->recovery().data_loss.has_value(), marked);
    EXPECT_EQ(store->read_only().has_value(), marked);
    EXPECT_EQ(store->state().lsn, 0u);
  }
}

TEST(Store, VerifyReadsEveryFile) {
  SimulatedDisk disk;
  const auto store = created(disk);
  TestBatch batch(2);
  for (std::uint64_t k = 0; k < 20'000; ++k) batch.add(k, {1, 1}, "payload");
  ASSERT_TRUE(store->upsert(batch.rows()).ok());
  ASSERT_TRUE(store->finish_checkpoint(store->begin_checkpoint()).ok());
  TestBatch more(2);
  more.add(5, {2, 2}, "");
  ASSERT_TRUE(store->upsert(more.rows()).ok());
  EXPECT_TRUE(store->verify()->damage.empty());
  for (const char* path : {"c/MANIFEST-A", "c/MANIFEST-B", "c/g1/points", "c/g1/vectors-0", "c/g1/payloads",
                           "c/g1/points.sums", "c/log/00000000000000000002.log"}) {
    SCOPED_TRACE(path);
    disk.corrupt(path, 30, std::byte{1});
    const auto report = *store->verify();
    EXPECT_EQ(report.damage.size(), 1u);
    EXPECT_NE(report.damage.at(0).message.find(std::string(path).substr(0, 8)), std::string::npos);
    disk.corrupt(path, 30, std::byte{1});
  }
}

}  // namespace
}  // namespace omendb
