// Whole requests on a database: what clients of Qdrant rely on.
#include "server/service.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "server/call.h"
#include "server/test_service.h"

namespace omendb {
namespace {

constexpr std::string_view kPlane = R"({"vectors": {"size": 2, "distance": "Dot"}})";

class ServiceTest : public testing::Test {
 protected:
  void fill() {
    ASSERT_EQ(server.result("PUT", "/collections/a", kPlane), "true");
    ASSERT_EQ(server.result("PUT", "/collections/a/points?wait=true",
                            R"({"points": [{"id": 1, "vector": [1, 0], "payload": {"n": 1, "tags": ["x", "y"]}},
                                           {"id": 2, "vector": [0, 1], "payload": {"n": 2, "tags": ["x"]}},
                                           {"id": 3, "vector": [1, 1], "payload": {"n": 3}}]})"),
              R"({"operation_id":1,"status":"completed"})");
  }

  TestService server;
};

TEST_F(ServiceTest, TellsWhatItIs) {
  EXPECT_EQ(
      server.ask("GET", "/").body,
      R"({"title":"qdrant - vector search engine","version":"1.19.0","commit":"0000000000000000000000000000006f6d656e64"})");
  EXPECT_EQ(server.ask("GET", "/healthz").body, "healthz check passed");
  EXPECT_EQ(server.ask("GET", "/readyz").body, "all shards are ready");
}

TEST_F(ServiceTest, CollectionsComeAndGo) {
  EXPECT_EQ(server.result("GET", "/collections/a/exists"), R"({"exists":false})");
  EXPECT_EQ(server.result("PUT", "/collections/a", kPlane), "true");
  EXPECT_EQ(server.error("PUT", "/collections/a", kPlane), "409 Wrong input: Collection `a` already exists!");
  EXPECT_EQ(server.result("GET", "/collections"), R"({"collections":[{"name":"a"}]})");
  EXPECT_EQ(server.result("GET", "/collections/a/exists"), R"({"exists":true})");
  EXPECT_EQ(server.result("DELETE", "/collections/a"), "true");
  EXPECT_EQ(server.result("DELETE", "/collections/a"), "false");
  EXPECT_EQ(server.error("GET", "/collections/a"), "404 Not found: Collection `a` doesn't exist!");
}

TEST_F(ServiceTest, CollectionsThatCannotBeAreRefused) {
  struct Case {
    const char* json;
    const char* want;
  };
  const Case cases[] = {
      {R"({"vectors": {"size": 0, "distance": "Dot"}})",
       "400 Format error in JSON body: vectors.size: invalid value: integer `0`, expected a nonzero u64"},
      {R"({"vectors": {"size": 65537, "distance": "Dot"}})",
       "422 Validation error in JSON body: [vectors.size: value 65537 invalid, must be from 1 to 65536]"},
      {R"({"vectors": {"size": 2, "distance": "dot"}})",
       "400 Format error in JSON body: unknown variant `dot`, expected one of `Cosine`, `Euclid`, `Dot`, `Manhattan`"},
      {R"({"vectors": {"size": 2}})", "400 Format error in JSON body: missing field `distance`"},
      {R"({"vectors": {"size": 2, "distance": "Dot", "multivector_config": {"comparator": "max_sim"}}})",
       "400 Bad request: multivectors are not supported by this server"},
      {R"({"sparse_vectors": {"": {}}})",
       "422 Validation error in JSON body: [sparse_vectors: sparse vector name cannot be empty]"},
      {R"({"hnsw_config": {"ef_construct": 3}})",
       "422 Validation error in JSON body: [hnsw_config.ef_construct: value 3 invalid, must be 4 or larger]"},
      {R"({"sharding_method": "custom"})",
       "400 Bad request: sharding_method custom is not supported by this server: it has one shard"},
      {R"({"strict_mode_config": {"enabled": true}})",
       "400 Bad request: strict_mode_config cannot be enabled: this server does not enforce its limits"},
      {R"({)", "400"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.json);
    EXPECT_EQ(server.error("PUT", "/collections/a", c.json).substr(0, std::string_view(c.want).size()), c.want);
    EXPECT_EQ(server.result("GET", "/collections"), R"({"collections":[]})");
  }
  EXPECT_EQ(server.ask("PUT", "/collections/a:b", kPlane).status, 422);
}

