// omendb search: the nearest points for each query of a file.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "apps/commands.h"
#include "apps/filter_argument.h"
#include "apps/formats/file_writer.h"
#include "apps/formats/ivecs.h"
#include "apps/formats/vector_reader.h"
#include "apps/human.h"
#include "apps/latencies.h"
#include "base/try.h"
#include "omendb/omendb.h"
#include "os/clock.h"

namespace omendb {
namespace {

constexpr std::uint32_t kQueriesPerBatch = 256;
constexpr std::size_t kLatenciesKept = 1'000'000;

// "7 0.25\t12 0.5": pairs of id and score, nearest first.
std::string line_of(const std::vector<Neighbor>& neighbors) {
  std::string line;
  for (const Neighbor& neighbor : neighbors) {
    if (!line.empty()) line += '\t';
    line += fmt::format("{} {}", neighbor.id.to_string(), neighbor.score);
  }
  return line + '\n';
}

std::string text_of(const Explanation& found) {
  return fmt::format("  plan: {}{}\n  {} rows by graph, {} rows by scan, {} rows by list, {} distances, {} payloads read, {} us\n",
                     name_of(found.plan), found.walk_was_left ? ", after a walk that was left" : "", found.rows_by_graph, found.rows_by_scan, found.rows_by_list, found.distances, found.payloads_read,
                     found.microseconds);
}

// How many of the first k true neighbours were found.
Result<std::uint32_t> count_hits(const std::vector<Neighbor>& neighbors, const std::vector<std::uint32_t>& truth,
                                 std::uint32_t k) {
  if (truth.size() < k) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("the ground truth has {} neighbours a query; recall@{} needs {}", truth.size(), k, k)};
  }
  const auto end = truth.begin() + k;
  const auto is_true = [&](const Neighbor& neighbor) {
    return !neighbor.id.is_uuid() && std::find(truth.begin(), end, neighbor.id.number()) != end;
  };
  return static_cast<std::uint32_t>(std::count_if(neighbors.begin(), neighbors.end(), is_true));
}

class Report {
 public:
  static Result<Report> open(const SearchArguments& arguments) {
    Report report(arguments);
    if (!arguments.out_file.empty()) report.ivecs_.emplace(OMEN_TRY(FileWriter::create(arguments.out_file)));
    if (!arguments.groundtruth_file.empty())
      report.truth_.emplace(OMEN_TRY(IvecsReader::open(arguments.groundtruth_file)));
    return report;
  }

  // The time that a batch of them took together, on all threads.
  void add_time(Clock::time_point::duration taken) { taken_ += taken; }

  Result<void> add(const SearchResult& answer) {
    ++queries_;
    latencies_.add(answer.explanation.microseconds);
    rows_by_graph_ += answer.explanation.rows_by_graph;
    rows_by_scan_ += answer.explanation.rows_by_scan;
    distances_ += answer.explanation.distances;
    if (truth_) {
      const auto truth = OMEN_TRY(truth_->next());
      hits_ += OMEN_TRY(count_hits(answer.neighbors, truth, arguments_.k));
    }
    if (ivecs_) return write_ivecs_row(*ivecs_, answer.neighbors);
    OMEN_TRY(print_.write(line_of(answer.neighbors)));
    if (arguments_.explain) OMEN_TRY(print_.write(text_of(answer.explanation)));
    return {};
  }

  Result<void> finish() {
    if (ivecs_) {
      OMEN_TRY(ivecs_->finish());
      OMEN_TRY(print_.write(fmt::format("{} queries answered into {}\n", with_commas(queries_), arguments_.out_file)));
    }
    if (truth_ && queries_ > 0) {
      const double recall = static_cast<double>(hits_) / (static_cast<double>(queries_) * arguments_.k);
      OMEN_TRY(print_.write(fmt::format("recall@{} {:.4f}\n", arguments_.k, recall)));
    }
    if (arguments_.explain && queries_ > 0) OMEN_TRY(print_.write(means()));
    return print_.finish();
  }

 private:
  explicit Report(const SearchArguments& arguments) : arguments_(arguments), print_(FileWriter::create("-").value()) {}

  std::string means() const {
    const auto mean = [this](std::uint64_t sum) {
      return with_commas(static_cast<double>(sum) / static_cast<double>(queries_));
    };
    return fmt::format(
        "{} queries, {} a second; in the mean {} rows by graph, {} rows by scan, {} distances; p50 {:.3f} ms, p99 {:.3f} "
        "ms\n",
        with_commas(queries_), with_commas(static_cast<double>(queries_) / std::chrono::duration<double>(taken_).count()),
        mean(rows_by_graph_), mean(rows_by_scan_), mean(distances_),
        latencies_.milliseconds(0.5), latencies_.milliseconds(0.99));
  }

  const SearchArguments& arguments_;
  FileWriter print_;
  std::optional<FileWriter> ivecs_;
  std::optional<IvecsReader> truth_;
  Latencies latencies_{kLatenciesKept};
  Clock::time_point::duration taken_{};
  std::uint64_t queries_ = 0;
  std::uint64_t hits_ = 0;
  std::uint64_t rows_by_graph_ = 0;
  std::uint64_t rows_by_scan_ = 0;
  std::uint64_t distances_ = 0;
};

}  // namespace

Result<void> run_search(const SearchArguments& arguments) {
  const auto queries = OMEN_TRY(open_vectors(arguments.queries_file, Part::Queries));
  SearchOptions options;
  options.filter = OMEN_TRY(filter_of(arguments.filter));
  options.k = arguments.k;
  options.ef = arguments.ef;
  options.exact = arguments.exact;
  options.threads = arguments.threads;
  // The index is searched as far as it is: extending it here would take time from the answers.
  const Database database =
      OMEN_TRY(Database::open(arguments.directory, {.create_if_missing = false, .index_in_background = false}));
  const Collection collection = OMEN_TRY(database.collection(arguments.collection));
  if (queries->dimensions() != collection.options().dimensions) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("{}: the queries have {} values, the collection \"{}\" takes {}", arguments.queries_file,
                             queries->dimensions(), arguments.collection, collection.options().dimensions)};
  }

  const Clock& clock = steady_clock();
  Report report = OMEN_TRY(Report::open(arguments));
  VectorBatch batch;
  for (;;) {
    const auto read = queries->next(kQueriesPerBatch, batch);
    if (batch.rows() > 0) {
      const auto begin = clock.now();
      const auto answers = OMEN_TRY(collection.search_batch(batch.vectors, options));
      report.add_time(clock.now() - begin);
      for (const SearchResult& answer : answers) OMEN_TRY(report.add(answer));
    }
    OMEN_TRY(read);
    if (batch.rows() == 0) return report.finish();
  }
}

}  // namespace omendb
