#include "apps/bench/timeline.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace omendb::bench {

std::vector<PlotPoint> over_time(std::span<const Sample> samples, double bucket_seconds,
                                 FunctionRef<double(std::vector<double>& values)> reduce) {
  std::map<long, std::vector<double>> buckets;
  for (const Sample& sample : samples) {
    buckets[std::lround(std::floor(sample.seconds / bucket_seconds))].push_back(sample.value);
  }
  std::vector<PlotPoint> points;
  for (auto& [bucket, values] : buckets) {
    points.push_back({(static_cast<double>(bucket) + 0.5) * bucket_seconds, reduce(values)});
  }
  return points;
}

double bucket_for(double seconds) { return std::max(0.1, seconds / 60); }

}  // namespace omendb::bench
