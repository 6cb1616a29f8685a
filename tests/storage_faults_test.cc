// A disk that refuses: every call of a random life fails in turn, once or for good, as an error or for want of room.
// Errors are answers: nothing is half done, nothing promised is lost, and room given back is used again.
#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <string>

#include "os/simulated_disk.h"
#include "storage_workload.h"
#include "tests/steps.h"

namespace omendb {
namespace {

constexpr int kSteps = 40;
constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

struct Life {
  SimulatedDisk disk;
  Random random;
  History history;
  Workload work{history, random};

  explicit Life(std::uint64_t seed) : random(seed) {
    work.use(*Store::create(disk, kCollection, workload_schema()));
    EXPECT_TRUE(work.store()->load_ids().ok());
  }
};

void expect_an_answer(const Error& error) {
  const bool known = error.code == ErrorCode::IoError || error.code == ErrorCode::DiskFull ||
                     error.code == ErrorCode::ReadOnly;
  EXPECT_TRUE(known) << name_of(error.code) << ": " << error.message;
  EXPECT_FALSE(error.message.empty());
}

// Works on while calls fail. What can be read stays what was accepted.
void live_through(Life& life) {
  for (int i = 0; i < kSteps && !::testing::Test::HasFailure(); ++i) {
    const auto error = life.work.step();
    if (error) expect_an_answer(*error);
    const auto& store = *life.work.store();
    if (life.history.unknown()) return;
    EXPECT_TRUE(contents(store) == life.history.now());
  }
}

// The machine may also lose power now, or the process die and the next one work on before power is lost.
void check_what_is_left(Life& life, std::uint64_t seed) {
  const auto cut = life.disk.after_cut(seed);
  open_and_compare(*cut, life.history, life.history.promised());

  const auto killed = life.disk.after_kill();
  life.work.drop();
  auto store = open_and_compare(*killed, life.history, life.history.last());
  if (store == nullptr) return;
  life.history.restart(store->state().lsn);
  life.work.use(std::move(store));
  EXPECT_FALSE(life.work.upsert());
  EXPECT_FALSE(life.work.sync());
  const auto cut_later = killed->after_cut(seed + 1);
  open_and_compare(*cut_later, life.history, life.history.promised());
  life.work.drop();
}

std::uint64_t calls_of_a_quiet_life(std::uint64_t seed, std::uint64_t& before) {
  Life life(seed);
  before = life.disk.calls();
  live_through(life);
  return life.disk.calls();
}

void sweep(Fault fault) {
  for (std::uint64_t seed = 11; seed < 14; ++seed) {
    std::uint64_t before = 0;
    const std::uint64_t calls = calls_of_a_quiet_life(seed, before);
    for (std::uint64_t n = before + 1; n <= calls && !::testing::Test::HasFailure(); ++n) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ", call " + std::to_string(n));
      Life life(seed);
      life.disk.fail_call(n, fault);
      live_through(life);
      life.disk.fail_call(kNever, Fault{});
      if (fault.kind == Fault::Kind::DiskFull && !life.work.store()->read_only()) {
        EXPECT_FALSE(life.work.upsert()) << "there is room again";
        EXPECT_FALSE(life.work.sync());
      }
      check_what_is_left(life, seed * n);
    }
  }
}

TEST(StorageFaults, OneCallFails) { sweep({Fault::Kind::IoError, false}); }
TEST(StorageFaults, AllCallsFailFromOneOn) { sweep({Fault::Kind::IoError, true}); }
TEST(StorageFaults, TheDiskIsFullForOneCall) { sweep({Fault::Kind::DiskFull, false}); }
TEST(StorageFaults, TheDiskStaysFull) { sweep({Fault::Kind::DiskFull, true}); }

// A read that fails makes opening fail, never open with less; the next attempt finds everything.
TEST(StorageFaults, AFailedReadIsNotTakenForTheEndOfAFile) {
  for (const Fault::Kind kind : {Fault::Kind::IoError, Fault::Kind::ShortRead}) {
    Life life(21);
    live_through(life);
    const auto left = life.disk.after_kill();
    life.work.drop();
    const std::uint64_t reads = [&] {
      const auto copy = left->after_kill();
      open_and_compare(*copy, life.history, life.history.last());
      return copy->reads();
    }();
    for (std::uint64_t n = 1; n <= reads; ++n) {
      SCOPED_TRACE("read " + std::to_string(n));
      const auto copy = left->after_kill();
      copy->fail_read(copy->reads() + n, {kind, false});
      const auto opened = Store::open(*copy, kCollection);
      if (opened.ok()) {
        EXPECT_EQ((*opened)->state().lsn, life.history.last());
      }
      open_and_compare(*copy, life.history, life.history.last());
    }
  }
}

// What a collection has beside its rows is made when it is first asked for. If that fails, it can be asked for again, and
// the collection opens.
TEST(StorageFaults, NotesAndFieldIndexesAreMadeOnceTheDiskLetsThem) {
  for (const Fault::Kind kind : {Fault::Kind::IoError, Fault::Kind::DiskFull}) {
    for (std::uint64_t n = 1; n <= 24; ++n) {
      SCOPED_TRACE("call " + std::to_string(n));
      SimulatedDisk disk;
      {
        testing::SteppedDatabase database(disk);
        Collection points = (*database).create("c", {.dimensions = 1}).value();
        disk.fail_call(disk.calls() + n, {kind, false});
        const bool noted = points.set_notes("mine").ok();
        const bool indexed = points.create_field_index("n", FieldType::Integer).ok();
        disk.fail_call(kNever, Fault{});
        const auto left = disk.after_kill();
        EXPECT_TRUE((*testing::SteppedDatabase(*left)).collection("c").ok());
        EXPECT_TRUE(noted || points.set_notes("mine").ok());
        EXPECT_TRUE(indexed || points.create_field_index("n", FieldType::Integer).ok());
      }
      testing::SteppedDatabase database(disk);
      EXPECT_EQ((*database).collection("c").value().notes(), "mine");
      EXPECT_EQ((*database).collection("c").value().field_indexes().size(), 1u);
    }
  }
}

// A failed flush proves nothing about later ones: no promise is made any more, reading goes on.
TEST(StorageFaults, AFailedFlushIsFinal) {
  Life life(31);
  EXPECT_FALSE(life.work.upsert());
  const Store& store = *life.work.store();
  const Lsn lsn = life.history.last();
  life.disk.fail_call(life.disk.calls() + 1, {Fault::Kind::IoError, false});
  EXPECT_EQ(life.work.sync()->code, ErrorCode::IoError);
  EXPECT_EQ(life.work.sync()->code, ErrorCode::ReadOnly);
  EXPECT_LT(store.durable_lsn(), lsn);
  EXPECT_EQ(life.work.upsert()->code, ErrorCode::ReadOnly);
  EXPECT_EQ(store.state().lsn, lsn);
  EXPECT_TRUE(contents(store) == life.history.now());
}

}  // namespace
}  // namespace omendb
