// How fast a count grows, lately.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>

namespace omendb {

// One thread.
class Rate {
 public:
  void add(std::uint64_t total);  // the count as of now

  // Over the last three seconds; 0 before there are two counts.
  double per_second() const;

 private:
  struct Sample {
    std::chrono::steady_clock::time_point at;
    std::uint64_t total;
  };
  std::deque<Sample> samples_;
};

}  // namespace omendb
