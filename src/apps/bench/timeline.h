// What happened when: samples gathered into equal stretches of time.
#pragma once

#include <span>
#include <vector>

#include "apps/bench/plot.h"
#include "base/function_ref.h"

namespace omendb::bench {

struct Sample {
  double seconds = 0;  // since the start
  double value = 0;
};

// One point for each stretch of `bucket_seconds` that has samples: `reduce` of their values, at the stretch's middle.
std::vector<PlotPoint> over_time(std::span<const Sample> samples, double bucket_seconds,
                                 FunctionRef<double(std::vector<double>& values)> reduce);

// A bucket that cuts `seconds` into about 60, of at least a tenth of a second.
double bucket_for(double seconds);

}  // namespace omendb::bench