TEST_F(ServiceTest, SettingsComeBackAsTheyWereGiven) {
  ASSERT_EQ(
      server.result(
          "PUT", "/collections/a",
          R"({"vectors": {"text": {"size": 3, "distance": "Cosine", "on_disk": true}, "": {"size": 2, "distance": "Euclid", "datatype": "float16"}},
                              "sparse_vectors": {"words": {"modifier": "idf", "index": {"on_disk": true}}},
                              "hnsw_config": {"m": 0, "payload_m": 16}, "optimizers_config": {"indexing_threshold": 100},
                              "metadata": {"owner": "me"}, "replication_factor": 2})"),
      "true");
  ASSERT_EQ(server.result(
                "PATCH", "/collections/a",
                R"({"hnsw_config": {"m": 24}, "metadata": {"more": [1]}, "vectors": {"text": {"on_disk": false}}})"),
            "true");
  const std::string info = server.result("GET", "/collections/a");
  for (
      const char* part :
      {R"("vectors":{"":{"size":2,"distance":"Euclid","datatype":"float16"},"text":{"size":3,"distance":"Cosine","on_disk":false}})",
       R"("sparse_vectors":{"words":{"modifier":"idf","index":{"on_disk": true}}})", R"("replication_factor":2)",
       R"("m":24)", R"("payload_m":16)", R"("indexing_threshold":100)", R"("metadata":{"owner":"me","more":[1]})",
       R"("status":"green")"}) {
    EXPECT_NE(info.find(part), std::string::npos) << part << "\n" << info;
  }
}

TEST_F(ServiceTest, WithoutOptimizationThreadsWhatIsPutWaits) {
  ASSERT_EQ(server.result("PUT", "/collections/a", kPlane), "true");
  ASSERT_EQ(server.result("PATCH", "/collections/a", R"({"optimizers_config": {"max_optimization_threads": 0}})"),
            "true");
  ASSERT_EQ(server.ask("PUT", "/collections/a/points", R"({"points": [{"id": 1, "vector": [1, 2]}]})").status, 200);
  EXPECT_NE(server.result("GET", "/collections/a").find(R"("max_optimization_threads":0)"), std::string::npos);
  ASSERT_EQ(server.result("PATCH", "/collections/a", R"({"optimizers_config": {"max_optimization_threads": "auto"}})"),
            "true");
  EXPECT_NE(server.result("GET", "/collections/a").find(R"("max_optimization_threads":null)"), std::string::npos);
}

TEST_F(ServiceTest, AliasesAreOtherNames) {
  fill();
  const char* make = R"({"actions": [{"create_alias": {"collection_name": "a", "alias_name": "b"}}]})";
  EXPECT_EQ(server.result("POST", "/collections/aliases", make), "true");
  EXPECT_EQ(server.result("POST", "/collections/b/points/count", "{}"), R"({"count":3})");
  EXPECT_EQ(server.result("GET", "/collections/a/aliases"),
            R"({"aliases":[{"alias_name":"b","collection_name":"a"}]})");
  EXPECT_EQ(server.error("POST", "/collections/aliases",
                         R"({"actions": [{"create_alias": {"collection_name": "x", "alias_name": "c"}}]})"),
            "404 Not found: Collection `x` doesn't exist!");
  EXPECT_EQ(server.error("POST", "/collections/aliases", R"({"actions": [{"delete_alias": {"alias_name": "z"}}]})"),
            "404 Not found: Alias z does not exists!");
  EXPECT_EQ(server.result("POST", "/collections/aliases",
                          R"({"actions": [{"rename_alias": {"old_alias_name": "b", "new_alias_name": "c"}}]})"),
            "true");
  EXPECT_EQ(server.result("GET", "/aliases"), R"({"aliases":[{"alias_name":"c","collection_name":"a"}]})");
}

TEST_F(ServiceTest, PointsComeBackAsTheyWerePut) {
  fill();
  EXPECT_EQ(server.result("GET", "/collections/a/points/1"),
            R"({"id":1,"payload":{"n": 1, "tags": ["x", "y"]},"vector":[1.0,0.0]})");
  EXPECT_EQ(server.result("POST", "/collections/a/points",
                          R"({"ids": [3, 9, 1], "with_payload": ["n"], "with_vector": true})"),
            R"([{"id":3,"payload":{"n":3},"vector":[1.0,1.0]},{"id":1,"payload":{"n":1},"vector":[1.0,0.0]}])");
  EXPECT_EQ(server.error("GET", "/collections/a/points/9"), "404 Not found: Point with id 9 does not exists!");
  EXPECT_EQ(server.error("GET", "/collections/a/points/x"), "400 Wrong input: Can not recognize \\\"x\\\" as point id");
}

TEST_F(ServiceTest, CosineVectorsAreGivenOutWithALengthOfOne) {
  ASSERT_EQ(server.result("PUT", "/collections/a", R"({"vectors": {"size": 2, "distance": "Cosine"}})"), "true");
  server.ask("PUT", "/collections/a/points?wait=true", R"({"points": [{"id": 1, "vector": [3, 4]}]})");
  EXPECT_EQ(server.result("GET", "/collections/a/points/1"), R"({"id":1,"payload":{},"vector":[0.6,0.8]})");
}

