#include "server/metrics.h"

#include <algorithm>

namespace omendb {

void Metrics::count(std::size_t route, int status, std::chrono::microseconds took) {
  Counters& counters = routes_[std::min(route, kRoutesMax - 1)];
  const auto microseconds = static_cast<std::uint64_t>(took.count());
  const auto bucket =
      static_cast<std::size_t>(std::lower_bound(kBounds.begin(), kBounds.end(), microseconds) - kBounds.begin());
  (status < 300 ? counters.ok : counters.failed).fetch_add(1, std::memory_order_relaxed);
  counters.microseconds.fetch_add(microseconds, std::memory_order_relaxed);
  counters.buckets[bucket].fetch_add(1, std::memory_order_relaxed);
}

Metrics::RouteCount Metrics::of(std::size_t route) const {
  const Counters& counters = routes_[route];
  RouteCount count{.ok = counters.ok.load(std::memory_order_relaxed),
                   .failed = counters.failed.load(std::memory_order_relaxed),
                   .microseconds = counters.microseconds.load(std::memory_order_relaxed)};
  for (std::size_t i = 0; i < count.buckets.size(); ++i) {
    count.buckets[i] = counters.buckets[i].load(std::memory_order_relaxed);
  }
  return count;
}

}  // namespace omendb
