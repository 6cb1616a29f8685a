#include "apps/bench/database.h"
#include "apps/bench/run.h"
#include "apps/bench/stopwatch.h"
#include "apps/bench/sweep.h"
#include "base/try.h"

namespace omendb::bench {
namespace {

constexpr std::size_t kTailQueriesMax = 1'000;  // a scan of a million rows takes milliseconds

}  // namespace

Result<void> bench_tail(const BenchRun& run) {
  const BenchOptions& options = run.options;
  Report& report = run.report;
  const bool no_index = false;
  Workbench bench = OMEN_TRY(open_filled(run.directory, options, run.data, no_index));

  const PointSet points{run.data.base, run.data.metric, {}};
  const auto preparers = make_executor(cores(), Priority::Normal);
  const QuerySet queries = QuerySet::against_base(run.data, options.rows, options.k, kTailQueriesMax, *preparers);
  const auto one_after_the_other = make_executor(1, Priority::Normal);
  const SearchOptions search = search_for(options.k, options.ef, options.threads);
  OMEN_TRY(search_all(bench.points, queries, search, *one_after_the_other));  // warms up
  SearchPass pass = OMEN_TRY(search_all(bench.points, queries, search, *one_after_the_other));

  report.figure("tail_rows", static_cast<double>(bench.points.progress().tail));
  report.figure("p50_ms", percentile(pass.milliseconds, 0.5), 3);
  report.figure("p99_ms", percentile(pass.milliseconds, 0.99), 3);
  report.figure("recall", queries.recall(points, pass.answers, options.k), 5);
  report_memory(report, bench.points);
  return bench.database.close();
}

}  // namespace omendb::bench
