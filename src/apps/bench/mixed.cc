// A writer beside a searcher. The writer is a background thread, the searcher the calling one.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>
#include <numeric>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "apps/bench/database.h"
#include "apps/bench/recall.h"
#include "apps/bench/run.h"
#include "apps/bench/stopwatch.h"
#include "apps/bench/timeline.h"
#include "base/try.h"

namespace omendb::bench {
namespace {

constexpr std::uint64_t kNewestEvery = 25;     // every 25th search asks for the row acknowledged last
constexpr double kAfterSecondsMin = 2;         // idle searches last as long as the others, within these bounds
constexpr double kAfterSecondsMax = 15;        // 750 answers at 50 a second
constexpr double kProgressSeconds = 0.25;
constexpr std::size_t kRecallSamples = 200;    // of each phase: 6 s of two cores against a million rows

struct Acknowledgement {
  Lsn lsn = 0;
  std::uint64_t rows = 0;  // findable from this LSN on
  double seconds = 0;
  double milliseconds = 0;
};

// Inserts rows [begin, end) in order, as fast as they are taken or at a rate kept by an absolute schedule.
class Writer {
 public:
  Writer(Collection points, const BenchRun& run, std::uint64_t begin, const Stopwatch& clock)
      : points_(std::move(points)),
        options_(run.options),
        maker_(run.data.base, run.options.payload_bytes),
        clock_(clock),
        begin_(begin),
        next_(begin),
        acknowledged_(begin),
        thread_(std::make_unique<Worker>("bench-writer", Priority::Normal, [this] { return step(); })) {
    thread_->wake();
  }

  std::uint64_t acknowledged() const { return acknowledged_.load(std::memory_order_acquire); }
  bool done() const { return done_.load(std::memory_order_acquire); }

  // After done(): what happened.
  Result<std::vector<Acknowledgement>> finish() {
    thread_.reset();
    if (error_) return *std::move(error_);
    return std::move(log_);
  }

 private:
  using Rest = std::optional<std::chrono::milliseconds>;

  Rest step() {
    if (done()) return std::nullopt;
    const double wait = seconds_until_due();
    if (wait > 0) return std::chrono::milliseconds(std::lround(std::ceil(wait * 1e3)));
    const std::uint64_t end = std::min(options_.rows, next_ + options_.batch_rows);
    const Batch batch = maker_.rows(next_, end);
    const Stopwatch call;
    const Result<WriteReceipt> receipt = points_.upsert(batch, options_.wait);
    if (!receipt.ok()) {
      error_ = receipt.error();
      done_.store(true, std::memory_order_release);
      return std::nullopt;
    }
    log_.push_back({receipt->lsn, end, clock_.seconds(), call.milliseconds()});
    next_ = end;
    acknowledged_.store(end, std::memory_order_release);
    if (next_ >= options_.rows) done_.store(true, std::memory_order_release);
    return std::chrono::milliseconds(0);
  }

  double seconds_until_due() const {
    if (options_.insert_rate <= 0) return 0;
    return static_cast<double>(next_ - begin_) / options_.insert_rate - clock_.seconds();
  }

  // Writer's thread only; the others after done() and finish().
  Collection points_;
  const BenchOptions& options_;
  BatchMaker maker_;
  const Stopwatch& clock_;
  std::uint64_t begin_;
  std::uint64_t next_;
  std::vector<Acknowledgement> log_;
  std::optional<Error> error_;

  // Stored by the writer's thread, loaded by the searcher: rows below can be asked for; no further write will come.
  std::atomic<std::uint64_t> acknowledged_;
  std::atomic<bool> done_{false};

  std::unique_ptr<Worker> thread_;  // last: it ends before what it uses
};

struct Answer {
  std::uint64_t query = 0;               // row of the queries, or of the base if it asks for the newest
  bool asks_for_newest = false;
  double seconds = 0;                    // when it was sent
  double late_ms = 0;                    // behind the schedule
  double milliseconds = 0;
  Lsn lsn = 0;
  std::vector<std::uint64_t> ids;
};

// Searches paced by an absolute schedule. Latency counts from the moment a query is really sent; how late that was is
// kept as well.
class Searcher {
 public:
  Searcher(Collection points, const BenchRun& run, const Stopwatch& clock)
      : points_(std::move(points)), run_(run), clock_(clock) {}

  // Until `enough` says so, asked before each search. `newest` is the row that every 25th query asks for.
  template <class Enough, class Newest>
  Result<std::vector<Answer>> search_until(Enough enough, Newest newest) {
    std::vector<Answer> answers;
    const double start = clock_.seconds();
    for (std::uint64_t turn = 0; !enough(); ++turn) {
      const double due =
          run_.options.search_rate > 0 ? start + static_cast<double>(turn) / run_.options.search_rate : 0;
      const double now = clock_.seconds();
      if (due > now) std::this_thread::sleep_for(std::chrono::duration<double>(due - now));
      const std::optional<std::uint64_t> row = turn % kNewestEvery == kNewestEvery - 1 ? newest() : std::nullopt;
      Answer answer =
          OMEN_TRY(row ? ask(run_.data.base, *row) : ask(run_.data.queries, turn % run_.data.queries.size()));
      answer.asks_for_newest = row.has_value();
      answer.late_ms = due > 0 ? 1e3 * (answer.seconds - due) : 0;
      answers.push_back(std::move(answer));
    }
    return answers;
  }

