#include "apps/rate.h"

#include "os/clock.h"

namespace omendb {
namespace {

constexpr std::chrono::seconds kWindow{3};

}  // namespace

void Rate::add(std::uint64_t total) {
  const auto now = steady_clock().now();
  // Samples of the same tenth of a second are one, so that the window holds thirty of them.
  if (samples_.size() >= 2 && now - samples_[samples_.size() - 2].at < std::chrono::milliseconds(100))
    samples_.pop_back();
  samples_.push_back({now, total});
  while (samples_.size() > 2 && now - samples_[1].at >= kWindow) samples_.pop_front();
}

double Rate::per_second() const {
  if (samples_.size() < 2) return 0;
  const Sample& first = samples_.front();
  const Sample& last = samples_.back();
  const double seconds = std::chrono::duration<double>(last.at - first.at).count();
  if (seconds <= 0 || last.total <= first.total) return 0;
  return static_cast<double>(last.total - first.total) / seconds;
}

}  // namespace omendb
