// Queries as they are asked: Qdrant's query, prefetch and older search and recommend requests, as one tree.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "omendb/types.h"
#include "server/json.h"

namespace omendb {

// A vector, or the id of the point that has it.
using VectorInput = std::variant<PointId, std::vector<float>, SparseVector>;

enum class QueryKind : std::uint8_t {
  Scroll,  // nothing is asked: by id
  Nearest,
  Recommend,
  Discover,
  Context,
  OrderBy,
  Sample,
  RankFusion,   // of prefetches
  ScoreFusion,  // likewise
};

enum class RecommendStrategy : std::uint8_t { AverageVector, BestScore, SumScores };

// Maximal marginal relevance, see diversity.h.
struct Mmr {
  double diversity = 0.5;
  std::uint32_t candidates = 0;  // 0: as many as are wanted
};

// Nearer to the one than to the other.
struct ContextPair {
  VectorInput positive;
  VectorInput negative;
};

struct VectorLookup {
  std::string collection;
  std::optional<std::string> vector;  // none: the name that is searched
};

struct Query {
  QueryKind kind = QueryKind::Scroll;

  VectorInput nearest;  // Nearest; the target of Discover
  std::optional<Mmr> mmr;

  std::vector<VectorInput> positive;  // Recommend
  std::vector<VectorInput> negative;
  RecommendStrategy strategy = RecommendStrategy::AverageVector;

  std::vector<ContextPair> context;  // Discover, Context

  omendb::OrderBy order_by;  // OrderBy

  std::uint32_t rank_k = 2;  // RankFusion
  std::vector<float> weights;

  std::vector<Query> prefetch;
  std::string vector_name;
  Filter filter;
  std::optional<float> score_threshold;
  std::uint64_t limit = 10;
  std::uint64_t offset = 0;
  std::uint32_t ef = 0;
  bool exact = false;
  bool indexed_only = false;
  std::optional<VectorLookup> lookup;
};

Outcome<Query> read_query(const Json& request);              // points/query
Outcome<Query> read_search_request(const Json& request);     // points/search
Outcome<Query> read_recommend_request(const Json& request);  // points/recommend
Outcome<Query> read_discover_request(const Json& request);   // points/discover

}  // namespace omendb
