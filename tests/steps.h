// A database without threads: tests take the steps of its background work themselves, in an order that a seed gives.
#pragma once

#include <memory>
#include <random>
#include <string>

#include "db/database_impl.h"
#include "os/clock.h"
#include "os/executor.h"

namespace omendb::testing {

class SteppedDatabase {
 public:
  explicit SteppedDatabase(Disk& disk, const std::string& directory = "db", DatabaseOptions options = {})
      : executor_(make_executor(1, Priority::Normal)),
        database_(DatabaseImpl::open(disk, clock_, directory, options, false).value()) {}

  DatabaseImpl& operator*() { return *database_; }
  DatabaseImpl* operator->() { return database_.get(); }

  std::shared_ptr<CollectionImpl> find(const std::string& name) { return database_->find(name).value(); }

  void advance(std::chrono::milliseconds time) { clock_.advance(time); }

  // One step of one of the four threads, a little later each time.
  void step(CollectionImpl& collection, std::mt19937_64& random) {
    clock_.advance(std::chrono::milliseconds(150));
    switch (random() % 4) {
      case 0: collection.flush_behind(); break;
      case 1: collection.publish(); break;
      case 2: collection.link(*executor_); break;
      case 3: collection.keep(); break;
    }
  }

  // Until everything is covered, flushed and saved, and no vacuum is under way.
  void settle(CollectionImpl& collection) {
    for (int round = 0; round < 10'000; ++round) {
      clock_.advance(std::chrono::seconds(1));
      collection.flush_behind();
      collection.keep();
      collection.publish();
      const bool more = collection.link(*executor_).has_value();
      const Progress progress = collection.progress();
      if (!more && progress.tail == 0 && collection.stats().durable_lsn >= collection.stats().lsn && round > 3) return;
    }
  }

 private:
  ManualClock clock_;
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<DatabaseImpl> database_;
};

}  // namespace omendb::testing
