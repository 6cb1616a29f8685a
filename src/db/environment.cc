#include "db/environment.h"

#include <algorithm>

namespace omendb {
namespace {

// More threads than that are a mistake of the caller's, not a wish.
constexpr std::uint32_t kSearchThreadsMax = 256;

}  // namespace

SearchThreads::Lease SearchThreads::lease(std::uint32_t threads) {
  threads = std::min(threads, kSearchThreadsMax);
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
