// A process that is inserting is killed; another opens what it left. Time runs from the call of open to the answer.
#include <cstdio>
#include <sstream>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "apps/bench/database.h"
#include "apps/bench/process.h"
#include "apps/bench/run.h"
#include "apps/bench/stopwatch.h"
#include "base/try.h"

namespace omendb::bench {
namespace {

// Nine tenths are indexed before; the rest is tail, and in part only in the log, when the process dies.
std::uint64_t rows_before(const BenchOptions& options) { return options.rows / 10 * 9; }

std::vector<std::string> child_arguments(std::string_view kind, const BenchRun& run, std::uint64_t rows) {
  const BenchOptions& options = run.options;
  std::vector<std::string> arguments = {
      "bench", std::string(kind), "--data", options.data_directory, "--db", run.directory, "--keep",
      "--rows", std::to_string(rows), "--batch", std::to_string(options.batch_rows), "--k", std::to_string(options.k),
      "--payload-bytes", std::to_string(options.payload_bytes), "--threads", std::to_string(options.threads),
      "--datatype", std::string(name_of(options.datatype))};
  if (!options.index) arguments.push_back("--no-index");
  return arguments;
}

void say(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

Result<std::uint64_t> number_in(const std::string& line) {
  std::istringstream words(line);
  std::uint64_t number = 0;
  if (words >> number) return number;
  return Error{ErrorCode::IoError, fmt::format("the child process said \"{}\"", line)};
}

// Rows acknowledged as durable when the process was killed, in the middle of the next batch.
Result<std::uint64_t> insert_and_kill(const BenchRun& run) {
  ChildProcess child = OMEN_TRY(ChildProcess::start(child_arguments("open-insert", run, run.options.rows)));
  std::uint64_t acknowledged = 0;
  while (acknowledged + 2 * run.options.batch_rows < run.options.rows || acknowledged == 0) {
    const std::string line = OMEN_TRY(child.read_line());
    acknowledged = OMEN_TRY(number_in(line));
  }
  child.kill();
  return acknowledged;
}

struct FirstAnswer {
  double open_ms = 0;
  double first_answer_ms = 0;
  double second_answer_ms = 0;
  std::uint64_t points = 0;
};

Result<FirstAnswer> open_and_ask(const BenchRun& run, std::uint64_t acknowledged) {
  ChildProcess child = OMEN_TRY(ChildProcess::start(child_arguments("open-answer", run, acknowledged)));
  const std::string line = OMEN_TRY(child.read_line());
  OMEN_TRY(child.wait());
  std::istringstream words(line);
  FirstAnswer answer;
  if (words >> answer.open_ms >> answer.first_answer_ms >> answer.second_answer_ms >> answer.points) return answer;
  return Error{ErrorCode::IoError, fmt::format("the child process said \"{}\"", line)};
}

// The point acknowledged last must be among the answers to its own vector.
Result<void> ask_for_last(const Collection& points, const BenchRun& run) {
  const std::uint64_t last = run.options.rows - 1;
  const SearchResult result = OMEN_TRY(points.search(run.data.base.row(last), search_for(run.options.k, 0)));
  for (const std::uint64_t id : ids_of(result)) {
    if (id == last) return {};
  }
  return Error{ErrorCode::DataLoss, fmt::format("point {}, acknowledged before the kill, is not found", last)};
}

}  // namespace

Result<void> bench_open(const BenchRun& run) {
  const std::uint64_t acknowledged = OMEN_TRY(insert_and_kill(run));
  const FirstAnswer answer = OMEN_TRY(open_and_ask(run, acknowledged));
  Report& report = run.report;
  report.figure("acknowledged", static_cast<double>(acknowledged));
  report.figure("points", static_cast<double>(answer.points));
  report.figure("open_ms", answer.open_ms, 2);
  report.figure("first_answer_ms", answer.first_answer_ms, 2);
  report.figure("second_answer_ms", answer.second_answer_ms, 2);
  report.note(
      "From the call of open, in a new process after SIGKILL, to the right answer; the files are in the page cache.");

  Workbench bench =
      OMEN_TRY(open_workbench(run.directory, run.options, run.data, run.options.index, run.options.threads));
  if (run.options.index) OMEN_TRY(wait_until_indexed(bench.points));
  report_memory(report, bench.points);
  return bench.database.close();
}

Result<void> open_insert(const BenchRun& run) {
  const BenchOptions& options = run.options;
  Workbench bench = OMEN_TRY(open_empty(run.directory, options, run.data, options.index, options.threads));
  OMEN_TRY(fill(bench.points, options, run.data.base, 0, rows_before(options)));
  if (options.index) OMEN_TRY(wait_until_indexed(bench.points));
  BatchMaker maker(run.data.base, options.payload_bytes);
  for (std::uint64_t row = rows_before(options); row < options.rows; row += options.batch_rows) {
    const std::uint64_t end = std::min(options.rows, row + options.batch_rows);
    OMEN_TRY(bench.points.upsert(maker.rows(row, end), Wait::Durable));
    say(std::to_string(end));
  }
  std::this_thread::sleep_for(std::chrono::minutes(1));  // to be killed; never to end in order
  return Error{ErrorCode::TimedOut, "nobody killed this process"};
}

Result<void> open_answer(const BenchRun& run) {
  const Stopwatch clock;
  Workbench bench =
      OMEN_TRY(open_workbench(run.directory, run.options, run.data, run.options.index, run.options.threads));
  const double open_ms = clock.milliseconds();
  OMEN_TRY(ask_for_last(bench.points, run));
  const double first_ms = clock.milliseconds();
  const Stopwatch again;
  OMEN_TRY(ask_for_last(bench.points, run));
  say(fmt::format("{:.3f} {:.3f} {:.3f} {}", open_ms, first_ms, again.milliseconds(), bench.points.count()));
  return bench.database.close();
}

}  // namespace omendb::bench
