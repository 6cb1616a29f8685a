#include <algorithm>
#include <numeric>
#include <vector>

#include "apps/bench/database.h"
#include "apps/bench/run.h"
#include "apps/bench/stopwatch.h"
#include "apps/bench/timeline.h"
#include "base/bytes.h"
#include "base/try.h"

namespace omendb::bench {
namespace {

// An accepted write is flushed within this time, so the bare disk is flushed as often.
constexpr double kFlushSeconds = 0.2;

// The bare disk shows its rate well before.
constexpr double kDiskSecondsMax = 10;

// Rows a second of a client that appends the same bytes to one file in place of a database.
Result<double> disk_rows_per_second(const BenchRun& run) {
  const BenchOptions& options = run.options;
  const Bytes batch(options.batch_rows * point_bytes(run.data.base, options.payload_bytes), std::byte{0x5A});
  const std::uint64_t batches = (options.rows + options.batch_rows - 1) / options.batch_rows;
  const std::string path = join_path(run.directory, "bare-disk");
  const std::unique_ptr<File> file = OMEN_TRY(real_disk().open(path, OpenMode::CreateNew));
  OMEN_TRY(file->reserve(batches * batch.size()));
  OMEN_TRY(file->sync());

  const Stopwatch whole;
  Stopwatch since_flush;
  std::uint64_t written = 0;
  for (; written < batches && whole.seconds() < kDiskSecondsMax; ++written) {
    OMEN_TRY(file->write(written * batch.size(), batch));
    if (options.wait == Wait::Accepted && since_flush.seconds() < kFlushSeconds) continue;
    OMEN_TRY(file->sync());
    since_flush = Stopwatch();
  }
  const double seconds = whole.seconds();
  OMEN_TRY(real_disk().remove(path));
  return static_cast<double>(written * options.batch_rows) / seconds;
}

struct Ingest {
  std::vector<double> batch_ms;
  std::vector<Sample> rows;  // acknowledged with each batch
  std::vector<Sample> tail;
};

Result<Ingest> ingest(Collection& points, const BenchRun& run) {
  const BenchOptions& options = run.options;
  BatchMaker maker(run.data.base, options.payload_bytes);
  Ingest found;
  const Stopwatch clock;
  for (std::uint64_t row = 0; row < options.rows; row += options.batch_rows) {
    const std::uint64_t end = std::min(options.rows, row + options.batch_rows);
    const Batch batch = maker.rows(row, end);
    const Stopwatch call;
    OMEN_TRY(points.upsert(batch, options.wait));
    found.batch_ms.push_back(call.milliseconds());
    found.rows.push_back({clock.seconds(), static_cast<double>(end - row)});
    found.tail.push_back({clock.seconds(), static_cast<double>(points.progress().tail)});
  }
  return found;
}

void add_charts(Report& report, const Ingest& found) {
  const double bucket = bucket_for(found.rows.back().seconds);
  const auto rate = [&](std::vector<double>& rows) { return std::accumulate(rows.begin(), rows.end(), 0.0) / bucket; };
  const auto slowest = [](std::vector<double>& values) { return percentile(values, 1); };
  report.chart({.title = "Rows acknowledged a second", .x_label = "seconds", .y_label = "rows a second", .log_y = false,
                .series = {{"acknowledged", over_time(found.rows, bucket, rate)}}});
  report.chart({.title = "Tail: rows accepted, not yet indexed", .x_label = "seconds",
                .y_label = "rows", .log_y = false,
                .series = {{"tail", over_time(found.tail, bucket, slowest)}}});
}

}  // namespace

Result<void> bench_ingest(const BenchRun& run) {
  const BenchOptions& options = run.options;
  Report& report = run.report;
  const double disk_rows = OMEN_TRY(disk_rows_per_second(run));
  Workbench bench = OMEN_TRY(open_empty(run.directory, options, run.data, options.index, options.threads));
  Ingest found = OMEN_TRY(ingest(bench.points, run));
  const Stopwatch after;

  const double call_seconds = std::accumulate(found.batch_ms.begin(), found.batch_ms.end(), 0.0) / 1e3;
  const double p50 = percentile(found.batch_ms, 0.5), p999 = percentile(found.batch_ms, 0.999);
  report.text("wait", options.wait == Wait::Durable ? "durable" : "accepted");
  report.figure("batch_rows", static_cast<double>(options.batch_rows));
  report.figure("payload_bytes", options.payload_bytes);
  report.figure("acked_rows_per_s", static_cast<double>(options.rows) / call_seconds);
  report.figure("batch_p50_ms", p50, 3);
  report.figure("batch_p999_ms", p999, 3);
  report.figure("batch_p999_to_p50", p999 / p50, 2);
  report.figure("disk_rows_per_s", disk_rows);
  report.figure("share_of_disk", static_cast<double>(options.rows) / call_seconds / disk_rows, 3);
  report.note("Rates count the time inside the database's calls; the client's own work of making a batch is left out.");
  add_charts(report, found);
  if (options.index) {
    OMEN_TRY(wait_until_indexed(bench.points));
    report.figure("indexed_after_s", after.seconds(), 2);
  }
  report_memory(report, bench.points);
  return bench.database.close();
}

}  // namespace omendb::bench
