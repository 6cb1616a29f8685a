#include "server/query.h"

#include <algorithm>
#include <array>

#include "server/limits.h"
#include "server/order_by.h"
#include "server/selection.h"

namespace omendb {
namespace {

Refusal unsupported(std::string_view what) {
  return bad_request(std::string(what) + " is not supported by this server");
}

// --- Vectors.

Outcome<SparseVector> read_sparse(const Json& json) {
  SparseVector vector;
  const Json* indices = OMEN_TRY(need(json, "indices"));
  const Json* values = OMEN_TRY(need(json, "values"));
  vector.values = OMEN_TRY(read_floats(*values, "values"));
  OMEN_TRY(must_be_list(*indices, "indices"));
  for (const Json& index : indices->items()) {
    const std::uint64_t value = OMEN_TRY(read_unsigned(index, "indices"));
    if (value > UINT32_MAX) return wrong_format("invalid value: integer `" + std::to_string(value) + "`, expected u32");
    vector.indices.push_back(static_cast<std::uint32_t>(value));
  }
  if (vector.indices.size() != vector.values.size()) {
    return Refusal(422, "Validation error in JSON body: [values: must be the same length as indices]");
  }
  std::vector<std::uint32_t> sorted = vector.indices;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) {
    return Refusal(422, "Validation error in JSON body: [indices: must be unique]");
  }
  return vector;
}

Outcome<VectorInput> read_vector_input(const Json& json) {
  if (json.is(JsonKind::Array)) {
    if (!json.items().empty() && json.items()[0].is(JsonKind::Array)) return unsupported("a multivector");
    return VectorInput(OMEN_TRY(read_floats(json, "query")));
  }
  if (json.find("indices") != nullptr) return VectorInput(OMEN_TRY(read_sparse(json)));
  for (const std::string_view field : {"text", "image", "object", "model"}) {
    if (json.find(field) != nullptr)
      return bad_request("this server has no models for inference: send vectors in place of texts and images");
  }
  if (json.is(JsonKind::Object)) return wrong_format("data did not match any variant of untagged enum VectorInput");
  return VectorInput(OMEN_TRY(read_point_id(json, "query")));
}

// One or several.
Outcome<std::vector<VectorInput>> read_examples(const Json& object, std::string_view name) {
  std::vector<VectorInput> examples;
  const Json* list = object.find(name);
  if (list == nullptr) return examples;
  if (!list->is(JsonKind::Array)) return wrong_format(std::string(name) + ": invalid type, expected a sequence");
  if (list->items().size() > kExamplesMax)
    return bad_request("at most " + std::to_string(kExamplesMax) + " examples fit in a request");
  for (const Json& example : list->items()) examples.push_back(OMEN_TRY(read_vector_input(example)));
  return examples;
}

// --- What is asked.

Outcome<void> read_recommend(const Json& json, Query& query) {
  OMEN_TRY(must_be_object(json, "recommend"));
  query.kind = QueryKind::Recommend;
  query.positive = OMEN_TRY(read_examples(json, "positive"));
  query.negative = OMEN_TRY(read_examples(json, "negative"));
  const std::string_view strategy = OMEN_TRY(maybe_string(json, "strategy")).value_or("average_vector");
  if (strategy == "average_vector") {
    query.strategy = RecommendStrategy::AverageVector;
  } else if (strategy == "best_score") {
    query.strategy = RecommendStrategy::BestScore;
  } else if (strategy == "sum_scores") {
    query.strategy = RecommendStrategy::SumScores;
  } else {
    return wrong_format("unknown variant `" + std::string(strategy) +
                        "`, expected one of `average_vector`, `best_score`, `sum_scores`");
  }
  if (query.strategy == RecommendStrategy::AverageVector && query.positive.empty()) {
    return bad_request("At least one positive vector ID required with this strategy");
  }
  if (query.positive.empty() && query.negative.empty())
    return bad_request("At least one positive or negative vector ID required");
  return {};
}

Outcome<ContextPair> read_pair(const Json& json) {
  OMEN_TRY(must_be_object(json, "context"));
  ContextPair pair;
  const Json* positive = OMEN_TRY(need(json, "positive"));
  const Json* negative = OMEN_TRY(need(json, "negative"));
  pair.positive = OMEN_TRY(read_vector_input(*positive));
  pair.negative = OMEN_TRY(read_vector_input(*negative));
  return pair;
}

// One pair or several.
Outcome<void> read_context(const Json& json, Query& query) {
  query.kind = QueryKind::Context;
  const std::span<const Json> pairs = json.is(JsonKind::Array) ? json.items() : std::span(&json, 1);
  if (pairs.size() > kExamplesMax)
    return bad_request("at most " + std::to_string(kExamplesMax) + " pairs fit in a request");
  for (const Json& pair : pairs) query.context.push_back(OMEN_TRY(read_pair(pair)));
  return {};
}

Outcome<void> read_discover(const Json& json, Query& query) {
  const Json* target = OMEN_TRY(need(json, "target"));
  query.nearest = OMEN_TRY(read_vector_input(*target));
  if (const Json* context = json.find("context")) OMEN_TRY(read_context(*context, query));
  query.kind = QueryKind::Discover;
  return {};
}

Outcome<void> read_nearest(const Json& json, Query& query) {
  query.kind = QueryKind::Nearest;
  query.nearest = OMEN_TRY(read_vector_input(json));
  return {};
}

Outcome<void> read_mmr(const Json& json, Query& query) {
  OMEN_TRY(must_be_object(json, "mmr"));
  Mmr mmr;
  if (const Json* diversity = json.find("diversity")) {
    mmr.diversity = OMEN_TRY(read_double(*diversity, "diversity"));
    if (mmr.diversity < 0 || mmr.diversity > 1)
      return invalid_value("internal.query.mmr.diversity", diversity->text(), "from 0.0 to 1.0");
  }
  if (const auto candidates = OMEN_TRY(maybe_unsigned(json, "candidates_limit"))) {
    OMEN_TRY(in_bounds(*candidates, "internal.query.mmr.candidates_limit", 0, kMmrCandidatesMax));
    mmr.candidates = static_cast<std::uint32_t>(std::min<std::uint64_t>(*candidates, kLimitMax));
  }
  query.mmr = mmr;
  return {};
}

Outcome<void> read_rank_fusion(const Json& json, Query& query) {
  OMEN_TRY(must_be_object(json, "rrf"));
  query.kind = QueryKind::RankFusion;
  const std::uint64_t k = OMEN_TRY(maybe_unsigned(json, "k")).value_or(2);
  OMEN_TRY(in_bounds(k, "internal.query.rrf.k", 1, UINT32_MAX));
  query.rank_k = static_cast<std::uint32_t>(k);
  if (const Json* weights = json.find("weights")) query.weights = OMEN_TRY(read_floats(*weights, "weights"));
  return {};
}

Outcome<void> read_fusion(const Json& json, Query& query) {
  const std::string_view fusion = OMEN_TRY(read_string(json, "fusion"));
  if (fusion == "rrf") {
    query.kind = QueryKind::RankFusion;
  } else if (fusion == "dbsf") {
    query.kind = QueryKind::ScoreFusion;
  } else {
    return wrong_format("unknown variant `" + std::string(fusion) + "`, expected `rrf` or `dbsf`");
  }
  return {};
}

Outcome<void> read_sample(const Json& json, Query& query) {
  const std::string_view sample = OMEN_TRY(read_string(json, "sample"));
  if (sample != "random") return wrong_format("unknown variant `" + std::string(sample) + "`, expected `random`");
  query.kind = QueryKind::Sample;
  return {};
}

Outcome<void> read_ordering(const Json& json, Query& query) {
  query.kind = QueryKind::OrderBy;
  query.order_by = OMEN_TRY(read_order_by(json));
  return {};
}

struct Variant {
  std::string_view field;
  Outcome<void> (*read)(const Json& json, Query& query);
};
constexpr std::array<Variant, 8> kVariants = {{{"nearest", read_nearest},
                                               {"discover", read_discover},
                                               {"context", read_context},
                                               {"recommend", read_recommend},
                                               {"order_by", read_ordering},
                                               {"fusion", read_fusion},
                                               {"rrf", read_rank_fusion},
                                               {"sample", read_sample}}};
constexpr std::array<std::string_view, 2> kUnsupported = {"formula", "relevance_feedback"};

Outcome<void> read_what(const Json& json, Query& query) {
  if (!json.is(JsonKind::Object) || json.find("indices") != nullptr) return read_nearest(json, query);
  for (const std::string_view field : kUnsupported) {
    if (json.find(field) != nullptr) return unsupported("a query by `" + std::string(field) + "`");
  }
  if (const Json* mmr = json.find("mmr")) OMEN_TRY(read_mmr(*mmr, query));
  for (const Variant& variant : kVariants) {
    if (const Json* part = json.find(variant.field)) return variant.read(*part, query);
  }
  return read_nearest(json, query);
}

// --- How.

Outcome<void> read_params(const Json& json, Query& query) {
  OMEN_TRY(must_be_object(json, "params"));
  if (const auto ef = OMEN_TRY(maybe_unsigned(json, "hnsw_ef"))) {
    OMEN_TRY(in_bounds(*ef, "params.hnsw_ef", 1, UINT64_MAX));
    query.ef = static_cast<std::uint32_t>(std::min(*ef, kHnswEfMax));
  }
  query.exact = OMEN_TRY(maybe_bool(json, "exact")).value_or(false);
  query.indexed_only = OMEN_TRY(maybe_bool(json, "indexed_only")).value_or(false);
  if (json.find("idf") != nullptr) return unsupported("params.idf");
  return {};
}

Outcome<VectorLookup> read_lookup(const Json& json) {
  VectorLookup lookup;
  lookup.collection = OMEN_TRY(need_string(json, "collection"));
  if (const auto vector = OMEN_TRY(maybe_string(json, "vector"))) lookup.vector = std::string(*vector);
  return lookup;
}

Outcome<std::string> name_of_vector(const Json& using_name) {
  // Older requests also write {"name": ...}.
  if (using_name.is(JsonKind::Object)) return std::string(OMEN_TRY(need_string(using_name, "name")));
  return std::string(OMEN_TRY(read_string(using_name, "using")));
}

// Everything but what is asked. `path` is where validation finds it.
Outcome<void> read_frame(const Json& json, const std::string& path, Query& query) {
  OMEN_TRY(refuse_shard_key(json));
  query.filter = OMEN_TRY(filter_of(json));
  if (const auto threshold = OMEN_TRY(maybe_double(json, "score_threshold")))
    query.score_threshold = static_cast<float>(*threshold);
  const Json* limit = json.find("limit");
  if (limit == nullptr) limit = json.find("top");  // its older name
  if (limit != nullptr) {
    const std::uint64_t count = OMEN_TRY(read_unsigned(*limit, "limit"));
    OMEN_TRY(in_bounds(count, path + "limit", 1, UINT64_MAX));
    query.limit = count;
  }
  query.offset = OMEN_TRY(maybe_unsigned(json, "offset")).value_or(0);
  const bool wants_all = query.limit > kLimitMax;
  if (query.offset >= kLimitMax || (!wants_all && query.offset + query.limit > kLimitMax))
    return bad_request("offset and limit are at most " + std::to_string(kLimitMax) + " together");
  if (const Json* name = json.find("using")) query.vector_name = OMEN_TRY(name_of_vector(*name));
  if (const Json* params = json.find("params")) OMEN_TRY(read_params(*params, query));
  if (const Json* lookup = json.find("lookup_from")) query.lookup = OMEN_TRY(read_lookup(*lookup));
  return {};
}

bool is_fusion(const Query& query) {
  return query.kind == QueryKind::RankFusion || query.kind == QueryKind::ScoreFusion;
}

Outcome<void> check(const Query& query, const Json& json) {
  if (query.prefetch.empty() && is_fusion(query)) return bad_request("cannot apply Fusion without prefetches");
  if (!query.prefetch.empty() && query.kind == QueryKind::Scroll) {
    return bad_request("A query is needed to merge the prefetches. Can't have prefetches without defining a query.");
  }
  if (query.mmr && query.offset + std::min<std::uint64_t>(query.limit, kLimitMax) > kMmrChosenMax) {
    return bad_request("with mmr, offset and limit are at most " + std::to_string(kMmrChosenMax) + " together");
  }
  if (is_fusion(query) && json.find("using") != nullptr)
    return bad_request("Fusion queries cannot be combined with the 'using' field.");
  if (!query.weights.empty() && query.weights.size() != query.prefetch.size()) {
    return bad_request("RRF weights length (" + std::to_string(query.weights.size()) +
                       ") must match the number of prefetches (" + std::to_string(query.prefetch.size()) + ")");
  }
  return {};
}

class QueryReader {
 public:
  Outcome<Query> read(const Json& json, const std::string& path, std::size_t depth) {
    if (depth > kPrefetchDepthMax)
      return bad_request("prefetches are nested at most " + std::to_string(kPrefetchDepthMax) + " deep");
    OMEN_TRY(must_be_object(json, path));
    Query query;
    OMEN_TRY(read_frame(json, path, query));
    if (const Json* what = json.find("query")) OMEN_TRY(read_what(*what, query));
    if (const Json* prefetch = json.find("prefetch")) OMEN_TRY(read_prefetches(*prefetch, path, depth, query));
    OMEN_TRY(check(query, json));
    return query;
  }

