"""What Qdrant's API has, with a request for each part of it: compatibility.py asks a server, and writes down what it says.

The test named beside a request shows that the answer is right, not only that there is one."""

# Operations of Qdrant's without a route of ours.
ABSENT = [
    ("GET", "/collections/{}/snapshots"), ("POST", "/collections/{}/snapshots"),
    ("GET", "/collections/{}/snapshots/{}"), ("DELETE", "/collections/{}/snapshots/{}"),
    ("POST", "/collections/{}/snapshots/upload"), ("PUT", "/collections/{}/snapshots/recover"),
    ("GET", "/snapshots"), ("POST", "/snapshots"), ("GET", "/snapshots/{}"), ("DELETE", "/snapshots/{}"),
    ("GET", "/collections/{}/shards/{}/snapshot"), ("GET", "/collections/{}/shards/{}/snapshots"),
    ("POST", "/collections/{}/shards/{}/snapshots"), ("GET", "/collections/{}/shards/{}/snapshots/{}"),
    ("DELETE", "/collections/{}/shards/{}/snapshots/{}"), ("POST", "/collections/{}/shards/{}/snapshots/upload"),
    ("PUT", "/collections/{}/shards/{}/snapshots/recover"),
    ("PUT", "/collections/{}/vectors/{}"), ("DELETE", "/collections/{}/vectors/{}"),
    ("GET", "/quotas"), ("PUT", "/quotas"), ("GET", "/cluster/telemetry"),
]

# How an operation that works is not the same as Qdrant's.
DIFFERENT = {
    ("GET", "/collections/{}"): "`status` and `indexed_vectors_count` have [meanings of their own](rest.md)",
    ("PUT", "/collections/{}"): "most settings are kept and given back, without effect",
    ("PATCH", "/collections/{}"): "as above; `max_optimization_threads` has an effect",
    ("GET", "/collections/{}/optimizations"): "one optimisation, the indexer's",
    ("GET", "/cluster"): "one node: always `disabled`",
    ("GET", "/collections/{}/cluster"): "one node, one shard",
    ("GET", "/collections/{}/shards"): "always empty",
    ("GET", "/issues"): "always empty",
    ("DELETE", "/issues"): "there are none",
    ("GET", "/telemetry"): "collections and their points; no levels of detail",
    ("GET", "/metrics"): "[other names](operations.md#what-to-watch)",
}

# What the requests below find.
COLLECTION = {"vectors": {"size": 2, "distance": "Dot"}, "sparse_vectors": {"sparse": {}, "rare": {"modifier": "idf"}}}
POINTS = [
    {"id": number,
     "vector": {"": [number, 1], "sparse": {"indices": [number], "values": [1]}, "rare": {"indices": [number], "values": [1]}},
     "payload": {"n": number, "text": "quick brown fox", "at": "2024-05-01T12:00:00Z", "place": {"lon": 13.4, "lat": 52.5},
                 "tags": ["a", "b"], "parts": [{"n": number}]}}
    for number in (1, 2, 3)]
INDEXES = [("n", "integer"), ("text", "text")]
RING = {"points": [{"lon": lon, "lat": lat} for lon, lat in [(0, 0), (20, 0), (20, 60), (0, 60), (0, 0)]]}
SPARSE = {"indices": [1], "values": [1]}

# --- Tests. ---

COLLECTIONS, POINT, QUERIES = "qdrant_client_collections_test.", "qdrant_client_points_test.", "qdrant_client_queries_test."
MODEL = "model_test.test_every_answer_is_the_models"
LOCAL = "local_mode_test.test_both_answer_alike"
FILTERS = "filters_test.test_every_filter_matches_the_same_points"
SETTINGS = COLLECTIONS + "test_settings_come_back_as_they_were_given"
NARROW = "rest_test.test_vectors_of_narrow_numbers"
INDEX_TYPES = COLLECTIONS + "test_an_index_changes_no_answer"
RANKS, SCORES = QUERIES + "test_lists_are_fused_by_rank", QUERIES + "test_lists_are_fused_by_score"
# Only the page itself is compared: for what is refused, and what has no effect.
PAGE = "compatibility_test.test_the_page_says_what_the_server_answers"