TEST_F(ServiceTest, WhoDoesNotWaitIsToldSo) {
  fill();
  EXPECT_EQ(server.result("POST", "/collections/a/points/delete", R"({"points": [1]})"),
            R"({"operation_id":2,"status":"acknowledged"})");
  EXPECT_EQ(server.result("POST", "/collections/a/points/count", "{}"), R"({"count":2})");
  EXPECT_EQ(server.ask("POST", "/collections/a/points/delete?wait=maybe", R"({"points": [1]})").status, 400);
  EXPECT_EQ(server.ask("POST", "/collections/a/points/delete?timeout=0", R"({"points": [1]})").status, 422);
}

TEST_F(ServiceTest, AnEmptyListOfIdsChangesNothing) {
  fill();
  EXPECT_EQ(server.ask("POST", "/collections/a/points/delete?wait=true", R"({"points": []})").status, 200);
  EXPECT_EQ(server.ask("POST", "/collections/a/points/payload/clear?wait=true", R"({"points": []})").status, 200);
  EXPECT_EQ(server.result("POST", "/collections/a/points/count",
                          R"({"filter": {"must": [{"key": "n", "range": {"gte": 1}}]}})"),
            R"({"count":3})");
}

TEST_F(ServiceTest, PayloadsChange) {
  fill();
  const auto payload = [&](const std::string& id) {
    return server.result("POST", "/collections/a/points", R"({"ids": [)" + id + "]}");
  };
  server.ask("POST", "/collections/a/points/payload?wait=true",
             R"({"points": [1], "payload": {"m": {"k": 1}, "tags": null}})");
  EXPECT_EQ(payload("1"), R"([{"id":1,"payload":{"n":1,"m":{"k": 1}}}])");
  server.ask("POST", "/collections/a/points/payload?wait=true", R"({"points": [1], "payload": {"l": 2}, "key": "m"})");
  EXPECT_EQ(payload("1"), R"([{"id":1,"payload":{"n":1,"m":{"k":1,"l":2}}}])");
  server.ask("POST", "/collections/a/points/payload/delete?wait=true",
             R"({"filter": {"must": [{"key": "n", "match": {"value": 1}}]}, "keys": ["m"]})");
  EXPECT_EQ(payload("1"), R"([{"id":1,"payload":{"n":1}}])");
  server.ask("PUT", "/collections/a/points/payload?wait=true", R"({"points": [1], "payload": {"z": 1}})");
  EXPECT_EQ(payload("1"), R"([{"id":1,"payload":{"z": 1}}])");
  EXPECT_EQ(server.error("POST", "/collections/a/points/payload", R"({"points": [9, 1], "payload": {"z": 2}})"),
            "404 Not found: No point with id 9 found");
  EXPECT_EQ(payload("1"), R"([{"id":1,"payload":{"z":2}}])");
}

TEST_F(ServiceTest, ABatchOfUpdatesIsDoneInItsOrder) {
  fill();
  const char* batch =
      R"({"operations": [{"upsert": {"points": [{"id": 4, "vector": [2, 2]}]}}, {"set_payload": {"points": [4], "payload": {"n": 4}}},
                                         {"delete": {"points": [1]}}, {"update_vectors": {"points": [{"id": 2, "vector": [5, 5]}]}}]})";
  EXPECT_EQ(
      server.result("POST", "/collections/a/points/batch?wait=true", batch),
      R"([{"operation_id":2,"status":"completed"},{"operation_id":3,"status":"completed"},{"operation_id":4,"status":"completed"},{"operation_id":5,"status":"completed"}])");
  EXPECT_EQ(
      server.result("POST", "/collections/a/points/query", R"({"query": [1, 1], "with_payload": ["n"]})"),
      R"({"points":[{"id":2,"version":0,"score":10.0,"payload":{"n":2}},{"id":4,"version":0,"score":4.0,"payload":{"n":4}},{"id":3,"version":0,"score":2.0,"payload":{"n":3}}]})");
}

TEST_F(ServiceTest, UpsertsMayBeConditional) {
  fill();
  server.ask("PUT", "/collections/a/points?wait=true",
             R"({"points": [{"id": 1, "vector": [9, 9]}, {"id": 7, "vector": [7, 7]}], "update_mode": "insert_only"})");
  EXPECT_EQ(
      server.result("POST", "/collections/a/points", R"({"ids": [1, 7], "with_payload": false, "with_vector": true})"),
      R"([{"id":1,"vector":[1.0,0.0]},{"id":7,"vector":[7.0,7.0]}])");
}

TEST_F(ServiceTest, PagesFollowEachOther) {
  fill();
  EXPECT_EQ(server.result("POST", "/collections/a/points/scroll", R"({"limit": 2, "with_payload": false})"),
            R"({"points":[{"id":1},{"id":2}],"next_page_offset":3})");
  EXPECT_EQ(
      server.result("POST", "/collections/a/points/scroll", R"({"limit": 2, "with_payload": false, "offset": 3})"),
      R"({"points":[{"id":3}],"next_page_offset":null})");
  EXPECT_EQ(server.result("POST", "/collections/a/points/scroll",
                          R"({"limit": 2, "with_payload": false, "order_by": {"key": "n", "direction": "desc"}})"),
            R"({"points":[{"id":3,"order_value":3},{"id":2,"order_value":2}],"next_page_offset":null})");
  EXPECT_EQ(server.ask("POST", "/collections/a/points/scroll", R"({"offset": 1, "order_by": "n"})").status, 400);
}

