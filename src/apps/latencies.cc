#include "apps/latencies.h"

#include <algorithm>
#include <cmath>

namespace omendb {

void Latencies::add(std::uint64_t microseconds) {
  if (kept_.size() < kept_max_) {
    kept_.push_back(microseconds);
  } else {
    kept_[count_ % kept_max_] = microseconds;
  }
  ++count_;
}

double Latencies::milliseconds(double share) const {
  if (kept_.empty()) return 0;
  std::vector<std::uint64_t> sorted = kept_;
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  const auto nth = sorted.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(rank, 1) - 1);
  std::nth_element(sorted.begin(), nth, sorted.end());
  return static_cast<double>(*nth) / 1000;
}

}  // namespace omendb
