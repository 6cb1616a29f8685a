#include "os/executor.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/assert.h"

namespace omendb {
namespace {

// Of the calling thread. Without permission for SCHED_IDLE the nice value does most of it; without that, so be it.
void lower_priority() {
  const sched_param none{};
  if (::sched_setscheduler(0, SCHED_IDLE, &none) == 0) return;
  static_cast<void>(::setpriority(PRIO_PROCESS, 0, 19));
}

template <class Body>
std::thread begin_thread(const std::string& name, Priority priority, Body body) {
  return std::thread([name, priority, body = std::move(body)]() mutable {
    constexpr std::size_t kNameMax = 15;  // of the kernel
    ::pthread_setname_np(::pthread_self(), name.substr(0, kNameMax).c_str());
    if (priority == Priority::Background) lower_priority();
    body();
  });
}

using Body = FunctionRef<void(std::size_t begin, std::size_t end, std::size_t thread)>;

// How a background thread leaves its core to the foreground and still gets on: it sleeps a fifth of the time at most.
class Turns {
 public:
  void give_way(const Foreground& foreground) {
    constexpr std::chrono::microseconds kNap{100};
    constexpr std::chrono::nanoseconds kSleepMax = std::chrono::milliseconds(20);
    auto now = std::chrono::steady_clock::now();
    left_ = std::min<std::chrono::nanoseconds>(kSleepMax, left_ + (now - last_) / 5);
    while (left_.count() > 0 && !foreground.leaves_core_for(0)) {
      const auto begin = now;
      std::this_thread::sleep_for(kNap);
      now = std::chrono::steady_clock::now();
      left_ -= now - begin;  // what the scheduler made it wait besides included
    }
    last_ = now;
  }

 private:
  std::chrono::steady_clock::time_point last_{};
  std::chrono::nanoseconds left_{0};  // that it may sleep
};

// One parallel_for: whoever comes takes the next range until none is left.
class Loop {
 public:
  Loop(std::size_t count, std::size_t grain, Body body, const Foreground* foreground, Turns& turns)
      : count_(count), grain_(grain), body_(body), foreground_(foreground), turns_(turns) {}

  std::size_t ranges() const { return count_ / grain_ + (count_ % grain_ != 0); }

  // noexcept: a body that throws ends the process here, instead of a loop that other threads are still in.
  void take_part(std::size_t thread) noexcept {
    const std::size_t all = ranges();
    while (may_go_on(thread)) {
      const std::size_t range = next_.fetch_add(1);
      if (range >= all) return;
      const std::size_t begin = range * grain_;
      body_(begin, begin + std::min(grain_, count_ - begin), thread);
    }
  }

 private:
  // False for a helper that leaves its core to the foreground. The caller's thread sleeps a while instead.
  bool may_go_on(std::size_t thread) {
    if (foreground_ == nullptr || foreground_->leaves_core_for(thread)) return true;
    if (thread != 0) return false;
    turns_.give_way(*foreground_);
    return true;
  }

  const std::size_t count_;
  const std::size_t grain_;
  const Body body_;
  const Foreground* const foreground_;
  Turns& turns_;  // the caller's thread only
  std::atomic<std::size_t> next_{0};  // deals ranges out; what bodies write becomes visible through the pool's mutex
};

class ThreadPool : public Executor {
 public:
  ThreadPool(std::size_t threads, Priority priority, const Foreground* foreground) : foreground_(foreground) {
    const std::string name = priority == Priority::Background ? "omen-idle-" : "omen-";
    for (std::size_t thread = 1; thread < threads; ++thread) {
      helpers_.push_back(begin_thread(name + std::to_string(thread), priority, [this, thread] { help(thread); }));
    }
  }

  ~ThreadPool() override {
    {
      std::lock_guard lock(mutex_);
      OMEN_ASSERT(loop_ == nullptr);
      stopping_ = true;
    }
    begun_.notify_all();
    for (std::thread& helper : helpers_) helper.join();
  }

  std::size_t threads() const override { return helpers_.size() + 1; }

