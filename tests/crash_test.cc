// Power cuts and killed processes: whatever moment they come at, what was promised is there, in a state that was.
//
// OMENDB_CRASH_STATES scales the number of crash states, OMENDB_SEED chooses the first seed.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>

#include "os/simulated_disk.h"
#include "storage_workload.h"

namespace omendb {
namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// Opens what a crash left, with another crash at every step of the opening.
class Survivor {
 public:
  Survivor(const History& history, std::uint64_t seed) : history_(history), random_(seed) {}

  std::uint64_t states() const { return states_; }

  void check(SimulatedDisk& disk, Lsn promised, int depth) {
    ++states_;
    std::unique_ptr<SimulatedDisk> again;
    if (depth > 0) {
      const std::uint64_t at = disk.calls() + 1 + below(random_, 12);
      disk.on_call([&, at](std::uint64_t n) {
        if (n == at) again = disk.after_cut(random_());
      });
    }
    const auto store = open_and_compare(disk, history_, promised);
    disk.on_call(nullptr);
    if (store != nullptr && again != nullptr) check(*again, history_.promised(), depth - 1);
  }

 private:
  const History& history_;
  Random random_;
  std::uint64_t states_ = 0;
};

// A life of a collection: work, crash, go on from what is left.
std::uint64_t live_and_die(std::uint64_t seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  History history;
  Workload work(history, random);
  Survivor survivor(history, seed + 1);
  auto disk = std::make_unique<SimulatedDisk>();
  work.use(*Store::create(*disk, kCollection, workload_schema()));
  EXPECT_TRUE(work.store()->load_ids().ok());

  for (int life = 0; life < 4 && !testing::Test::HasFailure(); ++life) {
    SimulatedDisk* const running = disk.get();
    running->on_call([&](std::uint64_t) {
      if (testing::Test::HasFailure()) return;
      const bool killed = one_in(random, 10);
      const auto left = killed ? running->after_kill() : running->after_cut(random());
      survivor.check(*left, killed ? history.last() : history.promised(), 2);
    });
    for (int i = 0; i < 25 && !testing::Test::HasFailure(); ++i) {
      const auto error = work.step();
      EXPECT_FALSE(error) << error->message;
    }
    running->on_call(nullptr);

    const bool killed = one_in(random, 3);
    auto next = killed ? running->after_kill() : running->after_cut(random());
    work.drop();
    auto store = open_and_compare(*next, history, killed ? history.last() : history.promised());
    if (store == nullptr) break;
    EXPECT_EQ(store->durable_lsn(), store->state().lsn) << "what was recovered is on disk";
    history.restart(store->state().lsn);
    work.use(std::move(store));
    disk = std::move(next);
  }
  work.drop();
  return survivor.states();
}

TEST(Crash, AtEveryDiskCallLeavesAStateThatWas) {
  const std::uint64_t wanted = from_environment("OMENDB_CRASH_STATES", 20'000);
  const std::uint64_t first = from_environment("OMENDB_SEED", 1);
  std::uint64_t states = 0;
  std::uint64_t seed = first;
  for (; states < wanted && !HasFailure(); ++seed) states += live_and_die(seed);
  std::printf("%llu crash states, seeds %llu to %llu\n", static_cast<unsigned long long>(states),
              static_cast<unsigned long long>(first), static_cast<unsigned long long>(seed - 1));
}

}  // namespace
}  // namespace omendb
