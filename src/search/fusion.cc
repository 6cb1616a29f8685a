#include "omendb/fusion.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/assert.h"

namespace omendb {
namespace {

// Sums of scores, in the order in which ids are first met.
class Sums {
 public:
  void add(PointId id, double score) {
    const auto [found, is_new] = places_.try_emplace(id, points_.size());
    if (is_new) points_.push_back({id, 0});
    points_[found->second].score += score;
  }

  RankedList best_first() && {
    std::ranges::sort(points_, [&](const RankedPoint& a, const RankedPoint& b) {
      return a.score != b.score ? a.score > b.score : places_.at(a.id) < places_.at(b.id);
    });
    return std::move(points_);
  }

 private:
  std::map<PointId, std::size_t> places_;
  RankedList points_;
};

double reciprocal(std::size_t place, double weight, std::uint32_t k) {
  if (!(weight > 0)) return 0;
  return 1 / (static_cast<double>(place) / weight + k - 1);
}

// Each id at its first place.
RankedList without_repeats(const RankedList& list) {
  std::set<PointId> seen;
  RankedList points;
  std::ranges::copy_if(list, std::back_inserter(points), [&](const RankedPoint& p) { return seen.insert(p.id).second; });
  return points;
}

// Moves and scales scores: those within three standard deviations of the mean come to lie between 0 and 1.
class Normalisation {
 public:
  explicit Normalisation(const RankedList& points) {
    const auto count = static_cast<double>(points.size());
    double sum = 0;
    for (const RankedPoint& point : points) sum += point.score;
    const double mean = sum / count;
    double squares = 0;
    for (const RankedPoint& point : points) squares += (point.score - mean) * (point.score - mean);
    const double deviation = points.size() < 2 ? 0 : std::sqrt(squares / (count - 1));
    low_ = mean - 3 * deviation;
    width_ = mean + 3 * deviation - low_;
  }

  double operator()(double score) const { return width_ > 0 ? (score - low_) / width_ : 0.5; }

 private:
  double low_ = 0;
  double width_ = 0;
};

}  // namespace

RankedList fuse_by_rank(std::span<const RankedList> lists, const RankFusion& fusion) {
  OMEN_ASSERT(fusion.weights.empty() || fusion.weights.size() == lists.size());
  Sums sums;
  for (std::size_t l = 0; l < lists.size(); ++l) {
    const double weight = fusion.weights.empty() ? 1 : static_cast<double>(fusion.weights[l]);
    std::set<PointId> seen;
    for (std::size_t i = 0; i < lists[l].size(); ++i) {
      const PointId id = lists[l][i].id;
      if (seen.insert(id).second) sums.add(id, reciprocal(i + 1, weight, fusion.k));
    }
  }
  return std::move(sums).best_first();
}

RankedList fuse_by_score(std::span<const RankedList> lists) {
  Sums sums;
  for (const RankedList& list : lists) {
    const RankedList points = without_repeats(list);
    const Normalisation normalised(points);
    for (const RankedPoint& point : points) sums.add(point.id, normalised(point.score));
  }
  return std::move(sums).best_first();
}

}  // namespace omendb