TEST_F(ServiceTest, LongPagesAreWhole) {
  ASSERT_EQ(server.result("PUT", "/collections/a", kPlane), "true");
  std::string points;
  for (int id = 0; id < 2'500; ++id) {
    points += (id == 0 ? "" : ",") + (R"({"id":)" + std::to_string(id)) + R"(,"vector":[1,2]})";
  }
  ASSERT_EQ(server.ask("PUT", "/collections/a/points", R"({"points":[)" + points + "]}").status, 200);
  const std::string page =
      server.result("POST", "/collections/a/points/scroll", R"({"limit": 2400, "with_payload": false})");
  EXPECT_NE(page.find(R"({"id":2399}],"next_page_offset":2400})"), std::string::npos);
  EXPECT_EQ(std::count(page.begin(), page.end(), '{'), 2'401);
  const std::string all =
      server.result("POST", "/collections/a/points/scroll", R"({"limit": 999999999, "with_payload": false})");
  EXPECT_NE(all.find(R"({"id":2499}],"next_page_offset":null})"), std::string::npos);
}

TEST_F(ServiceTest, BatchesAreBoundedAsAWhole) {
  fill();
  const auto batch = [&](int count) {
    std::string searches = R"({"query": [1, 0], "limit": 10000})";
    for (int i = 1; i < count; ++i) searches += R"(,{"query": [1, 0], "limit": 10000})";
    return server.ask("POST", "/collections/a/points/query/batch", R"({"searches": [)" + searches + "]}").status;
  };
  EXPECT_EQ(batch(10), 200);
  EXPECT_EQ(batch(11), 400);
}

TEST_F(ServiceTest, FacetsCountValues) {
  fill();
  EXPECT_EQ(server.result("POST", "/collections/a/facet", R"({"key": "tags"})"),
            R"({"hits":[{"value":"x","count":2},{"value":"y","count":1}]})");
}

TEST_F(ServiceTest, FieldIndexesAreDescribed) {
  fill();
  EXPECT_EQ(
      server.ask("PUT", "/collections/a/index?wait=true", R"({"field_name": "n", "field_schema": "integer"})").status,
      200);
  EXPECT_EQ(server
                .ask("PUT", "/collections/a/index?wait=true",
                     R"({"field_name": "tags", "field_schema": {"type": "keyword", "is_tenant": true}})")
                .status,
            200);
  EXPECT_NE(
      server.result("GET", "/collections/a")
          .find(
              R"("payload_schema":{"n":{"data_type":"integer","points":3},"tags":{"data_type":"keyword","params":{"type": "keyword", "is_tenant": true},"points":2}})"),
      std::string::npos);
  EXPECT_EQ(server.ask("DELETE", "/collections/a/index/n").status, 200);
  EXPECT_EQ(server.ask("DELETE", "/collections/a/index/n").status, 200);
  EXPECT_EQ(server.ask("PUT", "/collections/a/index", R"({"field_name": "n", "field_schema": "number"})").status, 400);
  EXPECT_EQ(server
                .ask("PUT", "/collections/a/index",
                     R"({"field_name": "n", "field_schema": {"type": "integer", "lookup": false, "range": false}})")
                .status,
            422);
}

TEST_F(ServiceTest, QueriesFindTheNearest) {
  fill();
  const auto query = [&](const std::string& json) {
    return server.result("POST", "/collections/a/points/query", json);
  };
  EXPECT_EQ(query(R"({"query": [2, 1], "limit": 2})"),
            R"({"points":[{"id":3,"version":0,"score":3.0},{"id":1,"version":0,"score":2.0}]})");
  EXPECT_EQ(query(R"({"query": [2, 1], "limit": 1, "offset": 1})"), R"({"points":[{"id":1,"version":0,"score":2.0}]})");
  EXPECT_EQ(query(R"({"query": [2, 1], "score_threshold": 2.5})"), R"({"points":[{"id":3,"version":0,"score":3.0}]})");
  EXPECT_EQ(query(R"({"query": 1})"),
            R"({"points":[{"id":3,"version":0,"score":1.0},{"id":2,"version":0,"score":0.0}]})");
  EXPECT_EQ(
      query(R"({"query": [2, 1], "limit": 999999999, "filter": {"must": [{"key": "n", "match": {"value": 2}}]}})"),
      R"({"points":[{"id":2,"version":0,"score":1.0}]})");
  EXPECT_EQ(query(R"({"limit": 1})"), R"({"points":[{"id":1,"version":0,"score":1.0}]})");
  EXPECT_EQ(query(R"({"query": {"order_by": "n"}, "limit": 1})"),
            R"({"points":[{"id":1,"version":0,"score":1.0,"order_value":1}]})");
  EXPECT_EQ(query(R"({"prefetch": {"query": [0, 1], "limit": 2}, "query": [1, 0], "limit": 1})"),
            R"({"points":[{"id":3,"version":0,"score":1.0}]})");
  EXPECT_EQ(query(R"({"query": {"recommend": {"positive": [1], "negative": [2]}}})"),
            R"({"points":[{"id":3,"version":0,"score":1.0}]})");
  EXPECT_EQ(
      query(
          R"({"query": {"recommend": {"positive": [1], "negative": [[0, 1]], "strategy": "sum_scores"}}, "limit": 1})"),
      R"({"points":[{"id":3,"version":0,"score":0.0}]})");
}

TEST_F(ServiceTest, DiscoversOnTheRightSideOfPairs) {
  fill();
  const auto query = [&](const std::string& json) {
    return server.result("POST", "/collections/a/points/query", json);
  };
  EXPECT_EQ(
      query(
          R"({"query": {"discover": {"target": [3, 0], "context": {"positive": [1, 0], "negative": [0, 1]}}}, "limit": 2})"),
      R"({"points":[{"id":1,"version":0,"score":1.875},{"id":3,"version":0,"score":0.875}]})");
  EXPECT_EQ(query(R"({"query": {"context": [{"positive": [1, 0], "negative": [0, 1]}]}, "limit": 1})"),
            R"({"points":[{"id":1,"version":0,"score":0.0}]})");
}

TEST_F(ServiceTest, FusionAddsWhatTheRanksAreWorth) {
  fill();
  EXPECT_EQ(
      server.result(
          "POST", "/collections/a/points/query",
          R"({"prefetch": [{"query": [1, 0.5], "limit": 2}, {"query": [0.5, 1], "limit": 2}], "query": {"fusion": "rrf"}, "limit": 1})"),
      R"({"points":[{"id":3,"version":0,"score":1.0}]})");
}

TEST_F(ServiceTest, RefusesQueriesInQdrantsWords) {
  fill();
  const auto error = [&](const std::string& json) { return server.error("POST", "/collections/a/points/query", json); };
  EXPECT_EQ(error(R"({"query": [1]})"), "400 Wrong input: Vector dimension error: expected dim: 2, got 1");
  EXPECT_EQ(error(R"({"query": [1, 2], "using": "x"})"), "400 Wrong input: Not existing vector name error: x");
  EXPECT_EQ(error(R"({"query": 9})"), "404 Not found: No point with id 9 found");
  EXPECT_EQ(error(R"({"query": 1, "lookup_from": {"collection": "z"}})"), "404 Not found: Collection z not found");
}

TEST_F(ServiceTest, OlderSearchesAnswerBareLists) {
  fill();
  EXPECT_EQ(server.result("POST", "/collections/a/points/search", R"({"vector": [2, 1], "limit": 1})"),
            R"([{"id":3,"version":0,"score":3.0}])");
  EXPECT_EQ(
      server.result("POST", "/collections/a/points/search/batch", R"({"searches": [{"vector": [2, 1], "limit": 1}]})"),
      R"([[{"id":3,"version":0,"score":3.0}]])");
  EXPECT_EQ(server.result("POST", "/collections/a/points/recommend", R"({"positive": [1], "limit": 1})"),
            R"([{"id":3,"version":0,"score":1.0}])");
}

TEST_F(ServiceTest, GroupsHitsByAField) {
  fill();
  EXPECT_EQ(
      server.result("POST", "/collections/a/points/query/groups",
                    R"({"query": [2, 1], "group_by": "tags", "group_size": 1})"),
      R"({"groups":[{"hits":[{"id":1,"version":0,"score":2.0}],"id":"x"},{"hits":[{"id":1,"version":0,"score":2.0}],"id":"y"}]})");
}

TEST_F(ServiceTest, MeasuresASampleAgainstItself) {
  fill();
  EXPECT_EQ(server.result("POST", "/collections/a/points/search/matrix/pairs",
                          R"({"limit": 1, "filter": {"must": [{"has_id": [1, 3]}]}})"),
            R"({"pairs":[{"a":1,"b":3,"score":1.0},{"a":3,"b":1,"score":1.0}]})");
  EXPECT_EQ(server.result("POST", "/collections/a/points/search/matrix/offsets",
                          R"({"limit": 1, "filter": {"must": [{"has_id": [1, 3]}]}})"),
            R"({"offsets_row":[0,1],"offsets_col":[1,0],"scores":[1.0,1.0],"ids":[1,3]})");
}

TEST_F(ServiceTest, ExplainsItselfWhenAsked) {
  fill();
  const auto answer = server.ask("POST", "/collections/a/points/query", R"({"query": [2, 1]})", "x-omen-explain: 1");
  constexpr std::string_view kPlan =
      R"("explanation":{"plan":"exact","walk_was_left":false,"steps":0,"rows_by_graph":0,"rows_by_scan":3)";
  EXPECT_NE(answer.body.find(kPlan), std::string::npos) << answer.body;
  EXPECT_EQ(server.ask("POST", "/collections/a/points/query", R"({"query": [2, 1]})").body.find("explanation"),
            std::string::npos);
}

TEST_F(ServiceTest, RefusesWhatNeedsACluster) {
  EXPECT_EQ(server.error("POST", "/cluster/recover"),
            "405 Method not allowed: cluster operations are not available in standalone mode");
  EXPECT_EQ(server.ask("PUT", "/collections/a/shards", "{}").status, 400);
  EXPECT_EQ(server.result("GET", "/cluster"), R"({"status":"disabled"})");
}

TEST_F(ServiceTest, SaysWhatItDoesNotKnow) {
  EXPECT_EQ(server.ask("GET", "/nothing").status, 404);
  EXPECT_EQ(server.ask("PATCH", "/aliases").status, 405);
}

TEST_F(ServiceTest, RefusesWhatItCannotPromise) {
  server.ask("PUT", "/collections/a", kPlane);
  const auto answer =
      server.ask("POST", "/collections/a/points/query", R"({"query": [2, 1]})", "x-omen-target-recall: 0.99");
  EXPECT_EQ(answer.status, 400);
  EXPECT_NE(answer.body.find("x-omen-target-recall is not supported yet"), std::string::npos) << answer.body;
}

TEST_F(ServiceTest, DoesNothingOfABatchWithAnOperationThatIsNone) {
  server.ask("PUT", "/collections/a", kPlane);
  server.ask("PUT", "/collections/a/points", R"({"points": [{"id": 1, "vector": [1, 2]}]})");
  const std::string refused = server.error("POST", "/collections/a/points/batch",
                                           R"({"operations": [{"delete": [1]}, {"dleete": [1]}]})");
  EXPECT_TRUE(refused.starts_with("400 Format error in JSON body: data did not match any variant")) << refused;
  EXPECT_EQ(server.result("POST", "/collections/a/points/count", "{}"), R"({"count":1})");
  server.result("POST", "/collections/a/points/batch", R"({"operations": [{"delete": [1]}]})");
  EXPECT_EQ(server.result("POST", "/collections/a/points/count", "{}"), R"({"count":0})");
}

TEST_F(ServiceTest, TakesPointsOfWhichNoneHasTheUnnamedVector) {
  server.ask("PUT", "/collections/a",
             R"({"vectors": {"": {"size": 2, "distance": "Dot"}, "b": {"size": 2, "distance": "Dot"}}})");
  for (const char* points : {R"({"points": [{"id": 1, "vector": {"b": [1, 2]}}, {"id": 2, "vector": {}}]})",
                             R"({"batch": {"ids": [3], "vectors": {"b": [[1, 2]]}}})"}) {
    EXPECT_EQ(server.ask("PUT", "/collections/a/points", points).status, 200) << points;
  }
  EXPECT_EQ(server.result("POST", "/collections/a/points/count", "{}"), R"({"count":3})");
  EXPECT_EQ(server.result("GET", "/collections/a/points/3"), R"({"id":3,"payload":{},"vector":{"b":[1.0,2.0]}})");
}

TEST_F(ServiceTest, TakesNoTextForARequest) {
  server.ask("PUT", "/collections/a", kPlane);
  server.ask("PUT", "/collections/a/points", R"({"points": [{"id": 1, "vector": [1, 2]}]})");
  EXPECT_EQ(server.ask("POST", "/collections/a/points/delete", R"({"filter": "{}"})").status, 400);
  EXPECT_EQ(server.ask("POST", "/collections/a/points/batch", R"({"operations": [{"delete": {"filter": "{}"}}]})").status,
            400);
  EXPECT_EQ(server.ask("POST", "/collections/a/points/batch",
                       R"({"operations": [{"upsert": "{\"points\": [{\"id\": 2, \"vector\": [1, 2]}]}"}]})")
                .status,
            400);
  EXPECT_EQ(server.result("POST", "/collections/a/points/count", "{}"), R"({"count":1})");
}

