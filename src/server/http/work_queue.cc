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
    for (Worker* worker : idle_) call(*worker);
    idle_.clear();
  }
  drop_waiting();
  threads_.clear();
}

bool WorkQueue::offer(Work work) {
  std::lock_guard lock(mutex_);
  if (stopping_ || undone_ >= undone_max_) return false;
  waiting_.push_back(std::move(work));
  ++undone_;
  if (!idle_.empty()) {
    call(*idle_.back());
    idle_.pop_back();
  }
  return true;
}

void WorkQueue::call(Worker& worker) {
  worker.called = true;
  worker.changed.notify_one();
}

void WorkQueue::drop_waiting() {
  std::deque<Work> dropped;  // destroyed without the lock: what it holds may be large
  std::lock_guard lock(mutex_);
  dropped.swap(waiting_);
  undone_ -= dropped.size();
}

void WorkQueue::run() {
  Worker self;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (waiting_.empty()) {
      idle_.push_back(&self);
      self.changed.wait(lock, [&self] { return self.called; });
      self.called = false;
      continue;  // somebody who was not idle may have taken the work
    }
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
