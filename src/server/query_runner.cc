#include "server/query_runner.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "omendb/fusion.h"
#include "server/backend.h"
#include "server/diversity.h"
#include "server/example_scores.h"
#include "server/limits.h"
#include "server/similarity.h"
#include "server/work_memory.h"

namespace omendb {
namespace {

// What the engine finds at once: offset and limit end here.
constexpr std::uint64_t kFoundMax = kLimitMax;

constexpr float kNoScore = 1;  // of points that were compared with nothing

std::uint32_t wanted(const Query& query) {
  return static_cast<std::uint32_t>(
      std::min(query.offset + std::min<std::uint64_t>(query.limit, kFoundMax), kFoundMax));
}

template <class T>
void append(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

// Both filters' conditions side by side, as Qdrant hands filters down to prefetches.
Filter both(const Filter& outer, const Filter& inner) {
  Filter merged = outer;
  append(merged.must, inner.must);
  append(merged.should, inner.should);
  append(merged.must_not, inner.must_not);
  if (!merged.min_should) {
    merged.min_should = inner.min_should;
  } else if (inner.min_should) {
    append(merged.min_should->conditions, inner.min_should->conditions);
    merged.min_should->min_count = std::max(merged.min_should->min_count, inner.min_should->min_count);
  }
  return merged;
}

void exclude_ids(Filter& filter, std::vector<PointId> ids) {
  if (!ids.empty()) filter.must_not.push_back({HasId{std::move(ids)}});
}

// Takes the offset off the front and the rest behind the limit.
template <class T>
void cut(std::vector<T>& hits, const Query& query) {
  hits.erase(hits.begin(),
             hits.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(query.offset, hits.size())));
  if (hits.size() > query.limit) hits.erase(hits.begin() + static_cast<std::ptrdiff_t>(query.limit), hits.end());
}

// --- Fields of the collection.

struct DenseField {
  std::uint32_t dimensions;
  Metric metric;
  Datatype datatype;
};

std::optional<DenseField> dense_field(const CollectionOptions& options, std::string_view name) {
  if (name.empty()) {
    if (options.dimensions == 0) return std::nullopt;
    return DenseField{options.dimensions, options.metric, options.datatype};
  }
  for (const VectorOptions& vector : options.vectors) {
    if (vector.name == name) return DenseField{vector.dimensions, vector.metric, vector.datatype};
  }
  return std::nullopt;
}

// Sparse vectors are compared by their dot products.
Metric metric_of(const CollectionOptions& options, std::string_view name) {
  const std::optional<DenseField> field = dense_field(options, name);
  return field ? field->metric : Metric::Dot;
}

bool is_sparse_field(const CollectionOptions& options, std::string_view name) {
  return std::any_of(options.sparse_vectors.begin(), options.sparse_vectors.end(),
                     [&](const SparseVectorOptions& vector) { return vector.name == name; });
}

Refusal no_such_vector(std::string_view name) {
  return wrong_input("Not existing vector name error: " + std::string(name));
}

// As Qdrant says it, before the engine would in its own words.
Outcome<void> check_vector(const CollectionOptions& options, std::string_view name, const VectorInput& vector) {
  const std::optional<DenseField> dense = dense_field(options, name);
  if (!dense && !is_sparse_field(options, name)) return no_such_vector(name);
  const auto* values = std::get_if<std::vector<float>>(&vector);
  if (dense.has_value() != (values != nullptr))
    return wrong_input("Conversion between sparse and regular vectors failed");
  if (values == nullptr || values->size() == dense->dimensions) return {};
  return wrong_input("Vector dimension error: expected dim: " + std::to_string(dense->dimensions) + ", got " +
                     std::to_string(values->size()));
}

void normalise(std::vector<float>& vector) {
  const double squares = std::inner_product(vector.begin(), vector.end(), vector.begin(), 0.0, std::plus<>(),
                                            [](float a, float b) { return double{a} * double{b}; });
  if (squares == 0) return;
  for (float& value : vector) value = static_cast<float>(value / std::sqrt(squares));
}

// --- Averages, as Qdrant computes them: mean of the positives, moved away from the mean of the negatives by as much.

std::vector<float> mean(const std::vector<VectorInput>& vectors) {
  std::vector<float> sum;
  for (const VectorInput& input : vectors) {
    const auto& vector = std::get<std::vector<float>>(input);
    if (sum.empty()) sum.assign(vector.size(), 0);
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += vector[i];
  }
  for (float& value : sum) value /= static_cast<float>(vectors.size());
  return sum;
}

std::map<std::uint32_t, float> sparse_mean(const std::vector<VectorInput>& vectors) {
  std::map<std::uint32_t, float> sum;
  for (const VectorInput& input : vectors) {
    const auto& vector = std::get<SparseVector>(input);
    for (std::size_t i = 0; i < vector.indices.size(); ++i) sum[vector.indices[i]] += vector.values[i];
  }
  for (auto& [index, value] : sum) value /= static_cast<float>(vectors.size());
  return sum;
}

VectorInput average(const std::vector<VectorInput>& positive, const std::vector<VectorInput>& negative) {
  if (std::holds_alternative<std::vector<float>>(positive.front())) {
    std::vector<float> target = mean(positive);
    if (negative.empty()) return target;
    const std::vector<float> away = mean(negative);
    for (std::size_t i = 0; i < target.size(); ++i) target[i] += target[i] - away[i];
    return target;
  }
  std::map<std::uint32_t, float> target = sparse_mean(positive);
  if (!negative.empty()) {
    for (auto& [index, value] : target) value += value;
    for (const auto& [index, value] : sparse_mean(negative)) target[index] -= value;
  }
  SparseVector vector;
  for (const auto& [index, value] : target) {
    vector.indices.push_back(index);
    vector.values.push_back(value);
  }
  return vector;
}

// Points that a query compares with are no answers to it, and are not fetched for one either, as in Qdrant. Those looked up
// in another collection are none of this one's.
std::vector<PointId> examples_of(const Query& query) {
  std::vector<PointId> ids;
  if (query.lookup) return ids;
  const auto add = [&](const VectorInput& input) {
    if (const auto* id = std::get_if<PointId>(&input)) ids.push_back(*id);
  };
  if (query.kind == QueryKind::Nearest || query.kind == QueryKind::Discover) add(query.nearest);
  for (const VectorInput& input : query.positive) add(input);
  for (const VectorInput& input : query.negative) add(input);
  for (const ContextPair& pair : query.context) {
    add(pair.positive);
    add(pair.negative);
  }
  return ids;
}

}  // namespace

void require_ids(Filter& filter, std::vector<PointId> ids) { filter.must.push_back({HasId{std::move(ids)}}); }

Outcome<VectorInput> vector_of(const Collection& collection, PointId id, std::string_view name) {
  const CollectionOptions& options = collection.options();
  const std::optional<DenseField> dense = dense_field(options, name);
  if (!dense && !is_sparse_field(options, name)) return no_such_vector(name);
  std::optional<Point> point = OMEN_TRY(collection.get(id, {.payload = false, .vectors = true}));
  if (!point) return not_found("No point with id " + id.to_string() + " found");
  std::vector<float>* found = name.empty() && !point->vector.empty() ? &point->vector : nullptr;
  for (NamedVector& vector : point->vectors) {
    if (vector.name == name) found = &vector.values;
  }
  if (found != nullptr) {
    if (dense->metric == Metric::Cosine && dense->datatype != Datatype::Uint8) normalise(*found);
    return VectorInput(std::move(*found));
  }
  for (NamedSparseVector& vector : point->sparse_vectors) {
    if (vector.name == name) return VectorInput(std::move(vector.vector));
  }
  return wrong_input("Vector with name `" + std::string(name) + "` for point " + id.to_string() + " not found");
}

Outcome<QueryRunner::Hits> QueryRunner::run(const Query& query, const Filter& outer) {
  Filter filter = both(outer, query.filter);
  if (query.prefetch.empty()) return run_alone(query, std::move(filter), query.exact);
  exclude_ids(filter, examples_of(query));
  return merge(query, filter);
}

Outcome<QueryRunner::Hits> QueryRunner::merge(const Query& query, const Filter& filter) {
  std::vector<Hits> sources;
  for (const Query& prefetch : query.prefetch) sources.push_back(OMEN_TRY(run(prefetch, filter)));

  const bool by_rank = query.kind == QueryKind::RankFusion;
  if (!by_rank && query.kind != QueryKind::ScoreFusion) {
    std::vector<PointId> ids;
    for (const Hits& source : sources) {
      for (const Hit& hit : source) ids.push_back(hit.id);
    }
    if (ids.empty()) return Hits();
    Filter among = filter;
    require_ids(among, std::move(ids));
    return run_alone(query, std::move(among), true);
  }

  std::vector<RankedList> lists;
  for (const Hits& source : sources) {
    RankedList& list = lists.emplace_back();
    // Scores as they are, as Qdrant fuses them: distances, too, count the more the larger they are.
    for (const Hit& hit : source) list.push_back({hit.id, double{hit.score}});
  }
  const RankedList fused =
      by_rank ? fuse_by_rank(lists, {.k = query.rank_k, .weights = query.weights}) : fuse_by_score(lists);
  Hits hits;
  for (const RankedPoint& point : fused) {
    const auto score = static_cast<float>(point.score);
    if (!query.score_threshold || score >= *query.score_threshold) hits.push_back({point.id, score});
  }
  cut(hits, query);
  return hits;
}

Outcome<QueryRunner::Hits> QueryRunner::run_alone(const Query& query, Filter filter, bool exact) {
  OMEN_TRY(call_.check_time());
  switch (query.kind) {
    case QueryKind::Nearest:
      return nearest(query, std::move(filter), exact);
    case QueryKind::Recommend:
      return recommend(query, std::move(filter), exact);
    case QueryKind::Discover:
      return discover(query, std::move(filter));
    case QueryKind::Context:
      return discover(query, std::move(filter));
    case QueryKind::Sample:
      return sample(query, filter);
    default:
      return scroll(query, filter);
  }
}

Outcome<QueryRunner::Hits> QueryRunner::scroll(const Query& query, const Filter& filter) {
  ScrollOptions options{.filter = filter, .limit = wanted(query), .reading = {.payload = false, .vectors = false}};
  const bool ordered = query.kind == QueryKind::OrderBy;
  if (ordered) options.order_by = query.order_by;
  const ScrollPage page = OMEN_TRY(collection_.scroll(options));
  Hits hits;
  for (std::size_t i = 0; i < page.points.size(); ++i) {
    hits.push_back({page.points[i].id, kNoScore});
    if (ordered) hits.back().order_value = page.order_values[i];
  }
  cut(hits, query);
  return hits;
}

Outcome<QueryRunner::Hits> QueryRunner::sample(const Query& query, const Filter& filter) {
  const auto ids = OMEN_TRY(collection_.sample(wanted(query), filter));
  Hits hits;
  for (const PointId id : ids) hits.push_back({id, kNoScore});
  cut(hits, query);
  return hits;
}

SearchOptions QueryRunner::options_of(const Query& query, const Filter& filter, bool exact) const {
  SearchOptions options;
  options.k = wanted(query);
  options.ef = query.ef;
  options.filter = filter;
  options.exact = exact;
  options.freshness = query.indexed_only ? Freshness::Indexed : Freshness::All;
  options.score_threshold = query.score_threshold;
  options.vector_name = query.vector_name;
  return options;
}

Outcome<std::vector<Neighbor>> QueryRunner::search(const VectorInput& vector, const SearchOptions& options) {
  const auto* dense = std::get_if<std::vector<float>>(&vector);
  SearchResult result = OMEN_TRY(dense != nullptr ? collection_.search(*dense, options)
                                                  : collection_.search(std::get<SparseVector>(vector), options));
  add(result.explanation);
  return std::move(result.neighbors);
}

void QueryRunner::add(const Explanation& one) {
  if (one.microseconds >= slowest_microseconds_) {
    slowest_microseconds_ = one.microseconds;
    explanation_.plan = one.plan;
  }
  explanation_.walk_was_left |= one.walk_was_left;
  explanation_.steps += one.steps;
  explanation_.rows_by_graph += one.rows_by_graph;
  explanation_.rows_by_scan += one.rows_by_scan;
  explanation_.rows_by_list += one.rows_by_list;
  explanation_.distances += one.distances;
  explanation_.payloads_read += one.payloads_read;
  explanation_.microseconds += one.microseconds;
}

Outcome<QueryRunner::Hits> QueryRunner::nearest(const Query& query, Filter filter, bool exact) {
  std::vector<PointId> mentioned;
  const VectorInput vector = OMEN_TRY(resolve(query.nearest, query, mentioned));
  OMEN_TRY(check_vector(collection_.options(), query.vector_name, vector));
  exclude_ids(filter, std::move(mentioned));
  SearchOptions options = options_of(query, filter, exact);
  if (query.mmr) options.k = query.mmr->candidates > 0 ? query.mmr->candidates : wanted(query);
  const std::vector<Neighbor> neighbors = OMEN_TRY(search(vector, options));
  Hits hits;
  for (const Neighbor& neighbor : neighbors) hits.push_back({neighbor.id, neighbor.score});
  if (query.mmr) hits = OMEN_TRY(diversify(query, hits));
  cut(hits, query);
  return hits;
}

Outcome<QueryRunner::Hits> QueryRunner::diversify(const Query& query, const Hits& hits) {
  const Metric metric = metric_of(collection_.options(), query.vector_name);
  Hits candidates;
  std::vector<VectorInput> vectors;
  std::vector<float> relevance;
  const std::optional<DenseField> field = dense_field(collection_.options(), query.vector_name);
  MemoryLease memory = call_.request.memory.sibling();
  if (field) OMEN_TRY(cover(memory, hits.size() * field->dimensions * sizeof(float)));
  for (const Hit& hit : hits) {
    OMEN_TRY(call_.check_time());
    Outcome<VectorInput> vector = vector_of(collection_, hit.id, query.vector_name);
    if (!vector.ok()) continue;  // erased meanwhile
    vectors.push_back(std::move(*vector));
    candidates.push_back(hit);
    relevance.push_back(similarity_of(metric, hit.score));
  }
  const auto alike = [&](std::size_t a, std::size_t b) { return similarity(vectors[a], vectors[b], metric); };
  Hits chosen;
  for (const std::size_t place :
       choose_diverse(relevance, alike, {.diversity = query.mmr->diversity, .count = wanted(query)})) {
    chosen.push_back(candidates[place]);
  }
  return chosen;
}

Outcome<VectorInput> QueryRunner::resolve(const VectorInput& input, const Query& query,
                                          std::vector<PointId>& mentioned) {
  const auto* id = std::get_if<PointId>(&input);
  if (id == nullptr) return input;
  if (!query.lookup) {
    mentioned.push_back(*id);
    return vector_of(collection_, *id, query.vector_name);
  }
  Result<Collection> other = call_.open(query.lookup->collection);
  if (!other.ok()) return not_found("Collection " + query.lookup->collection + " not found");
  return vector_of(*other, *id, query.lookup->vector.value_or(query.vector_name));
}

Outcome<std::vector<VectorInput>> QueryRunner::resolve_all(const std::vector<VectorInput>& inputs, const Query& query,
                                                           std::vector<PointId>& mentioned) {
  std::vector<VectorInput> vectors;
  for (const VectorInput& input : inputs) {
    vectors.push_back(OMEN_TRY(resolve(input, query, mentioned)));
    OMEN_TRY(check_vector(collection_.options(), query.vector_name, vectors.back()));
  }
  return vectors;
}

Outcome<QueryRunner::Hits> QueryRunner::recommend(const Query& query, Filter filter, bool exact) {
  std::vector<PointId> mentioned;
  const auto positive = OMEN_TRY(resolve_all(query.positive, query, mentioned));
  const auto negative = OMEN_TRY(resolve_all(query.negative, query, mentioned));
  exclude_ids(filter, std::move(mentioned));
  if (query.strategy != RecommendStrategy::AverageVector) return recommend_by_scores(query, filter, positive, negative);
  const std::vector<Neighbor> neighbors =
      OMEN_TRY(search(average(positive, negative), options_of(query, filter, exact)));
  Hits hits;
  for (const Neighbor& neighbor : neighbors) hits.push_back({neighbor.id, neighbor.score});
  cut(hits, query);
  return hits;
}

Outcome<QueryRunner::Hits> QueryRunner::recommend_by_scores(const Query& query, const Filter& filter,
                                                            const std::vector<VectorInput>& positive,
                                                            const std::vector<VectorInput>& negative) {
  Candidates candidates = OMEN_TRY(candidates_of(query, filter));
  const auto likes = OMEN_TRY(compare_all(positive, query, filter, candidates));
  const auto dislikes = OMEN_TRY(compare_all(negative, query, filter, candidates));
  const bool sums = query.strategy == RecommendStrategy::SumScores;
  return best_of(
      query, candidates,
      sums ? sum_scores(likes, dislikes, candidates.ids.size()) : best_scores(likes, dislikes, candidates.ids.size()));
}

Outcome<QueryRunner::Hits> QueryRunner::discover(const Query& query, Filter filter) {
  std::vector<PointId> mentioned;
  std::vector<VectorInput> targets;
  if (query.kind == QueryKind::Discover) targets = OMEN_TRY(resolve_all({query.nearest}, query, mentioned));
  std::vector<VectorInput> positive;
  std::vector<VectorInput> negative;
  for (const ContextPair& pair : query.context) {
    append(positive, OMEN_TRY(resolve_all({pair.positive}, query, mentioned)));
    append(negative, OMEN_TRY(resolve_all({pair.negative}, query, mentioned)));
  }
  exclude_ids(filter, std::move(mentioned));

  Candidates candidates = OMEN_TRY(candidates_of(query, filter));
  auto likes = OMEN_TRY(compare_all(positive, query, filter, candidates));
  auto dislikes = OMEN_TRY(compare_all(negative, query, filter, candidates));
  std::vector<SimilarityPair> context;
  for (std::size_t i = 0; i < likes.size(); ++i) context.push_back({std::move(likes[i]), std::move(dislikes[i])});
  if (targets.empty()) return best_of(query, candidates, context_scores(context, candidates.ids.size()));
  const auto to_target = OMEN_TRY(compare_all(targets, query, filter, candidates));
  return best_of(query, candidates, discovery_scores(to_target.front(), context));
}

// Who is compared with every example, which is exact and as slow as it sounds: so many may there be.
Outcome<QueryRunner::Candidates> QueryRunner::candidates_of(const Query& query, Filter filter) {
  filter.must.push_back({HasVector{query.vector_name}});
  const std::uint64_t count = OMEN_TRY(collection_.count(filter));
  if (count > kFoundMax) {
    return bad_request("queries by several examples are supported by this server for at most " +
                       std::to_string(kFoundMax) + " candidates, and " + std::to_string(count) + " match the filter");
  }
  const ScrollPage page = OMEN_TRY(collection_.scroll({.filter = filter,
                                                       .limit = static_cast<std::uint32_t>(kFoundMax),
                                                       .reading = {.payload = false, .vectors = false}}));
  Candidates candidates;
  for (const Point& point : page.points) candidates.ids.push_back(point.id);
  candidates.lost.resize(candidates.ids.size(), false);
  return candidates;
}

// Sparse candidates that share nothing with an example are not found, and as alike as 0. A dense one that is not found was
// erased meanwhile.
Outcome<std::vector<Similarities>> QueryRunner::compare_all(const std::vector<VectorInput>& examples,
                                                            const Query& query, const Filter& filter,
                                                            Candidates& candidates) {
  const bool is_dense = dense_field(collection_.options(), query.vector_name).has_value();
  const Metric metric = metric_of(collection_.options(), query.vector_name);
  SearchOptions options = options_of(query, filter, true);
  options.k = static_cast<std::uint32_t>(kFoundMax);
  options.freshness = Freshness::All;  // as the candidates are
  options.score_threshold = std::nullopt;
  std::vector<Similarities> all;
  for (const VectorInput& example : examples) {
    OMEN_TRY(call_.check_time());
    const std::vector<Neighbor> neighbors = OMEN_TRY(search(example, options));
    Similarities& similarities = all.emplace_back(candidates.ids.size(), 0.0F);
    std::vector<bool> found(candidates.ids.size(), !is_dense);
    for (const Neighbor& neighbor : neighbors) {
      const auto place = std::lower_bound(candidates.ids.begin(), candidates.ids.end(), neighbor.id);
      if (place == candidates.ids.end() || *place != neighbor.id) continue;  // put a moment ago
      const auto i = static_cast<std::size_t>(place - candidates.ids.begin());
      similarities[i] = similarity_of(metric, neighbor.score);
      found[i] = true;
    }
    for (std::size_t i = 0; i < found.size(); ++i) candidates.lost[i] = candidates.lost[i] || !found[i];
  }
  return all;
}

QueryRunner::Hits QueryRunner::best_of(const Query& query, const Candidates& candidates,
                                       const std::vector<float>& scores) {
  Hits hits;
  for (std::size_t i = 0; i < candidates.ids.size(); ++i) {
    if (candidates.lost[i]) continue;
    if (!query.score_threshold || scores[i] >= *query.score_threshold) hits.push_back({candidates.ids[i], scores[i]});
  }
  std::stable_sort(hits.begin(), hits.end(), [](const Hit& a, const Hit& b) { return a.score > b.score; });
  cut(hits, query);
  return hits;
}

}  // namespace omendb
