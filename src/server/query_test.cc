#include "server/query.h"

#include <gtest/gtest.h>

#include "server/http/body.h"

namespace omendb {
namespace {

struct Read {
  explicit Read(std::string_view text, Outcome<Query> (*read)(const Json&) = read_query) {
    body.append(text);
    document = JsonDocument::parse(body.text());
    EXPECT_TRUE(document.ok()) << text;
    query = read(document->root());
  }
  HttpBody body;
  Outcome<JsonDocument> document = JsonDocument::parse("");
  Outcome<Query> query = Refusal(0, "");
};

TEST(Query, IsReadInAllItsForms) {
  struct Case {
    const char* json;
    QueryKind want;
  };
  const Case cases[] = {
      {"{}", QueryKind::Scroll},
      {R"({"query": null})", QueryKind::Scroll},
      {R"({"query": [1, 2]})", QueryKind::Nearest},
      {R"({"query": 7})", QueryKind::Nearest},
      {R"({"query": "550e8400-e29b-41d4-a716-446655440000"})", QueryKind::Nearest},
      {R"({"query": {"indices": [1], "values": [2]}})", QueryKind::Nearest},
      {R"({"query": {"nearest": [1, 2], "mmr": {"diversity": 0.3}}})", QueryKind::Nearest},
      {R"({"query": {"recommend": {"positive": [1, [2, 3]]}}})", QueryKind::Recommend},
      {R"({"query": {"recommend": {"negative": [1], "strategy": "best_score"}}})", QueryKind::Recommend},
      {R"({"query": {"discover": {"target": 1, "context": {"positive": [1], "negative": 2}}}})", QueryKind::Discover},
      {R"({"query": {"context": [{"positive": 1, "negative": 2}]}})", QueryKind::Context},
      {R"({"query": {"order_by": "a"}})", QueryKind::OrderBy},
      {R"({"query": {"order_by": {"key": "a", "direction": "desc", "start_from": 1.5}}})", QueryKind::OrderBy},
      {R"({"query": {"sample": "random"}})", QueryKind::Sample},
      {R"({"prefetch": [{"query": [1]}], "query": {"fusion": "rrf"}})", QueryKind::RankFusion},
      {R"({"prefetch": {"query": [1]}, "query": {"rrf": {"k": 60, "weights": [1.5]}}})", QueryKind::RankFusion},
      {R"({"prefetch": {"prefetch": {"query": [1]}, "query": [2]}, "query": {"fusion": "dbsf"}})",
       QueryKind::ScoreFusion},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.json);
    const Read read(c.json);
    ASSERT_TRUE(read.query.ok()) << read.query.error().text;
    EXPECT_EQ(read.query->kind, c.want);
  }
}

TEST(Query, KeepsWhatStandsBesideIt) {
  const Read read(R"({"query": [1], "using": "a", "limit": 999999999, "offset": 5, "score_threshold": 0.5,
                      "params": {"hnsw_ef": 128, "exact": true, "quantization": {"ignore": true}, "indexed_only": true},
                      "lookup_from": {"collection": "b", "vector": "c"}, "filter": {}})");
  ASSERT_TRUE(read.query.ok()) << read.query.error().text;
  EXPECT_EQ(read.query->vector_name, "a");
  EXPECT_EQ(read.query->limit, 999'999'999U);
  EXPECT_EQ(read.query->offset, 5U);
  EXPECT_EQ(read.query->score_threshold, 0.5F);
  EXPECT_EQ(read.query->ef, 128U);
  EXPECT_TRUE(read.query->exact);
  EXPECT_TRUE(read.query->indexed_only);
  EXPECT_EQ(read.query->lookup->collection, "b");
}

