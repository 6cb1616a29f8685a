// The curve of recall against queries per second: one point for each search effort.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "apps/bench/data.h"
#include "apps/bench/recall.h"
#include "apps/bench/report.h"
#include "omendb/collection.h"
#include "os/executor.h"

namespace omendb::bench {

constexpr std::size_t kQueriesMax = 10'000;

// Queries whose true neighbours are known.
class QuerySet {
 public:
  // Against the first `rows` rows: from the data set's own file where it tells, else computed for fewer queries.
  static QuerySet against_base(const Dataset& data, std::uint64_t rows, std::uint32_t k, std::size_t queries_max,
                               Executor& executor);
  static QuerySet computed(const VectorFile& queries, const PointSet& points, std::uint64_t ids_end, std::uint32_t k,
                           std::size_t queries_max, Executor& executor);

  std::size_t size() const { return kth_.size(); }
  std::span<const float> query(std::size_t i) const { return std::span(vectors_).subspan(i * width_, width_); }
  double recall(const PointSet& points, std::span<const std::vector<std::uint64_t>> answers, std::uint32_t k) const;

 private:
  QuerySet(const VectorFile& queries, std::size_t count, std::uint64_t ids_end);
  Question question(std::size_t i) const { return {query(i), ids_end_}; }

  std::size_t width_;
  std::uint64_t ids_end_;
  std::vector<float> vectors_;
  std::vector<double> kth_;
};

struct SearchPass {
  double seconds = 0;
  std::vector<double> milliseconds;                // by query
  std::vector<std::vector<std::uint64_t>> answers;  // by query

  double qps() const { return static_cast<double>(milliseconds.size()) / seconds; }
};

// Every query once, each of the executor's threads one after the other without a pause.
Result<SearchPass> search_all(const Collection& points, const QuerySet& queries, const SearchOptions& options,
                              Executor& executor);

struct CurvePoint {
  std::uint32_t ef = 0;
  double recall = 0;
  double qps = 0;
  double p50_ms = 0;
  double p99_ms = 0;
};

// After a warm-up pass, the best of three passes for each ef from k up by half, until recall passes 0.999 or ef 1,024.
Result<std::vector<CurvePoint>> measure_curve(const Collection& collection, const PointSet& points,
                                              const QuerySet& queries, std::uint32_t k, Executor& executor);

void report_curve(Report& report, const std::vector<CurvePoint>& curve);

}  // namespace omendb::bench