  void parallel_for(std::size_t count, std::size_t grain, Body body) override {
    OMEN_ASSERT(grain > 0);
    Loop loop(count, grain, body, foreground_, turns_);
    if (helpers_.empty() || loop.ranges() <= 1) return loop.take_part(0);
    begin(loop);
    loop.take_part(0);
    end();
  }

 private:
  void begin(Loop& loop) {
    {
      std::lock_guard lock(mutex_);
      OMEN_ASSERT(loop_ == nullptr);
      loop_ = &loop;
      ++loops_begun_;
    }
    if (loop.ranges() == 2) return begun_.notify_one();
    begun_.notify_all();
  }

  // Waits for the helpers that joined, not for those that have yet to wake up: they find no loop and sleep on.
  void end() {
    std::unique_lock lock(mutex_);
    loop_ = nullptr;
    left_.wait(lock, [this] { return helpers_inside_ == 0; });
  }

  void help(std::size_t thread) {
    std::uint64_t last_loop = 0;
    std::unique_lock lock(mutex_);
    for (;;) {
      begun_.wait(lock, [&] { return stopping_ || (loop_ != nullptr && loops_begun_ != last_loop); });
      if (stopping_) return;
      last_loop = loops_begun_;
      Loop* const loop = loop_;
      ++helpers_inside_;
      lock.unlock();
      loop->take_part(thread);
      lock.lock();
      if (--helpers_inside_ == 0) left_.notify_one();
    }
  }

  const Foreground* const foreground_;
  Turns turns_;

  std::mutex mutex_;
  std::condition_variable begun_;     // loop_ or stopping_ was set
  std::condition_variable left_;      // helpers_inside_ became 0
  Loop* loop_ = nullptr;              // the one that may be joined
  std::uint64_t loops_begun_ = 0;     // so that a helper joins each loop once
  std::size_t helpers_inside_ = 0;
  bool stopping_ = false;

  std::vector<std::thread> helpers_;  // fixed after construction
};

}  // namespace

std::uint32_t core_count() { return std::max(1u, std::thread::hardware_concurrency()); }

std::unique_ptr<Executor> make_executor(std::size_t threads, Priority priority, const Foreground* foreground) {
  OMEN_ASSERT(threads >= 1);
  return std::make_unique<ThreadPool>(threads, priority, foreground);
}

struct Worker::State {
  std::mutex mutex;
  std::condition_variable changed;  // woken or stopping was set
  bool woken = false;               // since the last step began
  bool stopping = false;

  Step step;
  std::thread thread;

  void run() {
    std::unique_lock lock(mutex);
    while (!stopping) {
      woken = false;
      lock.unlock();
      const auto rest = step();
      lock.lock();
      wait(lock, rest);
    }
  }

  void wait(std::unique_lock<std::mutex>& lock, std::optional<std::chrono::milliseconds> rest) {
    // A longer rest would overflow the clock's nanoseconds; a step too many in a year hurts nobody.
    constexpr std::chrono::milliseconds kRestMax = std::chrono::hours(24 * 365);
    const auto may_go_on = [this] { return woken || stopping; };
    if (!rest) return changed.wait(lock, may_go_on);
    changed.wait_for(lock, std::min(*rest, kRestMax), may_go_on);
  }
};

Worker::Worker(std::string name, Priority priority, Step step) : state_(std::make_unique<State>()) {
  state_->step = std::move(step);
  state_->thread = begin_thread(name, priority, [state = state_.get()] { state->run(); });
}

Worker::~Worker() {
  {
    std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->changed.notify_one();
  state_->thread.join();
}

void Worker::wake() {
  {
    std::lock_guard lock(state_->mutex);
    state_->woken = true;
  }
  state_->changed.notify_one();
}

struct Thread::State {
  std::thread thread;
};

Thread::Thread(std::string name, Priority priority, std::function<void()> body) : state_(std::make_unique<State>()) {
  state_->thread = begin_thread(name, priority, std::move(body));
}

Thread::~Thread() { state_->thread.join(); }

}  // namespace omendb
