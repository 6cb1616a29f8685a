// How often each route was called and how long it took, in Prometheus' words.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace omendb {

class Metrics {
 public:
  static constexpr std::size_t kRoutesMax = 128;
  // Upper bounds of the histogram, in microseconds; longer calls have a bucket of their own.
  static constexpr std::array<std::uint64_t, 10> kBounds = {200,    500,    1'000,   2'000,   5'000,
                                                            10'000, 50'000, 100'000, 500'000, 2'000'000};

  void count(std::size_t route, int status, std::chrono::microseconds took);

  struct RouteCount {
    std::uint64_t ok = 0;            // 2xx
    std::uint64_t failed = 0;        // the others
    std::uint64_t microseconds = 0;  // of all
    std::array<std::uint64_t, kBounds.size() + 1> buckets{};
  };
  RouteCount of(std::size_t route) const;

 private:
  // Counters that stand for themselves: nothing else becomes visible through them.
  struct Counters {
    std::atomic<std::uint64_t> ok{0};
    std::atomic<std::uint64_t> failed{0};
    std::atomic<std::uint64_t> microseconds{0};
    std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> buckets{};
  };
  std::array<Counters, kRoutesMax> routes_;
};

}  // namespace omendb
