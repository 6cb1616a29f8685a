#include "server/http/work_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <semaphore>
#include <set>
#include <thread>

namespace omendb {
namespace {

TEST(WorkQueue, TakesAsMuchAsItsWorkersAndItsRoomHold) {
  std::counting_semaphore<> go_on(0);
  std::atomic<int> done = 0;
  {
    WorkQueue queue(2, 3);
    const auto work = [&] {
      go_on.acquire();
      ++done;
    };
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(queue.offer(work));
    EXPECT_FALSE(queue.offer(work));
    go_on.release();
    while (done < 1) std::this_thread::yield();
    while (!queue.offer(work)) std::this_thread::yield();
    go_on.release(5);
    while (done < 6) std::this_thread::yield();
  }
  EXPECT_EQ(done, 6);
}

// Work that comes now and then stays on one thread, though others have been idle for longer.
TEST(WorkQueue, CallsTheThreadThatBecameIdleLast) {
  WorkQueue queue(8, 0);
  std::atomic<int> done = 0;
  std::set<std::thread::id> threads;
  for (int i = 0; i < 20; ++i) {
    const auto work = [&, i] {
      if (i >= 10) threads.insert(std::this_thread::get_id());
      ++done;
    };
    ASSERT_TRUE(queue.offer(work));
    while (done <= i) std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  EXPECT_LE(threads.size(), 4u) << "one, but for threads that were slow to rest";
}

TEST(WorkQueue, TakesNothingAfterItsEnd) {
  WorkQueue queue(1, 10);
  queue.end();
  EXPECT_FALSE(queue.offer([] {}));
  queue.end();
}

TEST(WorkQueue, AtItsEndFinishesWhatRunsAndDropsWhatWaits) {
  std::counting_semaphore<> begun(0), go_on(0);
  std::atomic<int> finished = 0;
  const auto held = std::make_shared<int>(0);
  std::thread letting_go;
  {
    WorkQueue queue(1, 10);
    ASSERT_TRUE(queue.offer([&] {
      begun.release();
      go_on.acquire();
      ++finished;
    }));
    begun.acquire();
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(queue.offer([&finished, held] { ++finished; }));
    letting_go = std::thread([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      go_on.release();
    });
  }
  letting_go.join();
  EXPECT_EQ(finished, 1);
  EXPECT_EQ(held.use_count(), 1) << "what was dropped is destroyed";
}

}  // namespace
}  // namespace omendb
