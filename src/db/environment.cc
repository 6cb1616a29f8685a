#include "db/environment.h"

#include <algorithm>

namespace omendb {

Environment::Environment(Disk& disk_, const Clock& clock_, std::uint64_t budget_bytes, bool index)
    : disk(disk_), clock(clock_), budget(budget_bytes), index_in_background(index), foreground(core_count()) {}

SearchThreads::Lease SearchThreads::lease(std::uint32_t threads) {
  threads = std::min(threads, core_count());  // more would only take turns
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
