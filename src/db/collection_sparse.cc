// Sparse vectors: searched exactly, by an inverted index that the keeper extends over new rows. The index is in memory only,
// and made again behind each open.
#include <algorithm>
#include <chrono>
#include <utility>

#include "base/sparse_check.h"
#include "base/try.h"
#include "db/bound_filter.h"
#include "db/collection_impl.h"
#include "search/sparse_scan.h"

namespace omendb {
namespace {

// A row that a filter lists costs about as much as so many rows' postings in a scan of all.
constexpr std::uint64_t kListedRowCost = 16;

// What a search reads rows by; keeps the first error, after which no answer is right.
class RowVectors {
 public:
  RowVectors(const Generation& generation, std::size_t field) : generation_(generation), field_(field) {}

  SparseView operator()(Row row) {
    const Result<SparseView> vector = generation_.sparse(field_, row);
    if (vector.ok()) return *vector;
    if (!error_) error_ = vector.error();
    return {};
  }

  Result<void> error() const {
    if (error_) return *error_;
    return {};
  }

 private:
  const Generation& generation_;
  std::size_t field_;
  std::optional<Error> error_;
};

}  // namespace

std::vector<SparseFieldView> CollectionImpl::sparse_views(const StoreState& state) {
  const Schema& schema = state.generation->schema();
  std::vector<SparseFieldView> views;
  for (std::size_t field = 0; field < schema.sparse.size(); ++field) {
    views.push_back({std::make_shared<const SparseIndex>(),
                     state.live - state.generation->lacking_rows(schema.fields.size() + field)});
  }
  return views;
}

bool CollectionImpl::sparse_lags(const View& view) {
  return std::any_of(view.sparse.begin(), view.sparse.end(), [&](const SparseFieldView& field) {
    return view.visible - field.index->covered() > kUnindexedRowsMax;
  });
}

// Keeper. One part more for the field that is furthest behind; true if more rows wait. A vector that cannot be read is
// found by whoever needs it: the index stays behind.
bool CollectionImpl::index_sparse() {
  const std::shared_ptr<const View> view = views_.current();
  if (!sparse_lags(*view)) return false;
  const auto behind =
      std::ranges::min_element(view->sparse, {}, [](const auto& field) { return field.index->covered(); });
  const auto field = static_cast<std::size_t>(behind - view->sparse.begin());
  const SparseIndex& index = *behind->index;
  RowVectors vectors(*view->generation, field);
  SparsePartBuilder builder(Row{index.covered()});
  for (std::uint32_t row = index.covered(); row < view->visible && !builder.full(); ++row) {
    if (row % 1'024 == 0 && !keep_going()) return false;
    builder.add(vectors(Row{row}));
  }
  if (!vectors.error().ok()) return false;
  auto longer = std::make_shared<const SparseIndex>(index.with(std::move(builder).build()));
  change_view([&](View& current) {
    if (current.generation != view->generation) return;  // vacuumed: its rows are others
    current.sparse[field].index = std::move(longer);
  });
  return sparse_lags(*views_.current());
}

Result<std::size_t> CollectionImpl::sparse_field_named(std::string_view name) const {
  const auto& fields = store_->schema().sparse;
  for (std::size_t field = 0; field < fields.size(); ++field) {
    if (fields[field].name == name) return field;
  }
  return Error{ErrorCode::InvalidArgument, "the collection has no sparse vector \"" + std::string(name) + "\""};
}

Result<SearchResult> CollectionImpl::search(SparseView query, const SearchOptions& options) const {
  OMEN_TRY(check_options(options));
  const std::size_t field = OMEN_TRY(sparse_field_named(options.vector_name));
  OMEN_TRY(check_sparse(query));
  const auto begin = std::chrono::steady_clock::now();
  const Foreground::Work work(environment_->foreground, 1);
  const std::shared_ptr<const View> view = views_.current();
  const BoundFilter bound = OMEN_TRY(BoundFilter::bind(options.filter, *view));
  const std::unique_ptr<PointFilter> filter = bound.of(*view);
  const RowFilter live = view->live_sparse_rows(field);

  RowVectors vectors(*view->generation, field);
  const SparseRows::Vectors vector_of = vectors;
  const SparseRows rows{*view->sparse[field].index, vector_of, view->visible};
  SparseVector sorted = sorted_by_index(query);
  if (store_->schema().sparse[field].modifier == SparseModifier::Idf) {
    sorted = weighed_by_rarity(rows, sorted, view->sparse[field].live, live);
  }

  TopK nearest(options.k);
  SearchResult result;
  const bool listed = filter && filter->candidates_max() &&
                      *filter->candidates_max() * kListedRowCost < std::max<std::uint64_t>(view->visible, 1);
  if (listed) {
    std::vector<Row> candidates = filter->list(view->visible);
    std::erase_if(candidates, [&](Row row) { return !live.lives(row); });
    result.explanation.rows_by_list = candidates.size();
    result.explanation.distances = sparse_listed_scan(rows, candidates, sorted, nearest);
  } else {
    const auto matches = [&](Row row) { return filter->matches(row); };
    const RowFilter::Predicate predicate = matches;
    result.explanation.rows_by_scan = view->visible;
    result.explanation.distances = sparse_scan(rows, sorted, filter ? live.where(predicate) : live, nearest);
  }
  OMEN_TRY(vectors.error());
  if (filter) {
    OMEN_TRY(filter->error());
    result.explanation.payloads_read = filter->payloads_read();
  }

  std::vector<Candidate> best = nearest.take_sorted();
  if (options.score_threshold) {
    std::erase_if(best, [&](const Candidate& candidate) { return -candidate.distance < *options.score_threshold; });
  }
  result.lsn = view->lsn;
  result.neighbors = OMEN_TRY(neighbors(*view, best, Metric::Dot, options));
  result.explanation.microseconds = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin).count());
  return result;
}

}  // namespace omendb