AMONG = "refused among over 10,000 candidates"
KEPT = "kept and given back, without effect"
NO_EFFECT = "accepted, without effect"

# --- Rows: what, method, path, body, the test, and what is different. ---


def query(what, test, note="", **body):
    return what, "POST", "/collections/c/points/query", body, test, note


def condition(what, body, test=FILTERS):
    return what, "POST", "/collections/c/points/count", {"filter": {"must": [body]}}, test, ""


def field(what, key="n", test=FILTERS, **test_of_field):
    return condition(what, {"key": key, **test_of_field}, test)


def collection(what, test=PAGE, note="", **settings):
    return what, "PUT", "/collections/new", {"vectors": {"size": 2, "distance": "Dot"}, **settings}, test, note


def vectors(what, test=PAGE, note="", **settings):
    return collection(what, test, note, vectors={"size": 2, "distance": "Dot", **settings})


def index(what, schema, test=INDEX_TYPES, note=""):
    return what, "PUT", "/collections/c/index", {"field_name": "indexed", "field_schema": schema}, test, note


def upsert(what, test=PAGE, note="", **body):
    return what, "PUT", "/collections/c/points", body, test, note


ONE = [{"id": 9, "vector": [1, 1]}]
BOTH = [{"query": [1, 1]}, {"query": SPARSE, "using": "sparse"}]