TEST_F(ServiceTest, RefusesWhatItWouldHaveToIgnore) {
  server.ask("PUT", "/collections/a", kPlane);
  struct Case {
    const char* path;
    const char* body;
    const char* want;
  };
  const Case cases[] = {
      {"count", R"({"shard_key": "eu"})", "400 Bad request: shard_key is not supported"},
      {"query", R"({"query": [1, 2], "offset": 20000})", "400 Bad request: offset and limit are at most 10000"},
      {"query", R"({"query": [1, 2], "offset": 9995})", "400 Bad request: offset and limit are at most 10000"},
      {"query", R"({"query": {"nearest": [1, 2], "mmr": {}}, "limit": 18446744073709551615, "offset": 1})",
       "400 Bad request: with mmr"},
      {"vectors/delete", R"({"vector": "a", "points": [1]})", "400 Format error in JSON body: vector: invalid type"},
      {"query", R"({"query": {"indices": 5, "values": []}})", "400 Format error in JSON body: indices: invalid type"},
  };
  for (const Case& c : cases) {
    const std::string refused = server.error("POST", "/collections/a/points/" + std::string(c.path), c.body);
    EXPECT_TRUE(refused.starts_with(c.want)) << refused;
  }
  const std::string twice = server.error("PUT", "/collections/a/points",
                                         R"({"batch": {"ids": [1], "vectors": [[1, 0]], "vectors": [[3, 3]]}})");
  EXPECT_TRUE(twice.starts_with("400 Format error in JSON body: vectors of `` are given twice")) << twice;
  EXPECT_EQ(server.ask("PATCH", "/collections/a", R"({"vectors": {"": {"multivector_config": {}}}})").status, 400);
  EXPECT_EQ(server.ask("PATCH", "/collections/a", R"({"vectors": {"": {"size": 8, "on_disk": true}}})").status, 200);
  const std::string info = server.result("GET", "/collections/a");
  EXPECT_NE(info.find(R"("size":2)"), std::string::npos) << info;
  EXPECT_EQ(info.find(R"("size":8)"), std::string::npos) << "what a vector is cannot be changed";
}