 private:
  Outcome<void> read_prefetches(const Json& json, const std::string& path, std::size_t depth, Query& query) {
    const bool several = json.is(JsonKind::Array);
    const std::span<const Json> list = several ? json.items() : std::span(&json, 1);
    count_ += list.size();
    if (count_ > kPrefetchesMax)
      return bad_request("a query has at most " + std::to_string(kPrefetchesMax) + " prefetches");
    for (const Json& prefetch : list) {
      query.prefetch.push_back(OMEN_TRY(read(prefetch, path + "prefetch.", depth + 1)));
    }
    return {};
  }

  std::size_t count_ = 0;
};

}  // namespace

Outcome<Query> read_query(const Json& request) { return QueryReader().read(request, "internal.", 0); }

Outcome<Query> read_search_request(const Json& request) {
  Query query;
  OMEN_TRY(read_frame(request, "", query));
  if (request.find("limit") == nullptr && request.find("top") == nullptr) return wrong_format("missing field `limit`");
  const Json* vector = OMEN_TRY(need(request, "vector"));
  if (const Json* named = vector->find("vector")) {
    query.vector_name = OMEN_TRY(need_string(*vector, "name"));
    vector = named;
  }
  if (!vector->is(JsonKind::Array) && !vector->is(JsonKind::Object)) {
    return wrong_format("data did not match any variant of untagged enum NamedVectorStruct");
  }
  OMEN_TRY(read_nearest(*vector, query));
  return query;
}

Outcome<Query> read_recommend_request(const Json& request) {
  Query query;
  OMEN_TRY(read_frame(request, "", query));
  if (request.find("limit") == nullptr && request.find("top") == nullptr) return wrong_format("missing field `limit`");
  OMEN_TRY(read_recommend(request, query));
  return query;
}

Outcome<Query> read_discover_request(const Json& request) {
  Query query;
  OMEN_TRY(read_frame(request, "", query));
  if (request.find("limit") == nullptr && request.find("top") == nullptr) return wrong_format("missing field `limit`");
  if (request.find("target") != nullptr) {
    OMEN_TRY(read_discover(request, query));
  } else if (const Json* context = request.find("context")) {
    OMEN_TRY(read_context(*context, query));
  } else {
    return bad_request("Either a target or a context must be given");
  }
  return query;
}

}  // namespace omendb
