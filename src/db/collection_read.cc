// The read path: take a View, keep it, answer from it.
#include <algorithm>
#include <string>

#include "base/try.h"
#include "db/collection_impl.h"
#include "db/point_check.h"
#include "db/point_filter.h"
#include "db/query.h"
#include "search/distance.h"
#include "search/vector_values.h"

namespace omendb {
namespace {

constexpr std::uint32_t kNeighborsMax = 10'000;

// Queries a thread takes at a time from a batch: enough to make the hand-out cheap, few enough to end together.
constexpr std::size_t kQueriesAtATime = 4;

// A scan of so many rows takes half a millisecond on one core: well worth waking the others for.
constexpr std::uint32_t kLongTailRows = 262'144;

std::uint32_t threads_for(const SearchOptions& options, const View& view) {
  if (options.threads != 0) return options.threads;
  const bool scans_tail = !options.exact && options.freshness == Freshness::All;
  const std::uint32_t tail = view.visible - view.fields[0].covered();
  return scans_tail && tail >= kLongTailRows ? SearchThreads::kAllCores : 1;
}

// None for the empty filter, which every point matches.
Result<std::optional<FilterCheck>> compile(const Filter& filter) {
  if (filter.empty()) return std::optional<FilterCheck>();
  return std::optional<FilterCheck>(OMEN_TRY(FilterCheck::compile(filter)));
}

// A compiled filter, if there is one, and the indexes of a View: what the queries of a batch share.
class SharedFilter {
 public:
  SharedFilter(const std::optional<FilterCheck>& check, const View& view) {
    if (check) filter_.emplace(*check, *view.field_indexes, view.visible);
  }
  const IndexedFilter* get() const { return filter_ ? &*filter_ : nullptr; }

 private:
  std::optional<IndexedFilter> filter_;
};

}  // namespace

Result<void> CollectionImpl::check_options(const SearchOptions& options) const {
  if (options.k < 1 || options.k > kNeighborsMax) {
    return Error{ErrorCode::InvalidArgument, "k is " + std::to_string(options.k) + ", and may be 1 to 10000"};
  }
  return {};
}

Result<SearchResult> CollectionImpl::search(std::span<const float> query, const SearchOptions& options) const {
  OMEN_TRY(check_options(options));
  const auto check = OMEN_TRY(compile(options.filter));
  const std::shared_ptr<const View> view = views_.current();
  const SharedFilter filter(check, *view);
  const SearchThreads::Lease threads = environment_->search_threads.lease(threads_for(options, *view));
  const Foreground::Work work(environment_->foreground, threads.count());
  return search_view(*view, query, options, filter.get(), threads.executor);
}

Result<std::vector<SearchResult>> CollectionImpl::search_batch(std::span<const float> queries,
                                                               const SearchOptions& options) const {
  OMEN_TRY(check_options(options));
  const auto check = OMEN_TRY(compile(options.filter));
  const std::uint32_t dimensions = options_.dimensions;
  if (queries.size() % dimensions != 0) {
    return Error{
        ErrorCode::InvalidArgument,
        std::to_string(queries.size()) + " values are no whole number of queries of " + std::to_string(dimensions)};
  }
  const std::size_t count = queries.size() / dimensions;
  const std::shared_ptr<const View> view = views_.current();
  const SharedFilter filter(check, *view);

  std::vector<SearchResult> answers(count);
  std::mutex failing;
  std::optional<Error> failed;
  const auto answer = [&](std::size_t begin, std::size_t end, std::size_t) {
    for (std::size_t i = begin; i < end; ++i) {
      Result<SearchResult> found =
          search_view(*view, queries.subspan(i * dimensions, dimensions), options, filter.get(), nullptr);
      if (found.ok()) {
        answers[i] = std::move(found).value();
        continue;
      }
      std::lock_guard lock(failing);
      if (!failed) failed = Error{found.error().code, "query " + std::to_string(i) + ": " + found.error().message};
    }
  };
  const SearchThreads::Lease threads = environment_->search_threads.lease(options.threads);
  const Foreground::Work work(environment_->foreground, threads.count());
  if (threads.executor != nullptr) {
    threads.executor->parallel_for(count, kQueriesAtATime, answer);
  } else {
    answer(0, count, 0);
  }
  if (failed) return *failed;
  return answers;
}

Result<SearchResult> CollectionImpl::search_view(const View& view, std::span<const float> query,
                                                 const SearchOptions& options, const IndexedFilter* filter,
                                                 Executor* executor) const {
  const auto begin = std::chrono::steady_clock::now();
  OMEN_TRY(check_query(store_->schema().fields[0], query));
  Answer answer = OMEN_TRY(answer_query(view, 0, query, options, filter, executor));

  SearchResult result;
  result.lsn = view.lsn;
  result.neighbors.reserve(answer.nearest.size());
  for (const Candidate& candidate : answer.nearest) {
    Neighbor& neighbor = result.neighbors.emplace_back();
    neighbor.id = OMEN_TRY(view.generation->id(candidate.row));
    neighbor.score = score_of(options_.metric, candidate.distance);
    if (options.with_payload) neighbor.payload = OMEN_TRY(view.generation->payload(candidate.row));
    if (options.with_vector) neighbor.vector = OMEN_TRY(point(view, candidate.row)).vector;
  }
  const bool larger_is_nearer = options_.metric != Metric::L2;
  std::sort(result.neighbors.begin(), result.neighbors.end(), [&](const Neighbor& a, const Neighbor& b) {
    if (a.score != b.score) return larger_is_nearer ? a.score > b.score : a.score < b.score;
    return a.id < b.id;
  });
  result.explanation = answer.explanation;
  result.explanation.microseconds = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin).count());
  return result;
}