TEST_F(ServiceTest, MakesACollectionWithItsSettingsOrNotAtAll) {
  const std::string large(std::size_t{2} << 20, 'x');
  const std::string body = R"({"vectors": {"size": 2, "distance": "Dot"}, "metadata": {"a": ")" + large + "\"}}";
  EXPECT_EQ(server.ask("PUT", "/collections/a", body).status, 413);
  EXPECT_EQ(server.result("GET", "/collections/a/exists"), R"({"exists":false})");
}

TEST_F(ServiceTest, KeepsSettingsThatAreDeeplyNested) {
  std::string nested = "1";
  for (int i = 0; i < 61; ++i) nested = "[" + nested + "]";
  server.ask("PUT", "/collections/a", R"({"vectors": {"size": 2, "distance": "Dot"}, "metadata": {"kept": "yes"}})");
  const std::string schema = R"({"field_name": "n", "field_schema": {"type": "keyword", "x": )" + nested + "}}";
  EXPECT_EQ(server.ask("PUT", "/collections/a/index?wait=true", schema).status, 200);
  const std::string info = server.result("GET", "/collections/a");
  EXPECT_NE(info.find(R"("kept":"yes")"), std::string::npos) << info;
}

TEST_F(ServiceTest, LeavesOutWhatIsExcludedHoweverDeepAPayloadIs) {
  server.ask("PUT", "/collections/a", kPlane);
  std::string nested = "1";
  for (int i = 0; i < 100; ++i) nested = R"({"a": )" + nested + "}";
  const std::string points = R"({"points": [{"id": 1, "vector": [1, 2], "payload": {"secret": 7, "b": )" + nested + "}}]}";
  ASSERT_EQ(server.ask("PUT", "/collections/a/points", points).status, 200);
  const std::string page =
      server.result("POST", "/collections/a/points/scroll", R"({"with_payload": {"exclude": ["secret"]}})");
  EXPECT_EQ(page.find("secret"), std::string::npos) << page;
  EXPECT_NE(page.find(R"("b":)"), std::string::npos) << page;
}

