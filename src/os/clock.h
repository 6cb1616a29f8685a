// Time, as a thing to pass in.
#pragma once

#include <chrono>

namespace omendb {

class Clock {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  virtual ~Clock() = default;
  virtual time_point now() const = 0;
};

Clock& steady_clock();

// A clock that stands still until it is moved. One thread.
class ManualClock : public Clock {
 public:
  time_point now() const override { return now_; }
  void advance(std::chrono::steady_clock::duration by) { now_ += by; }

 private:
  time_point now_{};
};

}  // namespace omendb