Result<Point> CollectionImpl::point(const View& view, Row row) const {
  const VectorField& field = view.generation->schema().fields[0];
  OMEN_TRY(view.generation->check_vectors(0, {index(row), index(row) + 1}));
  Point point;
  point.id = OMEN_TRY(view.generation->id(row));
  point.vector = to_floats(field, view.generation->vectors(0) + std::size_t{index(row)} * field.row_bytes());
  point.payload = OMEN_TRY(view.generation->payload(row));
  return point;
}

Result<std::optional<Point>> CollectionImpl::get(PointId id) const {
  const std::shared_ptr<const View> view = views_.current();
  const std::optional<Row> row = OMEN_TRY(view->generation->find(id));
  if (!row) return std::optional<Point>{};
  return std::optional<Point>(OMEN_TRY(point(*view, *row)));
}

Result<bool> CollectionImpl::contains(PointId id) const {
  return OMEN_TRY(views_.current()->generation->find(id)).has_value();
}

Result<std::vector<Row>> CollectionImpl::matching_rows(const View& view, const Filter& filter) const {
  const auto check = OMEN_TRY(compile(filter));
  if (check) {
    const IndexedFilter indexed(*check, *view.field_indexes, view.visible);
    PointFilter point_filter(view, indexed);
    std::vector<Row> rows = point_filter.list(view.visible);
    OMEN_TRY(point_filter.error());
    return rows;
  }
  const RowFilter live = view.live_rows();
  std::vector<Row> rows;
  for (std::uint32_t i = 0; i < view.visible; ++i) {
    if (live.contains(Row{i})) rows.push_back(Row{i});
  }
  return rows;
}

Result<std::uint64_t> CollectionImpl::count(const Filter& filter) const {
  const std::shared_ptr<const View> view = views_.current();
  if (filter.empty()) return view->live;
  return std::uint64_t{OMEN_TRY(matching_rows(*view, filter)).size()};
}

Result<void> CollectionImpl::iterate(const std::function<bool(const Point&)>& visit, const Filter& filter) const {
  const std::shared_ptr<const View> view = views_.current();
  const std::vector<Row> rows = OMEN_TRY(matching_rows(*view, filter));
  std::vector<std::pair<PointId, Row>> order;
  order.reserve(rows.size());
  for (const Row row : rows) order.emplace_back(OMEN_TRY(view->generation->id(row)), row);
  std::sort(order.begin(), order.end());
  for (const auto& [id, row] : order) {
    if (!visit(OMEN_TRY(point(*view, row)))) return {};
  }
  return {};
}

}  // namespace omendb
