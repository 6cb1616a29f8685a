#include "db/query.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/try.h"
#include "graph/beam_search.h"
#include "graph/rerank.h"
#include "graph/two_hop_search.h"
#include "search/code_query.h"
#include "search/distance.h"
#include "search/exact_scorer.h"
#include "search/scan.h"

namespace omendb {
namespace {

// Below this a scan takes some ten microseconds, about what waking the other threads costs.
constexpr std::uint32_t kParallelScanRowsMin = 65'536;

double live_share(const View& view, const FieldView& field_view) {
  return view.visible == 0 ? 1.0 : static_cast<double>(field_view.live) / view.visible;
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
          .wanted_share = live_share(view, field_view)};
}

// The rows that match as a set, made from what the indexes know; only those they are unsure of are asked.
class MatchingRows {
 public:
  explicit MatchingRows(PointFilter& filter)
      : rows_(filter.known_rows()), all_are_sure_(rows_.unsure.size() == 0), ask_{rows_.unsure, filter} {}
  MatchingRows(const MatchingRows&) = delete;
  MatchingRows& operator=(const MatchingRows&) = delete;

  // The live ones; this outlives it.
  RowFilter among(const RowFilter& live) const {
    const RowFilter possible = live.within(rows_.possible);
    return all_are_sure_ ? possible : possible.where(predicate_);
  }
  const RowSet& possible() const { return rows_.possible; }

 private:
  struct Ask {
    const RowSet& unsure;
    PointFilter& filter;
    bool operator()(Row row) const { return !unsure.contains(row) || filter.matches(row); }
  };
  const KnownRows rows_;
  const bool all_are_sure_;
  const Ask ask_;
  const RowFilter::Predicate predicate_ = ask_;
};

// What the parts of a plan share while they run.
struct Search {
  const View& view;
  const FieldView& field_view;
  std::size_t field;
  PointFilter* filter;  // null without one
  RowFilter wanted;
  const ExactScorer& scorer;
  Executor* executor;
  TopK& nearest;
  Explanation& explanation;
  std::optional<MatchingRows> matching = std::nullopt;

