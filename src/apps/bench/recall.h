// Recall: which share of the true k nearest an answer holds. Computed when the clock has stopped, from vectors alone.
//
// Ties count by distance: an id is right if its point was live and lies no farther away than the true k-th neighbour.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "apps/bench/data.h"
#include "os/executor.h"

namespace omendb::bench {

// Which vector of the base every id stood for.
struct PointSet {
  static constexpr std::uint32_t kErased = std::numeric_limits<std::uint32_t>::max();

  const VectorFile& base;
  Metric metric;
  std::vector<std::uint32_t> row_of;  // by id; kErased: not live. Empty: id i is row i.
};

// A search, and the moment it was asked about.
struct Question {
  std::span<const float> query;
  std::uint64_t ids_end = 0;  // ids from here on did not exist yet
};

// The distance of the k-th nearest live point, or of the farthest if there are fewer. Smaller is nearer under every
// metric; the unit is an inner matter of this file. Compares with every point: about 30 ms a question for a million
// of 128 dimensions.
std::vector<double> kth_distances(const PointSet& points, std::span<const Question> questions, std::uint32_t k,
                                  Executor& executor);

// The same for the queries of a data set against its whole base, from its groundtruth file.
double kth_distance(const PointSet& points, std::span<const float> query, std::span<const std::int32_t> neighbors,
                    std::uint32_t k);

double recall_of(const PointSet& points, const Question& question, double kth_distance,
                 std::span<const std::uint64_t> answer, std::uint32_t k);

}  // namespace omendb::bench
