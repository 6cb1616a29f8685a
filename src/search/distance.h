// The internal distance: smaller is nearer, one unit for exact distances, codes and thresholds.
//
//   L2      squared Euclidean distance
//   Dot     minus the inner product
//   Cosine  1 - cosine similarity
//   L1      the distance itself
#pragma once

#include <cmath>

#include "omendb/types.h"

namespace omendb {

// What the user sees for an internal distance, and back.
inline float score_of(Metric metric, float distance) {
  switch (metric) {
    case Metric::L2: return std::sqrt(distance > 0 ? distance : 0);
    case Metric::Dot: return -distance;
    case Metric::Cosine: return 1 - distance;
    case Metric::L1: return distance;
  }
  return distance;
}

inline float distance_of(Metric metric, float score) {
  switch (metric) {
    case Metric::L2: return score < 0 ? -1.0f : score * score;  // nothing is nearer than 0
    case Metric::Dot: return -score;
    case Metric::Cosine: return 1 - score;
    case Metric::L1: return score;
  }
  return score;
}

}  // namespace omendb
