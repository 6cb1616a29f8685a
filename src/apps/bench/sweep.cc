#include "apps/bench/sweep.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "apps/bench/database.h"
#include "apps/bench/stopwatch.h"
#include "base/try.h"

namespace omendb::bench {
namespace {

constexpr std::size_t kComputedQueriesMax = 1'000;  // 15 s of two cores for a million points of 128 dimensions
constexpr std::uint32_t kEfMax = 2'048;
constexpr double kRecallEnough = 0.999;
constexpr int kPasses = 3;

std::vector<std::uint32_t> efforts(std::uint32_t k) {
  std::vector<std::uint32_t> list;
  for (double ef = k; ef < kEfMax; ef *= 1.5) list.push_back(static_cast<std::uint32_t>(ef));
  list.push_back(std::max(k, kEfMax));
  return list;
}

}  // namespace

QuerySet::QuerySet(const VectorFile& queries, std::size_t count, std::uint64_t ids_end)
    : width_(queries.dimensions()), ids_end_(ids_end), vectors_(count * width_), kth_(count) {
  for (std::size_t i = 0; i < count; ++i) queries.copy(i, std::span(vectors_).subspan(i * width_, width_));
}

QuerySet QuerySet::against_base(const Dataset& data, std::uint64_t rows, std::uint32_t k, std::size_t queries_max,
                                Executor& executor) {
  const PointSet points{data.base, data.metric, {}};
  const bool known =
      rows == data.base.size() && data.neighbors.width >= k && data.neighbors.size() >= data.queries.size();
  if (!known) return computed(data.queries, points, rows, k, queries_max, executor);
  QuerySet set(data.queries, std::min<std::size_t>(data.queries.size(), queries_max), rows);
  for (std::size_t i = 0; i < set.size(); ++i) set.kth_[i] = kth_distance(points, set.query(i), data.neighbors[i], k);
  return set;
}

QuerySet QuerySet::computed(const VectorFile& queries, const PointSet& points, std::uint64_t ids_end, std::uint32_t k,
                            std::size_t queries_max, Executor& executor) {
  QuerySet set(queries, std::min<std::size_t>({queries.size(), queries_max, kComputedQueriesMax}), ids_end);
  std::vector<Question> questions;
  for (std::size_t i = 0; i < set.size(); ++i) questions.push_back(set.question(i));
  set.kth_ = kth_distances(points, questions, k, executor);
  return set;
}

double QuerySet::recall(const PointSet& points, std::span<const std::vector<std::uint64_t>> answers,
                        std::uint32_t k) const {
  std::vector<double> recalls;
  for (std::size_t i = 0; i < answers.size(); ++i)
    recalls.push_back(recall_of(points, question(i), kth_[i], answers[i], k));
  return mean(recalls);
}

Result<SearchPass> search_all(const Collection& points, const QuerySet& queries, const SearchOptions& options,
                              Executor& executor) {
  SearchPass pass;
  pass.milliseconds.resize(queries.size());
  pass.answers.resize(queries.size());
  std::mutex mutex;
  std::optional<Error> first_error;  // under `mutex`
  const Stopwatch whole;
  executor.parallel_for(queries.size(), 16, [&](std::size_t begin, std::size_t end, std::size_t) {
    for (std::size_t i = begin; i < end; ++i) {
      const Stopwatch one;
      Result<SearchResult> result = points.search(queries.query(i), options);
      pass.milliseconds[i] = one.milliseconds();
      if (result.ok()) {
        pass.answers[i] = ids_of(*result);
        continue;
      }
      std::lock_guard lock(mutex);
      first_error = std::move(result.error());
    }
  });
  pass.seconds = whole.seconds();
  if (first_error) return *std::move(first_error);
  return pass;
}

Result<std::vector<CurvePoint>> measure_curve(const Collection& collection, const PointSet& points,
                                              const QuerySet& queries, std::uint32_t k, Executor& executor) {
  std::vector<CurvePoint> curve;
  for (const std::uint32_t ef : efforts(k)) {
    const SearchOptions options = search_for(k, ef);
    if (curve.empty()) OMEN_TRY(search_all(collection, queries, options, executor));
    SearchPass best = OMEN_TRY(search_all(collection, queries, options, executor));
    for (int again = 1; again < kPasses; ++again) {
      SearchPass pass = OMEN_TRY(search_all(collection, queries, options, executor));
      if (pass.qps() > best.qps()) best = std::move(pass);
    }
    const double recall = queries.recall(points, best.answers, k);
    curve.push_back({ef, recall, best.qps(), percentile(best.milliseconds, 0.5), percentile(best.milliseconds, 0.99)});
    if (recall > kRecallEnough) break;
  }
  return curve;
}

void report_curve(Report& report, const std::vector<CurvePoint>& curve) {
  std::vector<Report::Fields> rows;
  Series series{"OmenDB", {}};
  for (const CurvePoint& point : curve) {
    rows.push_back({{"ef", {static_cast<double>(point.ef), 0}},
                    {"recall", {point.recall, 5}},
                    {"qps", {point.qps, 1}},
                    {"p50_ms", {point.p50_ms, 4}},
                    {"p99_ms", {point.p99_ms, 4}}});
    series.points.push_back({point.recall, point.qps});
  }
  report.list("curve", rows);
  report.chart({.title = "Recall against queries per second", .x_label = "recall", .y_label = "queries per second",
                .log_y = true, .series = {std::move(series)}});
}

}  // namespace omendb::bench
