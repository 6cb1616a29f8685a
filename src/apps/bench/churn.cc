// Half of the points are replaced and three in ten erased; then compared with a fresh import of what is left.
#include <algorithm>
#include <vector>

#include "apps/bench/database.h"
#include "apps/bench/run.h"
#include "apps/bench/sweep.h"
#include "base/try.h"

namespace omendb::bench {
namespace {

constexpr double kRecallWanted = 0.95;  // of the fresh import: the search effort compared is the least that gives it
constexpr std::size_t kChurnQueriesMax = 500;
constexpr int kPasses = 3;

// Every second point is replaced by the vector of the next such point: the set of vectors stays what it was, each has a
// dead twin, and an answer out of an old row shows, since the point's own vector lies elsewhere.
bool is_replaced(std::uint64_t id) { return id % 2 == 0; }

// Three in ten, of the replaced and of the others alike.
bool is_erased(std::uint64_t id) { return id / 2 % 10 < 3; }

std::uint64_t row_after_churn(std::uint64_t id, std::uint64_t rows) {
  if (!is_replaced(id)) return id;
  return id + 2 < rows ? id + 2 : 0;
}

std::vector<std::uint32_t> rows_after_churn(std::uint64_t rows) {
  std::vector<std::uint32_t> row_of(rows);
  for (std::uint64_t id = 0; id < rows; ++id) {
    row_of[id] = is_erased(id) ? PointSet::kErased : static_cast<std::uint32_t>(row_after_churn(id, rows));
  }
  return row_of;
}

template <class Apply>
Result<void> in_batches(std::span<const std::uint64_t> ids, std::uint64_t batch_rows, Apply apply) {
  for (std::size_t i = 0; i < ids.size(); i += batch_rows) {
    OMEN_TRY(apply(ids.subspan(i, std::min<std::size_t>(batch_rows, ids.size() - i))));
  }
  return {};
}

template <class Chosen>
std::vector<std::uint64_t> ids_where(std::uint64_t rows, Chosen chosen) {
  std::vector<std::uint64_t> ids;
  for (std::uint64_t id = 0; id < rows; ++id) {
    if (chosen(id)) ids.push_back(id);
  }
  return ids;
}

Result<void> put_as_after_churn(Collection& points, const BenchRun& run, std::span<const std::uint64_t> ids) {
  BatchMaker maker(run.data.base, run.options.payload_bytes);
  return in_batches(ids, run.options.batch_rows, [&](std::span<const std::uint64_t> part) -> Result<void> {
    std::vector<std::uint64_t> rows;
    for (const std::uint64_t id : part) rows.push_back(row_after_churn(id, run.options.rows));
    OMEN_TRY(points.upsert(maker.points(part, rows), Wait::Accepted));
    return {};
  });
}

Result<void> churn(Collection& points, const BenchRun& run) {
  const std::uint64_t rows = run.options.rows;
  OMEN_TRY(put_as_after_churn(points, run, ids_where(rows, is_replaced)));
  const std::vector<std::uint64_t> erased = ids_where(rows, is_erased);
  const auto erase = [&](std::span<const std::uint64_t> part) -> Result<void> {
    const std::vector<PointId> ids(part.begin(), part.end());
    OMEN_TRY(points.erase(ids, Wait::Accepted));
    return {};
  };
  OMEN_TRY(in_batches(erased, run.options.batch_rows, erase));
  OMEN_TRY(points.flush());
  return wait_until_indexed(points);
}

Result<Workbench> open_new(const std::string& directory, const BenchRun& run) {
  OMEN_TRY(real_disk().create_directory(directory));
  return open_empty(directory, run.options, run.data, /*index=*/true, run.options.threads);
}

Result<Workbench> import_fresh(const std::string& directory, const BenchRun& run) {
  Workbench fresh = OMEN_TRY(open_new(directory, run));
  const auto is_left = [](std::uint64_t id) { return !is_erased(id); };
  OMEN_TRY(put_as_after_churn(fresh.points, run, ids_where(run.options.rows, is_left)));
  OMEN_TRY(fresh.points.flush());
  OMEN_TRY(wait_until_indexed(fresh.points));
  return fresh;
}

struct Comparison {
  double recall = 0, recall_fresh = 0;
  double qps_ratio = 0;
};

// The same searches on both by turns, the best pass of each.
Result<Comparison> compare(const Collection& churned, const Collection& fresh, const PointSet& points,
                           const QuerySet& queries, const SearchOptions& search) {
  const auto one_thread = make_executor(1, Priority::Normal);
  Comparison result;
  double qps = 0, qps_fresh = 0;
  for (int pass = 0; pass <= kPasses; ++pass) {  // the first warms up
    const SearchPass ours = OMEN_TRY(search_all(churned, queries, search, *one_thread));
    const SearchPass theirs = OMEN_TRY(search_all(fresh, queries, search, *one_thread));
    result.recall = queries.recall(points, ours.answers, search.k);
    result.recall_fresh = queries.recall(points, theirs.answers, search.k);
    if (pass == 0) continue;
    qps = std::max(qps, ours.qps());
    qps_fresh = std::max(qps_fresh, theirs.qps());
  }
  result.qps_ratio = qps / qps_fresh;
  return result;
}

Result<SearchOptions> effort_wanted(const Collection& fresh, const PointSet& points, const QuerySet& queries,
                                    std::uint32_t k) {
  const auto one_thread = make_executor(1, Priority::Normal);
  SearchOptions search = search_for(k, k);
  for (; search.ef < 1'024; search.ef += search.ef / 2) {
    const SearchPass pass = OMEN_TRY(search_all(fresh, queries, search, *one_thread));
    if (queries.recall(points, pass.answers, k) >= kRecallWanted) break;
  }
  return search;
}

Result<double> disk_bytes(Collection& points) {
  OMEN_TRY(points.checkpoint());
  return static_cast<double>(points.stats().disk_bytes);
}

}  // namespace

Result<void> bench_churn(const BenchRun& run) {
  const BenchOptions& options = run.options;
  Report& report = run.report;
  Workbench churned = OMEN_TRY(open_new(join_path(run.directory, "churned"), run));
  OMEN_TRY(fill(churned.points, options, run.data.base, 0, options.rows));
  OMEN_TRY(wait_until_indexed(churned.points));
  OMEN_TRY(churn(churned.points, run));
  Workbench fresh = OMEN_TRY(import_fresh(join_path(run.directory, "fresh"), run));

  const PointSet points{run.data.base, run.data.metric, rows_after_churn(options.rows)};
  const auto executor = make_executor(cores(), Priority::Normal);
  const QuerySet queries =
      QuerySet::computed(run.data.queries, points, options.rows, options.k, kChurnQueriesMax, *executor);
  const SearchOptions search = OMEN_TRY(effort_wanted(fresh.points, points, queries, options.k));
  report.figure("points_left", static_cast<double>(fresh.points.count()));
  report.figure("ef", search.ef);

  const Comparison before = OMEN_TRY(compare(churned.points, fresh.points, points, queries, search));
  const double disk_fresh = OMEN_TRY(disk_bytes(fresh.points));
  report.figure("recall_fresh", before.recall_fresh, 5);
  report.figure("recall", before.recall, 5);
  report.figure("qps_ratio", before.qps_ratio, 3);
  report.figure("disk_ratio_churned", OMEN_TRY(disk_bytes(churned.points)) / disk_fresh, 3);

  OMEN_TRY(churned.points.vacuum());
  OMEN_TRY(wait_until_indexed(churned.points));
  const Comparison after = OMEN_TRY(compare(churned.points, fresh.points, points, queries, search));
  report.figure("recall_vacuumed", after.recall, 5);
  report.figure("qps_ratio_vacuumed", after.qps_ratio, 3);
  report.figure("disk_ratio", OMEN_TRY(disk_bytes(churned.points)) / disk_fresh, 3);
  report.note("Ratios compare with a fresh import of the same points, at the same ef; disk_ratio is after vacuum.");
  report_memory(report, churned.points);
  OMEN_TRY(fresh.database.close());
  return churned.database.close();
}

}  // namespace omendb::bench
