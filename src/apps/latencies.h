// Times of many searches, and their percentiles.
#pragma once

#include <cstdint>
#include <vector>

namespace omendb {

// Keeps the last `kept_max` times. One thread.
class Latencies {
 public:
  explicit Latencies(std::size_t kept_max) : kept_max_(kept_max) {}

  void add(std::uint64_t microseconds);
  std::uint64_t count() const { return count_; }

  // The time that this share of the kept ones does not exceed, in milliseconds; 0 if there are none.
  double milliseconds(double share) const;

 private:
  std::size_t kept_max_;
  std::vector<std::uint64_t> kept_;  // a ring once it is full
  std::uint64_t count_ = 0;
};

}  // namespace omendb