  // From here on a row is looked up in a set in place of being asked.
  const RowSet& know_matching() {
    if (!matching) wanted = matching.emplace(*filter).among(view.live_rows(field));
    return matching->possible();
  }
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

// Vectors that may be compared, against damage at rest.
Result<void> check(const Search& search, std::span<const Row> rows) {
  for (const Row row : rows) {
    OMEN_TRY(search.view.generation->check_vectors(search.field, {index(row), index(row) + 1}));
  }
  return {};
}

// What walks use and find. One a thread.
struct Walked {
  WalkScratch scratch;
  std::vector<Candidate> found;
};

// From where another walk was left, and from all over the set.
WalkCount two_hop_walk(Search& search, const CodeQuery& codes, const Plan& plan, Walked& walked) {
  constexpr std::uint32_t kSeeds = 64;  // as many as a graph has entries
  std::vector<Row> seeds;
  for (const Candidate& candidate : walked.found) seeds.push_back(candidate.row);
  for (const Row row : search.know_matching().spread(kSeeds)) {
    if (index(row) < plan.graph.end) seeds.push_back(row);
  }
  walked.found.clear();
  return two_hop_search(*search.field_view.graph, *search.field_view.codes, codes, search.wanted, seeds, plan.ef,
                        walked.scratch, walked.found);
}

// False if it found fewer than it should have: the graph is thin around the query, or what is wanted is rare there, and
// another search must answer.
Result<bool> walk(Search& search, const CodeQuery& codes, const Plan& plan) {
  thread_local Walked walked;
  walked.found.clear();
  const CodeTable& table = *search.field_view.codes;
  WalkCount count = beam_search(*search.field_view.graph, table, codes, search.wanted, plan.ef, walked.scratch,
                                walked.found, kNoRow, plan.limits);
  search.explanation.plan = SearchPlan::Graph;
  search.explanation.distances += count.distances;
  search.explanation.steps += count.steps;
  if (count.gave_up && plan.two_hop && count.near_share > 0) {
    count = two_hop_walk(search, codes, plan, walked);
    search.explanation.plan = SearchPlan::GraphTwoHop;
    search.explanation.distances += count.distances;
    search.explanation.steps += count.steps;
  }
  if (count.gave_up || walked.found.size() < std::min<std::uint64_t>(search.nearest.k(), search.field_view.live)) {
    return false;
  }

  for (const Candidate& candidate : walked.found) OMEN_TRY(check(search, {&candidate.row, 1}));
  rerank(search.scorer, codes, table, walked.found, search.nearest, search.explanation.distances);
  search.explanation.rows_by_graph += plan.graph.size();
  return true;
}

// When a bound that holds nearly always has left out a row that was needed to make k, all are compared.
Result<void> scan_or_compare(Search& search, const CodeQuery& codes, RowRange rows) {
  const ScanCount scanned = OMEN_TRY(scan(search, codes, rows));
  if (!scanned.missed) return {};
  search.nearest = TopK(search.nearest.k());
  return compare(search, {0, rows.end});
}

// The rows that match, as the filter lists them, and have the vector.
std::vector<Row> listed_rows(Search& search, std::uint32_t end) {
  std::vector<Row> rows = search.filter->list(end);
  if (search.field_view.live == search.view.live) return rows;
  const RowFilter has_vector = search.view.live_rows(search.field);
  std::erase_if(rows, [&](Row row) { return !has_vector.lives(row); });
  return rows;
}

// Exactly.
Result<void> compare_listed(Search& search, RowRange range) {
  const std::vector<Row> rows = listed_rows(search, range.end);
  OMEN_TRY(check(search, rows));
  for (const Row row : rows) search.nearest.offer({search.scorer.distance(row), row});
  search.explanation.plan = SearchPlan::List;
  search.explanation.rows_by_list += rows.size();
  search.explanation.distances += rows.size();
  return {};
}

// By codes. If they are many they are looked up as a set: to scan it, or to have those of them that match all conditions.
Result<void> scan_listed(Search& search, const CodeQuery& codes, RowRange range) {
  search.explanation.plan = SearchPlan::List;
  const auto many = [&](std::uint64_t listed) {
    return dense(listed, search.view.visible, codes.table().code_dimensions());
  };
  std::vector<Row> rows;
  if (search.filter->candidates_max() && !many(*search.filter->candidates_max())) {
    rows = listed_rows(search, range.end);
  } else {
    const RowSet& set = search.know_matching();
    const std::uint64_t possible = set.size();
    if (many(possible)) {
      search.explanation.rows_by_list += possible;
      return scan_or_compare(search, codes, range);
    }
    set.for_each([&](Row row) {
      if (index(row) < range.end && search.wanted.contains(row)) rows.push_back(row);
    });
  }
  OMEN_TRY(check(search, rows));
  search.explanation.rows_by_list += rows.size();
  search.explanation.distances += listed_scan(codes.table(), codes, search.scorer, rows, search.nearest).distances;
  return {};
}

Result<void> search_by_codes(Search& search, const CodeQuery& codes, const Plan& plan) {
  if (!plan.listed.empty()) return scan_listed(search, codes, plan.listed);
  RowRange rest = plan.scan;
  const bool walked = !plan.graph.empty() && OMEN_TRY(walk(search, codes, plan));
  if (!plan.graph.empty() && !walked) {
    search.explanation.walk_was_left = true;
    rest.begin = 0;
    if (plan.list_is_cheaper) return scan_listed(search, codes, rest);
  }
  if (!walked) search.explanation.plan = SearchPlan::Scan;
  return scan_or_compare(search, codes, rest);
}

std::vector<Candidate> within(std::vector<Candidate> nearest, Metric metric, std::optional<float> score_threshold) {
  if (!score_threshold) return nearest;
  // By scores, as the caller sees them: a distance is rounded on its way to a score.
  const auto beyond = [&](const Candidate& candidate) {
    const float score = score_of(metric, candidate.distance);
    return larger_is_nearer(metric) ? score < *score_threshold : score > *score_threshold;
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
    input.known_rows_cost = filter->known_rows_cost();
  }
  return route(input);
}

Result<Answer> carry_out(const Plan& plan, const View& view, std::size_t field, std::span<const float> query,
                         const SearchOptions& options, PointFilter* filter, Executor* executor) {
  const VectorField& schema = view.generation->schema().fields[field];
  const FieldView& field_view = view.fields[field];
  const auto matches = [&](Row row) { return filter->matches(row); };
  const RowFilter::Predicate predicate = matches;
  const RowFilter live = view.live_rows(field);
  const RowFilter wanted = filter != nullptr ? live.where(predicate) : live;

  Answer answer;
  TopK nearest(options.k);
  const ExactScorer scorer(schema, view.generation->vectors(field), query);
  Search search{view, field_view, field, filter, wanted, scorer, executor, nearest, answer.explanation};
  const bool by_codes = !options.exact && field_view.codes->coded(view.visible);
  if (!by_codes && !plan.listed.empty()) {
    OMEN_TRY(compare_listed(search, plan.listed));
  } else if (!by_codes || !plan.exact.empty()) {
    OMEN_TRY(compare(search, plan.exact));
  } else {
    const CodeQuery codes(*field_view.codes, query);
    OMEN_TRY(search_by_codes(search, codes, plan));
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
