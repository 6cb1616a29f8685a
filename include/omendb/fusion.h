// Making one ranked list of several: by places, or by scores.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "omendb/point_id.h"

namespace omendb {

struct RankedPoint {
  PointId id;
  double score = 0;  // larger is better, in a fused list
};

// Best first. Of an id that comes twice, only the first place counts.
using RankedList = std::vector<RankedPoint>;

// Where places count, scores do not: the same lists in the same order give the same answer.
struct RankFusion {
  std::uint32_t k = 2;                  // 1 or more; the larger, the less the first places stand out
  std::span<const float> weights = {};  // one a list; none: 1 each. A list whose weight is not positive adds nothing.
};

// Reciprocal rank fusion: each list adds 1 / (place / weight + k - 1) to the scores of its points, the first place is 1.
// Best first; equal ones in the order they are first met, list by list.
RankedList fuse_by_rank(std::span<const RankedList> lists, const RankFusion& fusion = {});

// Distribution-based score fusion: each list adds its points' scores, moved and scaled so that the mean less three
// standard deviations (of the sample) becomes 0 and the mean plus three becomes 1; 0.5 each where all scores are equal.
// Best first; equal ones in the order they are first met, list by list.
RankedList fuse_by_score(std::span<const RankedList> lists);

}  // namespace omendb
