#include "os/executor.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <numeric>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace omendb {
namespace {

using std::chrono::milliseconds;

// Counts events, and waits for them.
class Counter {
 public:
  void add() {
    {
      std::lock_guard lock(mutex_);
      ++count_;
    }
    changed_.notify_all();
  }
  int count() {
    std::lock_guard lock(mutex_);
    return count_;
  }
  bool reaches(int count, milliseconds timeout = milliseconds(10'000)) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, timeout, [&] { return count_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

TEST(Executor, CoversEveryIndexOnceInRangesOfAtMostAGrain) {
  struct Case {
    std::size_t threads, count, grain;
  };
  const Case cases[] = {{1, 0, 1}, {4, 0, 1},  {1, 10, 3},    {4, 1, 100},     {4, 10, 3},
                        {4, 9, 3}, {2, 11, 10}, {3, 1'000, 1}, {4, 10'000, 64}};
  for (const Case& c : cases) {
    SCOPED_TRACE(testing::Message() << c.threads << " threads, " << c.count << " by " << c.grain);
    const auto executor = make_executor(c.threads, Priority::Normal);
    EXPECT_EQ(executor->threads(), c.threads);
    std::vector<std::atomic<int>> seen(c.count);
    executor->parallel_for(c.count, c.grain, [&](std::size_t begin, std::size_t end, std::size_t thread) {
      EXPECT_LT(begin, end);
      EXPECT_LE(end - begin, c.grain);
      EXPECT_LT(thread, c.threads);
      for (std::size_t i = begin; i < end; ++i) ++seen[i];
    });
    for (const auto& times : seen) ASSERT_EQ(times, 1);
  }
}

TEST(Executor, LeavesTheCoresToTheForegroundAndStillEnds) {
  Foreground foreground(2);
  const auto executor = make_executor(2, Priority::Background, &foreground);
  const auto threads_at_work = [&](std::uint32_t busy) {
    const Foreground::Work work(foreground, busy);
    std::set<std::size_t> threads;
    std::mutex mutex;
    executor->parallel_for(20, 1, [&](std::size_t, std::size_t, std::size_t thread) {
      std::this_thread::sleep_for(milliseconds(1));
      std::lock_guard lock(mutex);
      threads.insert(thread);
    });
    return threads;
  };
  EXPECT_EQ(threads_at_work(0), (std::set<std::size_t>{0, 1}));
  EXPECT_EQ(threads_at_work(1), std::set<std::size_t>{0}) << "one core is left";
  EXPECT_EQ(threads_at_work(2), std::set<std::size_t>{0}) << "none is left, and it goes on now and then";
}

TEST(Executor, WhatBodiesWroteIsVisibleWhenTheLoopReturns) {
  const auto executor = make_executor(3, Priority::Normal);
  std::vector<int> values(1'000);
  for (int round = 1; round <= 200; ++round) {
    executor->parallel_for(values.size(), 7, [&](std::size_t begin, std::size_t end, std::size_t) {
      for (std::size_t i = begin; i < end; ++i) values[i] += 1;
    });
    ASSERT_EQ(std::accumulate(values.begin(), values.end(), 0), 1'000 * round);
  }
}

TEST(Executor, AThreadNumberIsNeverUsedByTwoAtOnce) {
  const auto executor = make_executor(4, Priority::Normal);
  std::vector<int> scratch(4);  // a race here is what thread sanitizer looks for
  std::atomic<int> ranges = 0;
  executor->parallel_for(10'000, 1, [&](std::size_t, std::size_t, std::size_t thread) {
    ++scratch[thread];
    ++ranges;
  });
  EXPECT_EQ(std::accumulate(scratch.begin(), scratch.end(), 0), ranges);
}

TEST(Executor, TheCallerWorksToo) {
  const auto executor = make_executor(2, Priority::Normal);
  Counter inside;
  // Two ranges that wait for each other: with the caller idle, this would never end.
  executor->parallel_for(2, 1, [&](std::size_t, std::size_t, std::size_t) {
    inside.add();
    EXPECT_TRUE(inside.reaches(2));
  });
}

TEST(Executor, ComesAndGoesWithoutAnyWork) {
  for (int i = 0; i < 100; ++i) make_executor(3, Priority::Background);
}

TEST(Executor, BackgroundThreadsHaveTheLowestPriorityAndTheCallerKeepsIts) {
  const auto executor = make_executor(2, Priority::Background);
  const int before = ::sched_getscheduler(0);
  Counter inside;
  std::atomic<int> idle = 0;
  executor->parallel_for(2, 1, [&](std::size_t, std::size_t, std::size_t thread) {
    if (thread == 1 && ::sched_getscheduler(0) == SCHED_IDLE) ++idle;
    inside.add();
    inside.reaches(2);
  });
  EXPECT_EQ(idle, 1);
  EXPECT_EQ(::sched_getscheduler(0), before);
}

TEST(Worker, StepsAtOnceAndThenRestsUntilWoken) {
  Counter steps;
  Worker worker("indexer", Priority::Normal, [&]() -> std::optional<milliseconds> {
    steps.add();
    return std::nullopt;
  });
  EXPECT_TRUE(steps.reaches(1));
  EXPECT_FALSE(steps.reaches(2, milliseconds(20)));
  worker.wake();
  EXPECT_TRUE(steps.reaches(2));
}

TEST(Worker, RestsAsLongAsTheStepSaysAndNoLongerThanUntilWoken) {
  Counter steps;
  Worker worker("indexer", Priority::Normal, [&]() -> std::optional<milliseconds> {
    steps.add();
    const int step = steps.count();
    if (step < 10) return milliseconds(step % 2);     // at once, or in a moment
    if (step == 10) return std::chrono::hours(1'000);  // until woken
    return milliseconds::max();
  });
  EXPECT_TRUE(steps.reaches(10));
  EXPECT_FALSE(steps.reaches(11, milliseconds(20)));
  worker.wake();
  EXPECT_TRUE(steps.reaches(11));
  EXPECT_FALSE(steps.reaches(12, milliseconds(20)));
}

TEST(Worker, WokenWhileItStepsItStepsAgainAtOnce) {
  Counter steps, woken;
  Worker worker("indexer", Priority::Normal, [&]() -> std::optional<milliseconds> {
    steps.add();
    woken.reaches(1);
    return std::nullopt;
  });
  EXPECT_TRUE(steps.reaches(1));
  worker.wake();  // the first step still runs
  woken.add();
  EXPECT_TRUE(steps.reaches(2));
}

TEST(Worker, NoWakeIsLost) {
  // Each wake() comes while the worker is anywhere between two steps; each must be followed by a step.
  Counter steps;
  std::atomic<int> asked = 0;
  std::atomic<int> answered = 0;
  Worker worker("indexer", Priority::Normal, [&]() -> std::optional<milliseconds> {
    answered = asked.load();
    steps.add();
    return std::nullopt;
  });
  for (int i = 1; i <= 2'000; ++i) {
    asked = i;
    worker.wake();
    if (i % 3 == 0) continue;  // some wakes come in a row
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (answered != i && std::chrono::steady_clock::now() < limit) ::sched_yield();
    ASSERT_EQ(answered, i);
  }
}

TEST(Worker, EndsAfterTheRunningStep) {
  Counter started;
  std::atomic<bool> finished = false;
  {
    Worker worker("indexer", Priority::Normal, [&]() -> std::optional<milliseconds> {
      started.add();
      started.reaches(1'000, milliseconds(20));  // a step that takes its time
      finished = true;
      return milliseconds(0);
    });
    EXPECT_TRUE(started.reaches(1));
  }
  EXPECT_TRUE(finished);
}

TEST(Worker, HasItsNameAndItsPriority) {
  Counter steps;
  std::string name(16, '\0');
  int policy = 0;
  Worker worker("a-name-over-fifteen-characters", Priority::Background, [&]() -> std::optional<milliseconds> {
    ::pthread_getname_np(::pthread_self(), name.data(), name.size());
    policy = ::sched_getscheduler(0);
    steps.add();
    return std::nullopt;
  });
  ASSERT_TRUE(steps.reaches(1));
  EXPECT_STREQ(name.c_str(), "a-name-over-fif");
  EXPECT_EQ(policy, SCHED_IDLE);
}

TEST(Thread, RunsItsFunctionByItsNameAndIsWaitedFor) {
  Counter started;
  std::atomic<bool> finished = false;
  std::string name(16, '\0');
  {
    Thread thread("http-work-0", Priority::Normal, [&] {
      ::pthread_getname_np(::pthread_self(), name.data(), name.size());
      started.add();
      started.reaches(1'000, milliseconds(20));  // takes its time
      finished = true;
    });
    EXPECT_TRUE(started.reaches(1));
  }
  EXPECT_TRUE(finished);
  EXPECT_STREQ(name.c_str(), "http-work-0");
}

}  // namespace
}  // namespace omendb
