#include "apps/bench/database.h"
#include "apps/bench/run.h"
#include "apps/bench/sweep.h"
#include "base/try.h"

namespace omendb::bench {

Result<void> bench_search(const BenchRun& run) {
  const BenchOptions& options = run.options;
  Workbench bench = OMEN_TRY(open_filled(run.directory, options, run.data, options.index));
  report_memory(run.report, bench.points);

  const PointSet points{run.data.base, run.data.metric, {}};
  const auto preparers = make_executor(cores(), Priority::Normal);
  const QuerySet queries = QuerySet::against_base(run.data, options.rows, options.k, kQueriesMax, *preparers);
  const auto searchers = make_executor(options.threads, Priority::Normal);
  report_curve(run.report, OMEN_TRY(measure_curve(bench.points, points, queries, options.k, *searchers)));
  return bench.database.close();
}

}  // namespace omendb::bench