 private:
  Result<Answer> ask(const VectorFile& vectors, std::uint64_t row) {
    const std::vector<float> query = vectors.row(row);
    const SearchOptions options = search_for(run_.options.k, run_.options.ef);
    Answer answer;
    answer.query = row;
    answer.seconds = clock_.seconds();
    const Stopwatch call;
    const SearchResult result = OMEN_TRY(points_.search(query, options));
    answer.milliseconds = call.milliseconds();
    answer.lsn = result.lsn;
    answer.ids = ids_of(result);
    return answer;
  }

  Collection points_;
  const BenchRun& run_;
  const Stopwatch& clock_;
};

// Rows an answer with this LSN could find.
std::uint64_t rows_at(const std::vector<Acknowledgement>& log, std::uint64_t initial_rows, Lsn lsn) {
  const auto after =
      std::upper_bound(log.begin(), log.end(), lsn, [](Lsn l, const Acknowledgement& a) { return l < a.lsn; });
  return after == log.begin() ? initial_rows : (after - 1)->rows;
}

// Recall of up to kRecallSamples answers spread evenly, each against the rows that were live at its LSN.
std::vector<Sample> recall_over_time(const BenchRun& run, const std::vector<Answer>& answers,
                                     const std::vector<Acknowledgement>& log, Executor& executor) {
  std::vector<const Answer*> searches;
  for (const Answer& answer : answers) {
    if (!answer.asks_for_newest) searches.push_back(&answer);
  }
  const std::size_t step = std::max<std::size_t>(1, searches.size() / kRecallSamples);
  std::vector<const Answer*> sampled;
  for (std::size_t i = 0; i < searches.size(); i += step) sampled.push_back(searches[i]);

  const PointSet points{run.data.base, run.data.metric, {}};
  const std::size_t width = run.data.base.dimensions();
  std::vector<float> vectors(sampled.size() * width);
  std::vector<Question> questions;
  for (std::size_t i = 0; i < sampled.size(); ++i) {
    const std::span<float> query = std::span(vectors).subspan(i * width, width);
    run.data.queries.copy(sampled[i]->query, query);
    questions.push_back({query, rows_at(log, run.options.initial_rows, sampled[i]->lsn)});
  }
  const std::vector<double> kth = kth_distances(points, questions, run.options.k, executor);
  std::vector<Sample> recalls;
  for (std::size_t i = 0; i < sampled.size(); ++i) {
    recalls.push_back({sampled[i]->seconds, recall_of(points, questions[i], kth[i], sampled[i]->ids, run.options.k)});
  }
  return recalls;
}

double newest_found(const std::vector<Answer>& answers) {
  std::vector<double> found;
  for (const Answer& answer : answers) {
    if (!answer.asks_for_newest) continue;
    found.push_back(std::find(answer.ids.begin(), answer.ids.end(), answer.query) != answer.ids.end() ? 1 : 0);
  }
  return mean(found);
}

double mean_value(const std::vector<Sample>& samples) {
  std::vector<double> values;
  for (const Sample& sample : samples) values.push_back(sample.value);
  return mean(values);
}

Report::Fields summary(const std::vector<Answer>& answers, double seconds, double recall) {
  std::vector<double> latencies, late;
  for (const Answer& answer : answers) {
    latencies.push_back(answer.milliseconds);
    late.push_back(answer.late_ms);
  }
  return {{"qps", {static_cast<double>(answers.size()) / seconds, 1}},
          {"p50_ms", {percentile(latencies, 0.5), 3}},
          {"p99_ms", {percentile(latencies, 0.99), 3}},
          {"recall", {recall, 5}},
          {"answers", {static_cast<double>(answers.size()), 0}},
          {"late_p99_ms", {percentile(late, 0.99), 3}}};
}

struct Mixed {
  std::vector<Acknowledgement> log;
  std::vector<Answer> during, after;
  std::vector<Sample> tail;
  double during_seconds = 0, after_seconds = 0;
  std::vector<Sample> during_recall, after_recall;
};

Result<Mixed> run_phases(Workbench& bench, const BenchRun& run) {
  const BenchOptions& options = run.options;
  Mixed found;
  const Stopwatch clock;
  Writer writer(bench.points, run, options.initial_rows, clock);
  Searcher searcher(bench.points, run, clock);
  std::optional<Error> stopped;
  const auto settled = [&] {
    const double now = clock.seconds();
    const bool look = found.tail.empty() || now - found.tail.back().seconds >= kProgressSeconds;
    if (!look && !(writer.done() && !options.index)) return false;
    const bool written = writer.done();  // before the tail is read: no row comes after
    const Progress progress = bench.points.progress();
    found.tail.push_back({now, static_cast<double>(progress.tail)});
    if (options.index && progress.state == IndexState::Stopped) stopped = Error{ErrorCode::IoError, progress.reason};
    return stopped.has_value() || (written && (!options.index || progress.tail == 0));
  };
  const auto newest = [&]() -> std::optional<std::uint64_t> {
    const std::uint64_t rows = writer.acknowledged();
    return rows == 0 ? std::nullopt : std::optional(rows - 1);
  };
  found.during = OMEN_TRY(searcher.search_until(settled, newest));
  found.during_seconds = clock.seconds();
  if (stopped) return *std::move(stopped);
  found.log = OMEN_TRY(writer.finish());

  const double end = clock.seconds() + std::clamp(found.during_seconds, kAfterSecondsMin, kAfterSecondsMax);
  found.after = OMEN_TRY(searcher.search_until([&] { return clock.seconds() >= end; }, newest));
  found.after_seconds = clock.seconds() - found.during_seconds;
  return found;
}

void add_charts(const BenchRun& run, const Mixed& found) {
  const double bucket = bucket_for(found.during_seconds + found.after_seconds);
  std::vector<Sample> rows, latencies;
  std::uint64_t before = run.options.initial_rows;
  for (const Acknowledgement& ack : found.log) {
    rows.push_back({ack.seconds, static_cast<double>(ack.rows - std::exchange(before, ack.rows))});
  }
  std::vector<Sample> recalls = found.during_recall;
  recalls.insert(recalls.end(), found.after_recall.begin(), found.after_recall.end());
  for (const auto* answers : {&found.during, &found.after}) {
    for (const Answer& answer : *answers) latencies.push_back({answer.seconds, answer.milliseconds});
  }
  const auto rate = [&](std::vector<double>& sums) { return std::accumulate(sums.begin(), sums.end(), 0.0) / bucket; };
  const auto p50 = [](std::vector<double>& values) { return percentile(values, 0.5); };
  const auto p99 = [](std::vector<double>& values) { return percentile(values, 0.99); };
  const auto average = [](std::vector<double>& values) { return mean(values); };
  Report& report = run.report;
  report.chart({.title = "Rows acknowledged a second", .x_label = "seconds", .y_label = "rows a second", .log_y = false,
                .series = {{"acknowledged", over_time(rows, bucket, rate)}}});
  report.chart({.title = "Tail: rows accepted, not yet indexed", .x_label = "seconds",
                .y_label = "rows", .log_y = false,
                .series = {{"tail", over_time(found.tail, bucket, average)}}});
  report.chart({.title = "Latency of a search", .x_label = "seconds", .y_label = "milliseconds", .log_y = true,
                .series = {{"p99", over_time(latencies, bucket, p99)}, {"median", over_time(latencies, bucket, p50)}}});
  report.chart({.title = "Recall, against the rows live at the time", .x_label = "seconds", .y_label = "recall",
                .log_y = false, .series = {{"recall", over_time(recalls, 2 * bucket, average)}}});
}

}  // namespace

Result<void> bench_mixed(const BenchRun& run) {
  const BenchOptions& options = run.options;
  Report& report = run.report;
  if (options.initial_rows >= options.rows) {
    return Error{ErrorCode::InvalidArgument, "--initial leaves no rows to insert"};
  }
  Workbench bench = OMEN_TRY(open_empty(run.directory, options, run.data, options.index, options.threads));
  if (options.initial_rows > 0) {
    OMEN_TRY(fill(bench.points, options, run.data.base, 0, options.initial_rows));
    if (options.index) OMEN_TRY(wait_until_indexed(bench.points));
  }
  Mixed found = OMEN_TRY(run_phases(bench, run));
  report_memory(report, bench.points);
  OMEN_TRY(bench.database.close());

  const auto executor = make_executor(cores(), Priority::Normal);
  found.during_recall = recall_over_time(run, found.during, found.log, *executor);
  found.after_recall = recall_over_time(run, found.after, found.log, *executor);
  const double loaded_after = found.log.back().seconds;
  report.group("during", summary(found.during, found.during_seconds, mean_value(found.during_recall)));
  report.group("after", summary(found.after, found.after_seconds, mean_value(found.after_recall)));
  report.figure("acked_rows_per_s", static_cast<double>(options.rows - options.initial_rows) / loaded_after);
  report.figure("indexed_after_s", found.during_seconds - loaded_after, 2);
  report.figure("newest_found", newest_found(found.during), 4);
  report.note("Searches keep an absolute schedule; latency counts from the sending, late_p99_ms is how late that was.");
  report.note(
      "indexed_after_s counts from the last acknowledgement; recall is against the rows live at each answer's LSN.");
  add_charts(run, found);
  return {};
}

}  // namespace omendb::bench
