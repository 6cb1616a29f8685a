#include "apps/bench/bench.h"

#include <algorithm>
#include <map>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "apps/bench/data.h"
#include "apps/bench/database.h"
#include "apps/bench/options.h"
#include "apps/bench/plot.h"
#include "apps/bench/report.h"
#include "apps/bench/run.h"
#include "base/bytes.h"
#include "base/try.h"

namespace omendb {
namespace bench {
namespace {

struct Benchmark {
  Result<void> (*run)(const BenchRun&);
  bool threads_search;  // --threads counts searching threads, 1 by default; else indexing ones, all cores by default
};

const std::map<std::string, Benchmark>& benchmarks() {
  static const std::map<std::string, Benchmark> kinds = {
      {"ingest", {bench_ingest, false}}, {"search", {bench_search, true}}, {"mixed", {bench_mixed, false}},
      {"tail", {bench_tail, true}},      {"build", {bench_build, false}},  {"churn", {bench_churn, false}},
      {"open", {bench_open, false}},
  };
  return kinds;
}

// Parts of `bench open`, which prints for them.
const std::map<std::string, Benchmark>& silent_parts() {
  static const std::map<std::string, Benchmark> parts = {{"open-insert", {open_insert, false}},
                                                         {"open-answer", {open_answer, false}}};
  return parts;
}

const Benchmark* find(const std::map<std::string, Benchmark>& kinds, const std::string& kind) {
  const auto found = kinds.find(kind);
  return found == kinds.end() ? nullptr : &found->second;
}

void declare(CLI::App& app, std::string& kind, BenchOptions& options) {
  static const std::map<std::string, Datatype> datatypes = {
      {"float32", Datatype::Float32}, {"float16", Datatype::Float16}, {"uint8", Datatype::Uint8}};
  app.add_option("kind", kind, "ingest, search, mixed, tail, build, churn or open")->required();
  app.add_option("--data", options.data_directory, "base.*, queries.*, groundtruth.ivecs and meta.json")->required();
  app.add_option("--db", options.database_directory, "where the database goes (default: a temporary directory)");
  app.add_flag("--keep", options.keep, "leave the database there; search and tail use it again");
  app.add_option("--rows", options.rows, "rows of the base (default: all)");
  app.add_option("--initial", options.initial_rows, "mixed: rows inserted and indexed before the clock starts");
  app.add_option("--datatype", options.datatype, "float32, float16 or uint8")
      ->transform(CLI::CheckedTransformer(datatypes));
  app.add_option("--batch", options.batch_rows,
                 "rows a request (default: 1000; with --insert-rate a tenth of a second's)");
  app.add_option("--payload-bytes", options.payload_bytes, "JSON payload of a point")->check(CLI::Range(0, 1 << 20));
  const auto wait_until = [&](Wait wait) { return [&options, wait] { options.wait = wait; }; };
  CLI::Option* durable = app.add_flag_callback("--durable", wait_until(Wait::Durable), "wait until on disk (default)");
  app.add_flag_callback("--accepted", wait_until(Wait::Accepted), "wait until accepted")->excludes(durable);
  app.add_option("--insert-rate", options.insert_rate, "mixed: rows a second (default 0: as fast as taken)");
  app.add_option("--search-rate", options.search_rate, "mixed: searches a second (0: no pause)")->capture_default_str();
  app.add_option("--k", options.k, "neighbours asked for")->capture_default_str()->check(CLI::Range(1, 10'000));
  app.add_option("--ef", options.ef, "mixed and tail: search effort (default: the library's)");
  app.add_flag_callback("--no-index", [&] { options.index = false; }, "no graph: searches scan");
  app.add_option("--threads", options.threads, "that search (search, tail: default 1), or index (default: all cores)");
  app.add_option("--json", options.json_file, "write what was found as JSON");
  app.add_option("--plot", options.plot_file, "write charts as SVG");
}

BenchOptions with_defaults(BenchOptions options, const Benchmark& benchmark, const Dataset& data, bool batch_given) {
  options.rows = options.rows == 0 ? data.base.size() : std::min(options.rows, data.base.size());
  if (options.threads == 0) options.threads = benchmark.threads_search ? 1 : cores();
  if (!batch_given && options.insert_rate > 0)
    options.batch_rows = static_cast<std::uint64_t>(options.insert_rate / 10);
  options.batch_rows = std::max<std::uint64_t>(1, options.batch_rows);
  return options;
}

Result<void> write_text(const std::string& path, const std::string& text) {
  if (path.empty()) return {};
  return write_file_durably(real_disk(), path, bytes_of(text));
}

Result<void> run_and_print(const std::string& kind, const BenchOptions& asked, bool batch_given) {
  const Benchmark* silent = find(silent_parts(), kind);
  const Benchmark* benchmark = silent != nullptr ? silent : find(benchmarks(), kind);
  if (benchmark == nullptr) {
    return Error{ErrorCode::InvalidArgument, fmt::format("no benchmark is called \"{}\"", kind)};
  }
  const Dataset data = OMEN_TRY(open_dataset(asked.data_directory));
  const BenchOptions options = with_defaults(asked, *benchmark, data, batch_given);
  const BenchDirectory directory = OMEN_TRY(BenchDirectory::make(options));
  Report report;
  report.text("bench", kind);
  report.text("data", data.name);
  report.figure("rows", static_cast<double>(options.rows));
  report.figure("dim", data.base.dimensions());
  report.text("metric", name_of(data.metric));
  report.figure("threads", options.threads);
  report.figure("k", options.k);
  OMEN_TRY(benchmark->run({options, data, directory.path(), report}));
  if (silent != nullptr) return {};
  fmt::print("{}", report.as_text());
  OMEN_TRY(write_text(options.json_file, report.as_json()));
  return write_text(options.plot_file, report.charts().empty() ? "" : draw(report.charts()));
}

}  // namespace

int run(int argc, char** argv) {
  CLI::App app{"Measures this build on this machine", "omendb bench"};
  std::string kind;
  BenchOptions options;
  declare(app, kind, options);
  CLI11_PARSE(app, argc, argv);
  const Result<void> done = run_and_print(kind, options, app.count("--batch") > 0);
  if (done.ok()) return 0;
  fmt::print(stderr, "omendb bench: {}\n", done.error().message);
  return 1;
}

}  // namespace bench

int run_bench(int argc, char** argv) { return bench::run(argc, argv); }

}  // namespace omendb
