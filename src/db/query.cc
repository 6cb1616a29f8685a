#include "db/query.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/try.h"
#include "graph/beam_search.h"
#include "graph/rerank.h"
#include "search/code_query.h"
#include "search/distance.h"
#include "search/exact_scorer.h"
#include "search/scan.h"

namespace omendb {
namespace {

// Below this a scan takes some ten microseconds, about what waking the other threads costs.
constexpr std::uint32_t kParallelScanRowsMin = 65'536;

double live_share(const View& view) {
  return view.visible == 0 ? 1.0 : static_cast<double>(view.live) / view.visible;
}

RouterInput router_input(const View& view, const FieldView& field_view, const SearchOptions& options) {
  return {.visible = view.visible,
          .covered = field_view.covered(),
          .settled = settled_rows(view.visible, field_view.covered(), field_view.codes->code_dimensions()),
          .k = options.k,
          .ef = options.ef,
          .effort = field_view.effort(),
          .exact = options.exact,
          .freshness = options.freshness,
          .code_dimensions = field_view.codes->code_dimensions(),
          .wanted_share = live_share(view)};
}

// What the parts of a plan share while they run.
struct Search {
  const View& view;
  const FieldView& field_view;
  std::size_t field;
  RowFilter wanted;
  const ExactScorer& scorer;
  Executor* executor;
  TopK& nearest;
  Explanation& explanation;
};

Result<void> compare(Search& search, RowRange rows) {
  if (rows.empty()) return {};
  OMEN_TRY(search.view.generation->check_vectors(search.field, rows));
  search.explanation.distances += exact_scan(search.scorer, search.wanted, rows, search.nearest).distances;
  search.explanation.rows_by_scan += rows.size();
  return {};
}

Result<ScanCount> scan(Search& search, const CodeQuery& codes, RowRange rows) {
  if (rows.empty()) return ScanCount{};
  OMEN_TRY(search.view.generation->check_vectors(search.field, rows));
  const CodeTable& table = *search.field_view.codes;
  const bool parallel = search.executor != nullptr && rows.size() >= kParallelScanRowsMin;
  const ScanCount count =
      parallel ? parallel_tail_scan(table, codes, search.scorer, search.wanted, rows, search.nearest, *search.executor)
               : tail_scan(table, codes, search.scorer, search.wanted, rows, search.nearest);
  search.explanation.distances += count.distances;
  search.explanation.rows_by_scan += rows.size();
  return count;
}

// False if the walk found fewer than it should have: the graph is thin around the query, or what is wanted is rare
// there, and a scan must answer.
Result<bool> walk(Search& search, const CodeQuery& codes, const Plan& plan, std::uint32_t k) {
  thread_local WalkScratch scratch;
  thread_local std::vector<Candidate> found;
  found.clear();
  const CodeTable& table = *search.field_view.codes;
  const WalkCount count =
      beam_search(*search.field_view.graph, table, codes, search.wanted, plan.ef, scratch, found, kNoRow,
                  plan.steps_max);
  search.explanation.distances += count.distances;
  if (count.gave_up || found.size() < std::min<std::uint64_t>(k, search.view.live)) return false;

  for (const Candidate& candidate : found) {
    const std::uint32_t row = index(candidate.row);
    OMEN_TRY(search.view.generation->check_vectors(search.field, {row, row + 1}));
  }
  rerank(search.scorer, codes, table, found, search.nearest, search.explanation.distances);
  search.explanation.rows_by_graph += plan.graph.size();
  return true;
}

// Vectors that may be compared, against damage at rest.
Result<void> check(const Search& search, std::span<const Row> rows) {
  for (const Row row : rows) {
    OMEN_TRY(search.view.generation->check_vectors(search.field, {index(row), index(row) + 1}));
  }
  return {};
}

// When a bound that holds nearly always has left out a row that was needed to make k, all are compared.
Result<void> scan_or_compare(Search& search, const CodeQuery& codes, RowRange rows) {
  const ScanCount scanned = OMEN_TRY(scan(search, codes, rows));
  if (!scanned.missed) return {};
  search.nearest = TopK(search.nearest.k());
  return compare(search, {0, rows.end});
}

// The rows that match, as the filter lists them.
Result<void> compare_listed(Search& search, PointFilter& filter, std::span<const float> query, RowRange range,
                            bool exact) {
  const std::vector<Row> rows = filter.list(range.end);
  search.explanation.rows_by_list += rows.size();
  const CodeTable& table = *search.field_view.codes;
  if (exact || !CodeTable::coded(search.view.visible)) {
    OMEN_TRY(check(search, rows));
    for (const Row row : rows) search.nearest.offer({search.scorer.distance(row), row});
    search.explanation.distances += rows.size();
    return {};
  }
  const CodeQuery codes(table, query);
  if (!dense(rows.size(), search.view.visible)) {
    OMEN_TRY(check(search, rows));
    search.explanation.distances += listed_scan(table, codes, search.scorer, rows, search.nearest).distances;
    return {};
  }
  RowSet set(search.view.visible);
  for (const Row row : rows) set.insert(row);
  Search within{search.view, search.field_view, search.field, search.view.live_rows().within(set), search.scorer,
                search.executor, search.nearest, search.explanation};
  return scan_or_compare(within, codes, range);
}

std::vector<Candidate> within(std::vector<Candidate> nearest, Metric metric, std::optional<float> score_threshold) {
  if (!score_threshold) return nearest;
  // By scores, as the caller sees them: a distance is rounded on its way to a score.
  const auto beyond = [&](const Candidate& candidate) {
    const float score = score_of(metric, candidate.distance);
    return metric == Metric::L2 ? score > *score_threshold : score < *score_threshold;
  };
  std::erase_if(nearest, beyond);
  return nearest;
}

}  // namespace

Plan plan_query(const View& view, std::size_t field, const SearchOptions& options, PointFilter* filter) {
  RouterInput input = router_input(view, view.fields[field], options);
  if (filter == nullptr) return route(input);
  input.filtered = true;
  input.candidates = filter->candidates_max();
  const bool may_walk = input.covered != 0 && !input.exact && !few_candidates(input);
  if (may_walk) {
    const double listed = static_cast<double>(input.candidates.value_or(view.visible)) / view.visible;
    input.wanted_share = std::min(filter->estimate_share(), listed);
  }
  return route(input);
}

Result<Answer> carry_out(const Plan& plan, const View& view, std::size_t field, std::span<const float> query,
                         const SearchOptions& options, PointFilter* filter, Executor* executor) {
  const VectorField& schema = view.generation->schema().fields[field];
  const FieldView& field_view = view.fields[field];
  const auto matches = [&](Row row) { return filter->matches(row); };
  const RowFilter::Predicate predicate = matches;
  const RowFilter wanted = filter != nullptr ? view.live_rows().where(predicate) : view.live_rows();

  Answer answer;
  TopK nearest(options.k);
  const ExactScorer scorer(schema, view.generation->vectors(field), query);
  Search search{view, field_view, field, wanted, scorer, executor, nearest, answer.explanation};

  if (!plan.listed.empty()) OMEN_TRY(compare_listed(search, *filter, query, plan.listed, options.exact));
  OMEN_TRY(compare(search, plan.exact));
  if (!plan.graph.empty() || !plan.scan.empty()) {
    const CodeQuery codes(*field_view.codes, query);
    RowRange rest = plan.scan;
    if (!plan.graph.empty() && !OMEN_TRY(walk(search, codes, plan, options.k))) rest.begin = 0;
    if (rest.begin < plan.graph.end && plan.list_is_cheaper) {
      OMEN_TRY(compare_listed(search, *filter, query, std::exchange(rest, {}), false));
    }
    OMEN_TRY(scan_or_compare(search, codes, rest));
  }
  if (filter != nullptr) {
    OMEN_TRY(filter->error());
    answer.explanation.payloads_read = filter->payloads_read();
  }
  answer.nearest = within(nearest.take_sorted(), schema.metric, options.score_threshold);
  return answer;
}

Result<Answer> answer_query(const View& view, std::size_t field, std::span<const float> query,
                            const SearchOptions& options, const IndexedFilter* filter, Executor* executor) {
  std::optional<PointFilter> point_filter;
  if (filter != nullptr) point_filter.emplace(view, *filter);
  PointFilter* const asked = point_filter ? &*point_filter : nullptr;
  return carry_out(plan_query(view, field, options, asked), view, field, query, options, asked, executor);
}

}  // namespace omendb
