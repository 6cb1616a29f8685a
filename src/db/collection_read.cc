// The read path: take a View, keep it, answer from it.
#include <algorithm>
#include <string>

#include "base/try.h"
#include "db/bound_filter.h"
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

std::uint32_t threads_for(const SearchOptions& options, const View& view, std::size_t field) {
  if (options.threads != 0) return options.threads;
  const bool scans_tail =
      view.fields[field].gets_graph() && !options.exact && options.freshness == Freshness::All;
  const std::uint32_t tail = view.visible - view.fields[field].covered();
  return scans_tail && tail >= kLongTailRows ? SearchThreads::kAllCores : 1;
}

}  // namespace

Result<void> CollectionImpl::check_options(const SearchOptions& options) const {
  if (options.k < 1 || options.k > kNeighborsMax) {
    return Error{ErrorCode::InvalidArgument, "k is " + std::to_string(options.k) + ", and may be 1 to 10000"};
  }
  return {};
}

Result<std::size_t> CollectionImpl::field_named(std::string_view name) const {
  const auto& fields = store_->schema().fields;
  for (std::size_t field = 0; field < fields.size(); ++field) {
    if (fields[field].name == name) return field;
  }
  const std::string what = name.empty() ? "no unnamed vector" : "no vector \"" + std::string(name) + "\"";
  return Error{ErrorCode::InvalidArgument, "the collection has " + what};
}

Result<SearchResult> CollectionImpl::search(std::span<const float> query, const SearchOptions& options) const {
  OMEN_TRY(check_options(options));
  const std::size_t field = OMEN_TRY(field_named(options.vector_name));
  const std::shared_ptr<const View> view = views_.current();
  const BoundFilter filter = OMEN_TRY(BoundFilter::bind(options.filter, *view));
  const SearchThreads::Lease threads = environment_->search_threads.lease(threads_for(options, *view, field));
  const Foreground::Work work(environment_->foreground, threads.count());
  return search_view(*view, field, query, options, filter.get(), threads.executor);
}

Result<std::vector<SearchResult>> CollectionImpl::search_batch(std::span<const float> queries,
                                                               const SearchOptions& options) const {
  OMEN_TRY(check_options(options));
  const std::size_t field = OMEN_TRY(field_named(options.vector_name));
  const std::uint32_t dimensions = store_->schema().fields[field].dimensions;
  if (queries.size() % dimensions != 0) {
    return Error{
        ErrorCode::InvalidArgument,
        std::to_string(queries.size()) + " values are no whole number of queries of " + std::to_string(dimensions)};
  }
  const std::size_t count = queries.size() / dimensions;
  const std::shared_ptr<const View> view = views_.current();
  const BoundFilter filter = OMEN_TRY(BoundFilter::bind(options.filter, *view));

  std::vector<SearchResult> answers(count);
  std::mutex failing;
  std::optional<Error> failed;
  const auto answer = [&](std::size_t begin, std::size_t end, std::size_t) {
    for (std::size_t i = begin; i < end; ++i) {
      Result<SearchResult> found =
          search_view(*view, field, queries.subspan(i * dimensions, dimensions), options, filter.get(), nullptr);
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

Result<SearchResult> CollectionImpl::search_view(const View& view, std::size_t field, std::span<const float> query,
                                                 const SearchOptions& options, const IndexedFilter* filter,
                                                 Executor* executor) const {
  const auto begin = std::chrono::steady_clock::now();
  const VectorField& schema = store_->schema().fields[field];
  OMEN_TRY(check_query(schema, query));
  Answer answer = OMEN_TRY(answer_query(view, field, query, options, filter, executor));

  SearchResult result;
  result.lsn = view.lsn;
  result.neighbors = OMEN_TRY(neighbors(view, answer.nearest, schema.metric, options));
  result.explanation = answer.explanation;
  result.explanation.microseconds = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin).count());
  return result;
}

// Best first; ties by id.
Result<std::vector<Neighbor>> CollectionImpl::neighbors(const View& view, std::span<const Candidate> nearest,
                                                        Metric metric, const SearchOptions& options) const {
  const Reading reading{.payload = options.with_payload, .vectors = options.with_vector};
  std::vector<Neighbor> found;
  found.reserve(nearest.size());
  for (const Candidate& candidate : nearest) {
    Point read = OMEN_TRY(point(view, candidate.row, reading));
    found.push_back({read.id, score_of(metric, candidate.distance), std::move(read.payload), std::move(read.vector),
                     std::move(read.vectors), std::move(read.sparse_vectors)});
  }
  const bool descending = larger_is_nearer(metric);
  std::sort(found.begin(), found.end(), [&](const Neighbor& a, const Neighbor& b) {
    if (a.score != b.score) return descending ? a.score > b.score : a.score < b.score;
    return a.id < b.id;
  });
  return found;
}

Result<Point> CollectionImpl::point(const View& view, Row row, const Reading& reading) const {
  const Generation& generation = *view.generation;
  Point point;
  point.id = OMEN_TRY(generation.id(row));
  if (reading.payload) point.payload = OMEN_TRY(generation.payload(row));
  if (!reading.vectors) return point;

  const Schema& schema = generation.schema();
  const FieldMask lacking = OMEN_TRY(generation.lacking(row));
  for (std::size_t f = 0; f < schema.fields.size(); ++f) {
    if ((lacking & dense_bit(f)) != 0) continue;
    const VectorField& field = schema.fields[f];
    OMEN_TRY(generation.check_vectors(f, {index(row), index(row) + 1}));
    std::vector<float> values = to_floats(field, generation.vectors(f) + std::size_t{index(row)} * field.row_bytes());
    if (field.name.empty()) {
      point.vector = std::move(values);
    } else {
      point.vectors.push_back({field.name, std::move(values)});
    }
  }
  for (std::size_t f = 0; f < schema.sparse.size(); ++f) {
    if ((lacking & sparse_bit(f)) != 0) continue;
    const SparseView vector = OMEN_TRY(generation.sparse(f, row));
    point.sparse_vectors.push_back({schema.sparse[f].name,
                                    {{vector.indices.begin(), vector.indices.end()},
                                     {vector.values.begin(), vector.values.end()}}});
  }
  return point;
}

Result<std::optional<Point>> CollectionImpl::get(PointId id, const Reading& reading) const {
  const std::shared_ptr<const View> view = views_.current();
  const std::optional<Row> row = OMEN_TRY(view->generation->find(id));
  if (!row) return std::optional<Point>{};
  return std::optional<Point>(OMEN_TRY(point(*view, *row, reading)));
}

Result<bool> CollectionImpl::contains(PointId id) const {
  return OMEN_TRY(views_.current()->generation->find(id)).has_value();
}

Result<std::vector<Row>> CollectionImpl::matching_rows(const View& view, const Filter& filter) const {
  const BoundFilter bound = OMEN_TRY(BoundFilter::bind(filter, view));
  return omendb::matching_rows(view, bound.of(view).get());
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
    if (!visit(OMEN_TRY(point(*view, row, {})))) return {};
  }
  return {};
}

}  // namespace omendb
