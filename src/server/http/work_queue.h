// Work for threads that may block: first come, first served, and no more in the queue than is bearable. The thread that
// became idle last is called first: what it needs is still in its core's caches.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "os/executor.h"

namespace omendb {

class WorkQueue {
 public:
  using Work = std::function<void()>;  // throws nothing

  // `queued_max`: that may wait when all workers are busy.
  WorkQueue(std::size_t workers, std::size_t queued_max);
  ~WorkQueue();  // end()

  // False if too much waits already, or it has ended. Any thread.
  bool offer(Work work);

  void drop_waiting();

  // Drops what has not begun, waits for the rest, takes nothing more.
  void end();

 private:
  struct Worker {
    std::condition_variable changed;
    bool called = false;
  };

  void run();
  void call(Worker& worker);

  const std::size_t undone_max_;

  std::mutex mutex_;            // guards what follows, and every Worker
  std::vector<Worker*> idle_;   // the last one is called next
  std::deque<Work> waiting_;
  std::size_t undone_ = 0;  // waiting or running
  bool stopping_ = false;

  std::vector<std::unique_ptr<Thread>> threads_;  // until end()
};

}  // namespace omendb
