#include "apps/bench/recall.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace omendb::bench {
namespace {

// Questions answered in one walk over the base: 8 queries of 784 dimensions stay in the L1 cache.
constexpr std::size_t kQuestionsInWalk = 8;

// The walk ranks in float32; this many more than k are kept and ranked again in double.
constexpr std::size_t kSpare = 16;

// Two roundings of the same distance may differ by this share.
constexpr double kRounding = 1e-6;

struct Products {
  float query_row = 0;
  float row_row = 0;
};

// Independent sums, so that the compiler may use vector registers without reordering additions.
float dot(std::span<const float> a, std::span<const float> b) {
  std::array<float, 16> sums{};
  const std::size_t whole = a.size() / sums.size() * sums.size();
  for (std::size_t i = 0; i < whole; i += sums.size()) {
    for (std::size_t j = 0; j < sums.size(); ++j) sums[j] += a[i + j] * b[i + j];
  }
  float total = 0;
  for (const float sum : sums) total += sum;
  for (std::size_t i = whole; i < a.size(); ++i) total += a[i] * b[i];
  return total;
}

// Less the square of the query's length under L2, which is the same for all rows.
float rough_distance(Metric metric, Products products) {
  switch (metric) {
    case Metric::L2: return products.row_row - 2 * products.query_row;
    case Metric::Dot: return -products.query_row;
    case Metric::Cosine: return -products.query_row / std::sqrt(products.row_row);
    case Metric::L1: break;  // no set of points has it (bench/data.cc)
  }
  return 0;
}

double exact_distance(Metric metric, std::span<const float> query, std::span<const float> row) {
  double query_query = 0, row_row = 0, query_row = 0, squared = 0;
  for (std::size_t i = 0; i < query.size(); ++i) {
    const double q = query[i], r = row[i];
    query_query += q * q;
    row_row += r * r;
    query_row += q * r;
    squared += (q - r) * (q - r);
  }
  switch (metric) {
    case Metric::L2: return squared;
    case Metric::Dot: return -query_row;
    case Metric::Cosine: return 1 - query_row / std::sqrt(query_query * row_row);
    case Metric::L1: break;
  }
  return 0;
}

std::optional<std::uint64_t> row_of(const PointSet& points, std::uint64_t id) {
  if (points.row_of.empty()) return id < points.base.size() ? std::optional(id) : std::nullopt;
  if (id >= points.row_of.size() || points.row_of[id] == PointSet::kErased) return std::nullopt;
  return points.row_of[id];
}

// The best seen so far, by rough distance.
class Candidates {
 public:
  explicit Candidates(std::size_t capacity) : capacity_(capacity) {}

  void offer(float distance, std::uint64_t row) {
    if (heap_.size() == capacity_) {
      if (distance >= heap_.front().distance) return;
      std::pop_heap(heap_.begin(), heap_.end());
      heap_.pop_back();
    }
    heap_.push_back({distance, row});
    std::push_heap(heap_.begin(), heap_.end());
  }

  double kth_exact(const PointSet& points, std::span<const float> query, std::uint32_t k) const {
    if (heap_.empty()) return -std::numeric_limits<double>::infinity();
    std::vector<double> distances;
    for (const Candidate& candidate : heap_) {
      distances.push_back(exact_distance(points.metric, query, points.base.row(candidate.row)));
    }
    std::sort(distances.begin(), distances.end());
    return distances[std::min<std::size_t>(k, distances.size()) - 1];
  }

 private:
  struct Candidate {
    float distance;
    std::uint64_t row;
    bool operator<(const Candidate& other) const { return distance < other.distance; }
  };
  std::size_t capacity_;
  std::vector<Candidate> heap_;
};

void walk(const PointSet& points, std::span<const Question> questions, std::uint32_t k, std::span<double> kth) {
  std::uint64_t ids_end = 0;
  for (const Question& question : questions) ids_end = std::max(ids_end, question.ids_end);
  std::vector<Candidates> best(questions.size(), Candidates(k + kSpare));
  std::vector<float> vector(points.base.dimensions());
  for (std::uint64_t id = 0; id < ids_end; ++id) {
    const std::optional<std::uint64_t> row = row_of(points, id);
    if (!row) continue;
    points.base.copy(*row, vector);
    const float row_row = dot(vector, vector);
    for (std::size_t i = 0; i < questions.size(); ++i) {
      if (id >= questions[i].ids_end) continue;
      best[i].offer(rough_distance(points.metric, {dot(questions[i].query, vector), row_row}), *row);
    }
  }
  for (std::size_t i = 0; i < questions.size(); ++i) kth[i] = best[i].kth_exact(points, questions[i].query, k);
}

}  // namespace

std::vector<double> kth_distances(const PointSet& points, std::span<const Question> questions, std::uint32_t k,
                                  Executor& executor) {
  std::vector<double> kth(questions.size());
  executor.parallel_for(questions.size(), kQuestionsInWalk, [&](std::size_t begin, std::size_t end, std::size_t) {
    walk(points, questions.subspan(begin, end - begin), k, std::span(kth).subspan(begin, end - begin));
  });
  return kth;
}

double kth_distance(const PointSet& points, std::span<const float> query, std::span<const std::int32_t> neighbors,
                    std::uint32_t k) {
  const auto row = static_cast<std::uint64_t>(neighbors[k - 1]);
  return exact_distance(points.metric, query, points.base.row(row));
}

double recall_of(const PointSet& points, const Question& question, double kth_distance,
                 std::span<const std::uint64_t> answer, std::uint32_t k) {
  std::vector<std::uint64_t> ids(answer.begin(), answer.end());
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  const double limit = kth_distance + kRounding * std::abs(kth_distance) + 1e-9;
  std::uint64_t right = 0;
  for (const std::uint64_t id : ids) {
    if (id >= question.ids_end) continue;
    const std::optional<std::uint64_t> row = row_of(points, id);
    if (row && exact_distance(points.metric, question.query, points.base.row(*row)) <= limit) ++right;
  }
  std::uint64_t live = std::min<std::uint64_t>(k, question.ids_end);
  return live == 0 ? 1.0 : std::min(1.0, static_cast<double>(right) / static_cast<double>(live));
}

}  // namespace omendb::bench