SECTIONS = [
    ("What a query may be", [
        query("a vector", MODEL, query=[1, 1]),
        query("a sparse vector", QUERIES + "test_sparse_vectors", query=SPARSE, using="sparse"),
        query("a sparse vector, weighed by `idf`", QUERIES + "test_rare_indices_weigh_more", query=SPARSE, using="rare"),
        query("the id of a point", QUERIES + "test_a_point_may_be_the_question", query=1),
        query("nothing: points by id", QUERIES + "test_without_a_question_points_come_by_id"),
        query("`nearest` with `mmr`", QUERIES + "test_diversity", query={"nearest": [1, 1], "mmr": {"diversity": 0.5}}),
        query("`recommend`, `average_vector`", QUERIES + "test_recommendations", query={"recommend": {"positive": [1], "negative": [2]}}),
        query("`recommend`, `best_score`", QUERIES + "test_recommendations", AMONG,
              query={"recommend": {"positive": [1], "strategy": "best_score"}}),
        query("`recommend`, `sum_scores`", QUERIES + "test_recommendations_by_scores_rank_what_shares_no_index_too",
              AMONG, query={"recommend": {"positive": [1], "strategy": "sum_scores"}}),
        query("`discover`", QUERIES + "test_discovery_and_context", AMONG,
              query={"discover": {"target": 1, "context": [{"positive": 2, "negative": 3}]}}),
        query("`context`", QUERIES + "test_discovery_and_context", AMONG,
              query={"context": [{"positive": 2, "negative": 3}]}),
        query("`order_by`", QUERIES + "test_an_order_by_payload", query={"order_by": "n"}),
        query("`sample`", QUERIES + "test_a_random_sample", query={"sample": "random"}),
        query("`fusion: rrf`", RANKS, query={"fusion": "rrf"}, prefetch=BOTH),
        query("`fusion: dbsf`", SCORES, query={"fusion": "dbsf"}, prefetch=BOTH),
        query("`rrf` with `k` and `weights`", QUERIES + "test_ranks_may_weigh_differently",
              query={"rrf": {"k": 5, "weights": [1, 2]}}, prefetch=BOTH),
        query("`formula`", LOCAL, query={"formula": {"sum": ["$score", "n"]}}, prefetch=BOTH[:1]),
        query("`relevance_feedback`", PAGE, query={"relevance_feedback": {"target": 1, "feedback": [{"example": 2, "score": 1}],
                                                                          "strategy": {"naive": {"a": 1, "b": 1, "c": 1}}}}),
        query("a multivector", PAGE, query=[[1, 1], [1, 2]]),
        query("a text or image that the server embeds", PAGE, query={"text": "fox", "model": "Qdrant/bm25"}),
        query("a text, ranked by BM25 over a text index", PAGE, query={"text": "fox"}, using="text"),
    ]),
    ("What else a query may say", [
        query("`using`", MODEL, query=SPARSE, using="sparse"),
        query("`filter`", MODEL, query=[1, 1], filter={}),
        query("`limit`, `offset`", MODEL, query=[1, 1], limit=2, offset=1),
        query("`score_threshold`", MODEL, query=[1, 1], score_threshold=1),
        query("`with_payload`, `with_vector`", POINT + "test_what_a_read_returns_can_be_chosen",
              query=[1, 1], with_payload={"exclude": ["n"]}, with_vector=["sparse"]),
        query("`prefetch`, nested", QUERIES + "test_a_second_question_ranks_what_the_first_found",
              query=[1, 1], prefetch={"query": 1, "prefetch": BOTH}),
        query("`lookup_from`", QUERIES + "test_a_point_of_another_collection_may_be_the_question",
              query=1, lookup_from={"collection": "c"}),
        query("`params.exact`", MODEL, query=[1, 1], params={"exact": True}),
        query("`params.hnsw_ef`", QUERIES + "test_parameters_do_not_change_an_exact_answer", query=[1, 1], params={"hnsw_ef": 64}),
        query("`params.indexed_only`", PAGE, query=[1, 1], params={"indexed_only": True}),
        query("`params.quantization`", QUERIES + "test_parameters_do_not_change_an_exact_answer", NO_EFFECT,
              query=[1, 1], params={"quantization": {"rescore": False}}),
        query("`params.acorn`", PAGE, NO_EFFECT, query=[1, 1], params={"acorn": {"enable": True}}),
        query("`params.idf`", PAGE, query=SPARSE, using="rare", params={"idf": {"corpus": {}}}),
        query("`shard_key`", PAGE, query=[1, 1], shard_key="a"),
    ]),
    ("Conditions of a filter", [
        field("`match.value`", match={"value": 1}), field("`match.any`", match={"any": [1]}),
        field("`match.except`", match={"except": [1]}),
        field("`match.text`", "text", match={"text": "fox"}), field("`match.text_any`", "text", match={"text_any": "fox"}),
        field("`match.phrase`", "text", match={"phrase": "brown fox"}), field("`match.prefix`", "text", match={"prefix": "qui"}),
        field("`match.substring`", "text", match={"substring": "own"}),
        field("`range` of numbers", range={"gt": 1}), field("`range` of times", "at", range={"gt": "2024-01-01T00:00:00Z"}),
        field("`geo_radius`", "place", geo_radius={"center": {"lon": 13, "lat": 52}, "radius": 1e5}),
        field("`geo_bounding_box`", "place",
              geo_bounding_box={"top_left": {"lon": 0, "lat": 60}, "bottom_right": {"lon": 20, "lat": 0}}),
        field("`geo_polygon`", "place", geo_polygon={"exterior": RING}),
        field("`values_count`", "tags", values_count={"gt": 1}), field("`is_empty`, `is_null` of a field", is_empty=True),
        condition("`is_empty`", {"is_empty": {"key": "n"}}), condition("`is_null`", {"is_null": {"key": "n"}}),
        condition("`has_id`", {"has_id": [1]}),
        condition("`has_vector`", {"has_vector": "sparse"}, POINT + "test_points_are_found_by_the_vectors_they_have"),
        condition("`nested`", {"nested": {"key": "parts", "filter": {"must": [{"key": "n", "match": {"value": 1}}]}}}),
        condition("`slice`", {"slice": {"total": 2, "index": 0}}),
        condition("`must`, `should`, `must_not`, `min_should` inside each other",
                  {"should": [], "min_should": {"conditions": [{"has_id": [1]}], "min_count": 1}}),
    ]),
    ("What points may be", [
        upsert("`points`", MODEL, points=ONE), upsert("`batch`", MODEL, batch={"ids": [9], "vectors": [[1, 1]]}),
        upsert("`update_mode`", MODEL, points=ONE, update_mode="insert_only"),
        upsert("`update_filter`", MODEL, points=ONE, update_filter={"must": [{"has_id": [9]}]}),
        upsert("`shard_key`", points=ONE, shard_key="a"),
        upsert("a multivector", points=[{"id": 9, "vector": [[1, 1], [1, 2]]}]),
        upsert("a text or image that the server embeds", points=[{"id": 9, "vector": {"sparse": {"text": "fox", "model": "Qdrant/bm25"}}}]),
    ]),
    ("What a collection may be", [
        *(vectors(f"distance `{name}`", QUERIES + "test_every_distance", distance=name) for name in ("Cosine", "Dot", "Euclid")),
        vectors("distance `Manhattan`", QUERIES + "test_every_distance", "no graph: every search compares all points", distance="Manhattan"),
        vectors("datatype `float32`", NARROW, datatype="float32"),
        vectors("datatype `float16`", NARROW, "what is beyond its range is refused", datatype="float16"),
        vectors("datatype `uint8`", NARROW, "what is no whole number from 0 to 255 is refused", datatype="uint8"),
        vectors("datatype `turbo4`", datatype="turbo4"),
        vectors("`on_disk`, `hnsw_config`, `quantization_config` of a vector", SETTINGS, KEPT, on_disk=True, hnsw_config={"m": 8}),
        vectors("`multivector_config`", multivector_config={"comparator": "max_sim"}),
        collection("several named vectors", COLLECTIONS + "test_several_vectors_are_described_by_name",
                   vectors={"a": {"size": 2, "distance": "Dot"}, "b": {"size": 3, "distance": "Cosine"}}),
        collection("only sparse vectors", COLLECTIONS + "test_only_sparse_vectors", vectors={}, sparse_vectors={"s": {}}),
        collection("`hnsw_config`, `wal_config`, `optimizers_config`, `on_disk_payload`", SETTINGS, KEPT + " but for `max_optimization_threads`",
                   hnsw_config={"m": 8}, wal_config={"wal_capacity_mb": 1}, optimizers_config={"indexing_threshold": 1}, on_disk_payload=True),
        collection("`quantization_config`", SETTINGS, KEPT, quantization_config={"scalar": {"type": "int8"}}),
        collection("`metadata`", COLLECTIONS + "test_metadata_is_kept_and_merged", metadata={"a": 1}),
        collection("`strict_mode_config`, enabled", strict_mode_config={"enabled": True}),
        collection("`sharding_method: custom`", sharding_method="custom"),
        collection("`shard_number`, `replication_factor`", note=KEPT, shard_number=2, replication_factor=2),
    ]),
    ("Indexes of payload fields", [
        *(index(f"`{kind}`", kind) for kind in ("keyword", "integer", "float", "bool", "datetime", "geo", "text", "uuid")),
        index("parameters, such as `is_tenant` and `on_disk`", {"type": "keyword", "is_tenant": True, "on_disk": True},
              COLLECTIONS + "test_indexes_are_described", KEPT),
        index("parameters of `text`: `tokenizer`, `min_token_len`, `stopwords` ...", {"type": "text", "tokenizer": "prefix"},
              COLLECTIONS + "test_indexes_are_described", KEPT + ": filters match words, in lower case"),
        index("`nested`", "nested", PAGE),
    ]),
]