TEST_F(ServiceTest, ComparesExamplesWithPointsThatAreNotIndexedYet) {
  server.ask("PUT", "/collections/a", R"({"vectors": {"size": 1, "distance": "Euclid"}})");
  std::string points = R"({"points": [)";
  for (int id = 1; id <= 20; ++id) {
    points += (id > 1 ? "," : "") + std::string(R"({"id": )") + std::to_string(id) + R"(, "vector": [)" +
              std::to_string(id) + "]}";
  }
  server.ask("PUT", "/collections/a/points", points + "]}");
  const std::string hits = server.result("POST", "/collections/a/points/query", R"({"query": {"recommend":
      {"positive": [[3.1]], "strategy": "best_score"}}, "params": {"indexed_only": true}, "limit": 1})");
  EXPECT_NE(hits.find(R"("id":3,)"), std::string::npos) << hits;
}

TEST_F(ServiceTest, NamesTheAliasThatIsNotThere) {
  server.ask("PUT", "/collections/a", kPlane);
  server.ask("POST", "/collections/aliases",
             R"({"actions": [{"create_alias": {"collection_name": "a", "alias_name": "there"}}]})");
  EXPECT_EQ(server.error("POST", "/collections/aliases",
                         R"({"actions": [{"delete_alias": {"alias_name": "there"}},
                             {"rename_alias": {"old_alias_name": "gone", "new_alias_name": "x"}}]})"),
            "404 Not found: Alias gone does not exists!");
}

