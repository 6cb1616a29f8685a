#include "apps/bench/database.h"
#include "apps/bench/run.h"
#include "apps/bench/stopwatch.h"
#include "apps/bench/sweep.h"
#include "base/try.h"

namespace omendb::bench {

// The rows are there first, so that the clock runs for the index alone.
Result<void> bench_build(const BenchRun& run) {
  const BenchOptions& options = run.options;
  Report& report = run.report;
  Workbench unindexed = OMEN_TRY(open_empty(run.directory, options, run.data, /*index=*/false, options.threads));
  OMEN_TRY(fill(unindexed.points, options, run.data.base, 0, options.rows));
  OMEN_TRY(unindexed.database.close());

  const Stopwatch build;
  Workbench bench = OMEN_TRY(open_workbench(run.directory, options, run.data, /*index=*/true, options.threads));
  OMEN_TRY(wait_until_indexed(bench.points));
  const double seconds = build.seconds();
  report.figure("build_s", seconds, 2);
  report.figure("rows_per_s", static_cast<double>(options.rows) / seconds);
  report_memory(report, bench.points);

  const PointSet points{run.data.base, run.data.metric, {}};
  const auto preparers = make_executor(cores(), Priority::Normal);
  const QuerySet queries = QuerySet::against_base(run.data, options.rows, options.k, kQueriesMax, *preparers);
  const auto searcher = make_executor(1, Priority::Normal);
  report_curve(report, OMEN_TRY(measure_curve(bench.points, points, queries, options.k, *searcher)));
  return bench.database.close();
}

}  // namespace omendb::bench
