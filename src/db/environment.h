// What the collections of a database share: the disk, the clock, the memory budget, threads to search with, and the
// bells that wake the background threads.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "db/memory_budget.h"
#include "os/clock.h"
#include "os/disk.h"
#include "os/executor.h"
#include "os/foreground.h"

namespace omendb {

// Wakes a Worker that may be gone already: a collection's handle can outlive its database.
class Bell {
 public:
  void ring() {
    std::lock_guard lock(mutex_);
    if (worker_ != nullptr) worker_->wake();
  }
  void connect(Worker* worker) {
    std::lock_guard lock(mutex_);
    worker_ = worker;
  }

 private:
  std::mutex mutex_;
  Worker* worker_ = nullptr;
};

// Threads for searches that ask for more than one: a pool for each number asked for, up to one a
// core, made at its first use.
class SearchThreads {
 public:
  // Holds a pool for one search; `executor` is null if one thread (or none) was asked for or the pool is busy: the
  // caller's thread then does the work alone.
  struct Lease {
    std::unique_lock<std::mutex> hold;
    Executor* executor = nullptr;
    std::uint32_t count() const { return executor == nullptr ? 1 : static_cast<std::uint32_t>(executor->threads()); }
  };
  Lease lease(std::uint32_t threads);
  static constexpr std::uint32_t kAllCores = 0xffff'ffff;

 private:
  struct Pool {
    std::mutex busy;
    std::unique_ptr<Executor> executor;
  };
  std::mutex mutex_;
  std::map<std::uint32_t, Pool> pools_;  // entries stay
};

struct Environment {
  Environment(Disk& disk_, const Clock& clock_, std::uint64_t budget_bytes, bool index);

  Disk& disk;
  const Clock& clock;
  MemoryBudget budget;
  const bool index_in_background;

  Foreground foreground;  // searches and writes, while they compute
  SearchThreads search_threads;
  Bell flusher;    // something was accepted
  Bell keeper;     // something to checkpoint or vacuum
  Bell publisher;  // a tail to link, or a graph to publish
  Bell indexer;    // a task was assigned
};

}  // namespace omendb