TEST(Query, RefusesWhatWouldBeIgnored) {
  struct Case {
    const char* json;
    int status;
    const char* text;
  };
  const Case cases[] = {
      {R"({"query": {"discover": {"context": []}}})", 400, "Format error in JSON body: missing field `target`"},
      {R"({"query": {"context": [{"positive": 1}]}})", 400, "Format error in JSON body: missing field `negative`"},
      {R"({"query": {"formula": "$score"}})", 400, "Bad request: a query by `formula` is not supported by this server"},
      {R"({"query": {"relevance_feedback": {}}})", 400,
       "Bad request: a query by `relevance_feedback` is not supported by this server"},
      {R"({"query": [[1, 2]]})", 400, "Bad request: a multivector is not supported by this server"},
      {R"({"query": {"text": "cat", "model": "m"}})", 400,
       "Bad request: this server has no models for inference: send vectors in place of texts and images"},
      {R"({"params": {"idf": {}}})", 400, "Bad request: params.idf is not supported by this server"},
      {R"({"shard_key": "a"})", 400, "Bad request: shard_key is not supported by this server: it has one shard"},
      {R"({"prefetch": {"query": [1]}})", 400,
       "Bad request: A query is needed to merge the prefetches. Can't have prefetches without defining a query."},
      {R"({"prefetch": {"query": [1]}, "query": {"fusion": "rrf"}, "using": "a"})", 400,
       "Bad request: Fusion queries cannot be combined with the 'using' field."},
      {R"({"query": {"fusion": "rrf"}})", 400, "Bad request: cannot apply Fusion without prefetches"},
      {R"({"limit": 0})", 422, "Validation error in JSON body: [internal.limit: value 0 invalid, must be 1 or larger]"},
      {R"({"limit": -1})", 400,
       "Format error in JSON body: limit: invalid value: integer `-1`, expected an unsigned integer"},
      {R"({"params": {"hnsw_ef": 0}})", 422,
       "Validation error in JSON body: [params.hnsw_ef: value 0 invalid, must be 1 or larger]"},
      {R"({"query": {"nearest": [1], "mmr": {"candidates_limit": 16385}}})", 422,
       "Validation error in JSON body: [internal.query.mmr.candidates_limit: value 16385 invalid, must be from 0 to "
       "16384]"},
      {R"({"query": {"nearest": [1], "mmr": {"diversity": 1.5}}})", 422,
       "Validation error in JSON body: [internal.query.mmr.diversity: value 1.5 invalid, must be from 0.0 to 1.0]"},
      {R"({"query": {"recommend": {"negative": [1]}}})", 400,
       "Bad request: At least one positive vector ID required with this strategy"},
      {R"({"query": {"indices": [1, 1], "values": [1, 2]}})", 422,
       "Validation error in JSON body: [indices: must be unique]"},
      {R"({"offset": 100001})", 400, "Bad request: offset and limit are at most 10000 together"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.json);
    const Read read(c.json);
    ASSERT_FALSE(read.query.ok());
    EXPECT_EQ(read.query.error().status, c.status);
    EXPECT_EQ(read.query.error().text, c.text);
  }
}

TEST(Query, HasBoundedPrefetches) {
  const auto nested = [](std::size_t depth) {
    std::string json = R"({"query": [1]})";
    for (std::size_t i = 0; i < depth; ++i) json = R"({"query": [1], "prefetch": )" + json + "}";
    return json;
  };
  EXPECT_TRUE(Read(nested(8)).query.ok());
  EXPECT_FALSE(Read(nested(9)).query.ok());
  const auto beside = [](std::size_t count) {
    std::string json = R"({"query": [1], "prefetch": [{})";
    for (std::size_t i = 1; i < count; ++i) json += ",{}";
    return json + "]}";
  };
  EXPECT_TRUE(Read(beside(64)).query.ok());
  EXPECT_FALSE(Read(beside(65)).query.ok());
}

TEST(OlderSearches, NameTheirVectors) {
  const Read named(R"({"vector": {"name": "a", "vector": [1, 2]}, "limit": 3})", read_search_request);
  ASSERT_TRUE(named.query.ok());
  EXPECT_EQ(named.query->vector_name, "a");
  const Read sparse(R"({"vector": {"name": "s", "vector": {"indices": [1], "values": [1]}}, "top": 3})",
                    read_search_request);
  ASSERT_TRUE(sparse.query.ok());
  EXPECT_EQ(sparse.query->limit, 3U);
  EXPECT_FALSE(Read(R"({"vector": [1, 2]})", read_search_request).query.ok());
  EXPECT_FALSE(Read(R"({"limit": 3})", read_search_request).query.ok());
}

}  // namespace
}  // namespace omendb