TEST_F(ServiceTest, GivesUpOnWhatTakesTooLong) {
  server.ask("PUT", "/collections/a", kPlane);
  server.ask("PUT", "/collections/a/points", R"({"points": [{"id": 1, "vector": [1, 2]}]})");
  EXPECT_EQ(server.ask("POST", "/collections/a/points/query?timeout=0", R"({"query": [1, 2]})").status, 422);
  EXPECT_EQ(server.ask("POST", "/collections/a/points/query?timeout=x", R"({"query": [1, 2]})").status, 400);
  HttpRequest request;
  Call call{.backend = server.backend(), .request = request, .arguments = {}, .result = {}, .plain = {},
            .result_memory = {}, .explanation = {}};
  EXPECT_TRUE(call.check_time().ok());
  call.begin -= call.time;
  EXPECT_EQ(call.check_time().error().status, 408);
}

TEST_F(ServiceTest, AnswersInUtf8WhateverItWasAsked) {
  EXPECT_EQ(server.error("GET", "/collections/%EAb"), "404 Not found: Collection `?b` doesn't exist!");
  EXPECT_EQ(server.error("GET", "/collections/%C3%A4"), "404 Not found: Collection `\xC3\xA4` doesn't exist!");
}

TEST_F(ServiceTest, RefusesPathsThatAreNone) {
  server.ask("PUT", "/collections/a", kPlane);
  const std::string groups = server.error("POST", "/collections/a/points/query/groups",
                                          R"({"query": [2, 1], "group_by": "a..b"})");
  EXPECT_TRUE(groups.starts_with("400 Format error")) << groups;
  const std::string scroll = server.error("POST", "/collections/a/points/scroll", R"({"with_payload": ["a["]})");
  EXPECT_TRUE(scroll.starts_with("400 Format error")) << scroll;
}

TEST_F(ServiceTest, CountsThePointsOfAFieldIndexAtOnce) {
  server.ask("PUT", "/collections/a", kPlane);
  server.ask("PUT", "/collections/a/index?wait=true", R"({"field_name": "city", "field_schema": "keyword"})");
  const auto points = [&] {
    const std::string info = server.result("GET", "/collections/a");
    const std::size_t at = info.find("\"points\":");
    return at == std::string::npos ? info : info.substr(at, info.find('}', at) - at);
  };
  server.ask("PUT", "/collections/a/points", R"({"points": [
      {"id": 1, "vector": [1, 2], "payload": {"city": "Ulm"}}, {"id": 2, "vector": [1, 2], "payload": {"city": 7}},
      {"id": 3, "vector": [1, 2], "payload": {"city": ["Bonn", "Ulm"]}}, {"id": 4, "vector": [1, 2]}]})");
  EXPECT_EQ(points(), "\"points\":2");
  server.ask("POST", "/collections/a/points/payload", R"({"points": [2], "payload": {"city": "Kiel"}})");
  EXPECT_EQ(points(), "\"points\":3");
  server.ask("POST", "/collections/a/points/delete", R"({"points": [1]})");
  EXPECT_EQ(points(), "\"points\":2");
}

TEST_F(ServiceTest, CountsItsAnswers) {
  server.ask("GET", "/collections");
  server.ask("GET", "/collections/x");
  const std::string metrics = server.ask("GET", "/metrics").body;
  EXPECT_NE(metrics.find("rest_responses_total{method=\"GET\",endpoint=\"/collections\",status=\"200\"} 1\n"),
            std::string::npos)
      << metrics;
  EXPECT_NE(metrics.find("rest_responses_fail_total{method=\"GET\",endpoint=\"/collections/{}\"} 1\n"),
            std::string::npos)
      << metrics;
}

TEST(ServiceWithKeys, LetsInWhoHasThem) {
  TestService server({.full = "full", .read_only = "reader"});
  EXPECT_EQ(server.ask("GET", "/healthz").status, 200);
  const auto none = server.ask("GET", "/collections");
  EXPECT_EQ(none.status, 401);
  EXPECT_EQ(none.body, "Must provide an API key or an Authorization bearer token");
  const auto wrong = server.ask("GET", "/collections", "", "api-key: no");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.body, "Invalid API key or JWT");
  EXPECT_EQ(server.ask("GET", "/collections", "", "api-key: reader").status, 200);
  const auto reader = server.ask("PUT", "/collections/a", kPlane, "api-key: reader");
  EXPECT_EQ(reader.status, 403);
  EXPECT_NE(reader.body.find("Forbidden: Global manage access is required"), std::string::npos);
  EXPECT_EQ(server.ask("PUT", "/collections/a", kPlane, "authorization: Bearer full").status, 200);
  EXPECT_EQ(server.ask("GET", "/nothing").status, 401) << "who has no key learns nothing of paths";
}

}  // namespace
}  // namespace omendb
