#include "db/environment.h"

#include <algorithm>
#include <thread>

namespace omendb {
SearchThreads::Lease SearchThreads::lease(std::uint32_t threads) {
  threads = std::min(threads, std::max(1u, std::thread::hardware_concurrency()));  // more would only take turns
  if (threads <= 1) return {};
  std::unique_lock lock(mutex_);
  Pool& pool = pools_[threads];
  lock.unlock();
  std::unique_lock hold(pool.busy, std::try_to_lock);
  if (!hold.owns_lock()) return {};
  if (!pool.executor) pool.executor = make_executor(threads, Priority::Normal);
  Executor* executor = pool.executor.get();
  return {std::move(hold), executor};
}

}  // namespace omendb
