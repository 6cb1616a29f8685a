#include "apps/bench/database.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <random>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "base/try.h"
#include "os/memory.h"

namespace omendb::bench {
namespace {

constexpr std::string_view kCollection = "bench";
constexpr double kMebibyte = 1024.0 * 1024.0;

// JSON of exactly `bytes` bytes, different for each row.
std::string payload_of(std::uint64_t row, std::uint32_t bytes) {
  std::string text = fmt::format("{{\"row\": {}, \"text\": \"", row);
  const std::size_t closing = 2;
  for (std::uint64_t word = row; text.size() + closing < bytes; ++word) text += static_cast<char>('a' + word % 26);
  return text + "\"}";
}

std::string parent_of(const std::string& directory) {
  return std::filesystem::path(join_path(directory, "")).parent_path().parent_path().string();
}

std::string unused_name() { return fmt::format("omendb-bench-{:08x}", std::random_device{}()); }

}  // namespace

Result<BenchDirectory> BenchDirectory::make(const BenchOptions& options) {
  if (!options.database_directory.empty()) {
    const bool was_there = OMEN_TRY(real_disk().exists(options.database_directory));
    OMEN_TRY(real_disk().create_directory(options.database_directory));
    return BenchDirectory(options.database_directory, options.keep || was_there);
  }
  const std::string name = unused_name();
  std::string parent = parent_of(options.data_directory);
  std::string path = join_path(parent.empty() ? "." : parent, name);
  if (!real_disk().create_directory(path).ok()) {
    path = join_path("/tmp", name);
    OMEN_TRY(real_disk().create_directory(path));
  }
  return BenchDirectory(std::move(path), options.keep);
}

BenchDirectory::BenchDirectory(BenchDirectory&& other) noexcept
    : path_(std::exchange(other.path_, {})), keep_(std::exchange(other.keep_, true)) {}

BenchDirectory::~BenchDirectory() {
  if (keep_) return;
  const Result<void> removed = real_disk().remove_tree(path_);
  if (!removed.ok()) fmt::print(stderr, "{} is left behind: {}\n", path_, removed.error().message);
}

Result<Workbench> open_workbench(const std::string& directory, const BenchOptions& options, const Dataset& data,
                                 bool index, std::uint32_t index_threads) {
  Database database =
      OMEN_TRY(Database::open(directory, {.index_in_background = index, .index_threads = index_threads}));
  const std::vector<std::string> names = database.names();
  const bool exists = std::find(names.begin(), names.end(), kCollection) != names.end();
  const CollectionOptions wanted{
      .dimensions = data.base.dimensions(), .metric = data.metric, .datatype = options.datatype};
  Collection points = OMEN_TRY(exists ? database.collection(kCollection) : database.create(kCollection, wanted));
  if (points.options().dimensions != wanted.dimensions || points.options().metric != wanted.metric) {
    return Error{ErrorCode::InvalidArgument, fmt::format("{} holds points of another data set", directory)};
  }
  return Workbench{std::move(database), std::move(points)};
}

Result<Workbench> open_empty(const std::string& directory, const BenchOptions& options, const Dataset& data, bool index,
                             std::uint32_t index_threads) {
  Workbench bench = OMEN_TRY(open_workbench(directory, options, data, index, index_threads));
  if (bench.points.count() == 0) return bench;
  return Error{ErrorCode::InvalidArgument,
               fmt::format("{} holds points already, this benchmark starts without", directory)};
}

Batch BatchMaker::rows(std::uint64_t begin, std::uint64_t end) {
  std::vector<std::uint64_t> rows;
  for (std::uint64_t row = begin; row < end; ++row) rows.push_back(row);
  return points(rows, rows);
}

Batch BatchMaker::points(std::span<const std::uint64_t> ids, std::span<const std::uint64_t> rows) {
  const std::size_t width = base_.dimensions();
  ids_.assign(ids.begin(), ids.end());
  vectors_.resize(ids.size() * width);
  for (std::size_t i = 0; i < rows.size(); ++i) base_.copy(rows[i], std::span(vectors_).subspan(i * width, width));
  payloads_.clear();
  payload_views_.clear();
  if (payload_bytes_ > 0) {
    for (const std::uint64_t id : ids) payloads_.push_back(payload_of(id, payload_bytes_));
    payload_views_.assign(payloads_.begin(), payloads_.end());
  }
  return Batch{ids_, vectors_, payload_views_};
}

std::uint64_t point_bytes(const VectorFile& base, std::uint32_t payload_bytes) {
  return sizeof(std::uint64_t) + base.dimensions() * sizeof(float) + payload_bytes;
}

Result<void> fill(Collection& points, const BenchOptions& options, const VectorFile& base, std::uint64_t begin,
                  std::uint64_t end) {
  BatchMaker maker(base, options.payload_bytes);
  for (std::uint64_t row = begin; row < end; row += options.batch_rows) {
    OMEN_TRY(points.upsert(maker.rows(row, std::min(end, row + options.batch_rows)), Wait::Accepted));
  }
  return points.flush();
}

Result<Workbench> open_filled(const std::string& directory, const BenchOptions& options, const Dataset& data,
                              bool index) {
  Workbench bench = OMEN_TRY(open_workbench(directory, options, data, index, cores()));
  const std::uint64_t held = bench.points.count();
  if (held != 0 && held != options.rows) {
    return Error{ErrorCode::InvalidArgument, fmt::format("{} holds {} points, not {}", directory, held, options.rows)};
  }
  if (held == 0) OMEN_TRY(fill(bench.points, options, data.base, 0, options.rows));
  if (index) OMEN_TRY(wait_until_indexed(bench.points));
  return bench;
}

Result<void> wait_until_indexed(Collection& points) {
  while (!OMEN_TRY(points.wait_indexed(std::chrono::seconds(1)))) {
    const Progress progress = points.progress();
    if (progress.state == IndexState::Stopped) {
      return Error{ErrorCode::IoError, fmt::format("the indexer has stopped: {}", progress.reason)};
    }
  }
  return {};
}

void report_memory(Report& report, const Collection& points) {
  const MemoryUse use = points.stats().memory;
  report.figure("rss_anon_mib", static_cast<double>(anonymous_memory_bytes()) / kMebibyte, 1);
  report.group("memory_mib", {{"codes", {static_cast<double>(use.codes) / kMebibyte, 1}},
                              {"graph", {static_cast<double>(use.graph) / kMebibyte, 1}},
                              {"ids", {static_cast<double>(use.ids) / kMebibyte, 1}},
                              {"erasures", {static_cast<double>(use.erasures) / kMebibyte, 1}}});
}

SearchOptions search_for(std::uint32_t k, std::uint32_t ef, std::uint32_t threads) {
  SearchOptions options;
  options.k = k;
  options.ef = ef;
  options.threads = threads;
  return options;
}

std::vector<std::uint64_t> ids_of(const SearchResult& result) {
  std::vector<std::uint64_t> ids;
  for (const Neighbor& neighbor : result.neighbors) ids.push_back(neighbor.id.number());
  return ids;
}

std::uint32_t cores() { return std::max(1u, std::thread::hardware_concurrency()); }

}  // namespace omendb::bench
