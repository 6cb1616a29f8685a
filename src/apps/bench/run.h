// One benchmark a file; each adds what it found to the report of its run.
#pragma once

#include <string>

#include "apps/bench/data.h"
#include "apps/bench/options.h"
#include "apps/bench/report.h"

namespace omendb::bench {

struct BenchRun {
  const BenchOptions& options;   // every default settled: rows, threads and batch_rows are at least 1
  const Dataset& data;
  const std::string& directory;  // of the database
  Report& report;
};

Result<void> bench_ingest(const BenchRun& run);  // rows acknowledged a second, against what the disk gives
Result<void> bench_search(const BenchRun& run);  // recall against queries per second, everything indexed
Result<void> bench_mixed(const BenchRun& run);   // a writer beside a searcher, until all is indexed and then idle
Result<void> bench_tail(const BenchRun& run);    // searches when nothing is indexed
Result<void> bench_build(const BenchRun& run);   // rows indexed a second, and the curve of the graph
Result<void> bench_churn(const BenchRun& run);   // after replacing and erasing, against a fresh import
Result<void> bench_open(const BenchRun& run);    // time to the first right answer after a kill while inserting

// The two processes that bench_open starts.
Result<void> open_insert(const BenchRun& run);
Result<void> open_answer(const BenchRun& run);

}  // namespace omendb::bench
