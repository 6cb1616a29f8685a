#include "server/http/work_queue.h"

#include <string>
#include <utility>

namespace omendb {

WorkQueue::WorkQueue(std::size_t workers, std::size_t queued_max) : undone_max_(workers + queued_max) {
  for (std::size_t i = 0; i < workers; ++i) {
    threads_.push_back(
        std::make_unique<Thread>("http-work-" + std::to_string(i), Priority::Normal, [this] { run(); }));
  }
}

WorkQueue::~WorkQueue() { end(); }

void WorkQueue::end() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  drop_waiting();
  offered_.notify_all();
  threads_.clear();
}

bool WorkQueue::offer(Work work) {
  {
    std::lock_guard lock(mutex_);
    if (stopping_ || undone_ >= undone_max_) return false;
    waiting_.push_back(std::move(work));
    ++undone_;
  }
  offered_.notify_one();
  return true;
}

void WorkQueue::drop_waiting() {
  std::deque<Work> dropped;  // destroyed without the lock: what it holds may be large
  std::lock_guard lock(mutex_);
  dropped.swap(waiting_);
  undone_ -= dropped.size();
}

void WorkQueue::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    offered_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    Work work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    work();
    work = nullptr;
    lock.lock();
    --undone_;
  }
}

}  // namespace omendb
