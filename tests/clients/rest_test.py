"""The server's REST API byte by byte: envelopes, refusals, and what programs written by hand rely on."""
import http.client
import json
import time
import unittest
import urllib.request
from urllib.parse import urlsplit

from server import ServerTest

SQUARE = {"vectors": {"size": 2, "distance": "Dot"}}
NAMED = {"vectors": {"a": {"size": 2, "distance": "Dot"}}, "sparse_vectors": {"s": {}}}
UUID = "f47ac10b-58cc-4372-a567-0e02b2c3d479"

# Each row: what is wrong, the request, and the text or how it begins. {c} is a collection with one vector of width 2
# and points 1 and 2; {n} has a vector a of width 2, and the sparse vector s.
NOT_FOUND = [
    ("no such path", "GET", "/nothing/here", None, None),
    ("no such collection", "GET", "/collections/nowhere", None, "Not found: Collection `nowhere` doesn't exist!"),
    ("points of no collection", "POST", "/collections/nowhere/points/query", {"query": [1, 2]},
     "Not found: Collection `nowhere` doesn't exist!"),
    ("points into no collection", "PUT", "/collections/nowhere/points", {"points": [{"id": 1, "vector": [1, 2]}]},
     "Not found: Collection `nowhere` doesn't exist!"),
    ("changing no collection", "PATCH", "/collections/nowhere", {"metadata": {}},
     "Not found: Collection `nowhere` doesn't exist!"),
    ("aliases of no collection", "POST", "/collections/aliases",
     {"actions": [{"create_alias": {"collection_name": "nowhere", "alias_name": "x"}}]},
     "Not found: Collection `nowhere` doesn't exist!"),
    ("no such point", "GET", "/collections/{c}/points/9", None, "Not found: Point with id 9 does not exists!"),
    ("no such point, by UUID", "GET", f"/collections/{{c}}/points/{UUID}", None,
     f"Not found: Point with id {UUID} does not exists!"),
    ("the question is no point", "POST", "/collections/{c}/points/query", {"query": 9},
     "Not found: No point with id 9 found"),
    ("an example is no point", "POST", "/collections/{c}/points/query", {"query": {"recommend": {"positive": [1, 9]}}},
     "Not found: No point with id 9 found"),
    ("looking up in no collection", "POST", "/collections/{c}/points/query",
     {"query": 1, "lookup_from": {"collection": "nowhere"}},
     "Not found: Collection nowhere not found"),
    ("changing the vector of no point", "PUT", "/collections/{c}/points/vectors?wait=true",
     {"points": [{"id": 9, "vector": [1, 2]}]},
     "Not found: No point with id 9 found"),
]
CONFLICT = [
    ("a name taken", "PUT", "/collections/{c}", SQUARE, "Wrong input: Collection `{c}` already exists!"),
    ("an alias named as a collection", "POST", "/collections/aliases",
     {"actions": [{"create_alias": {"collection_name": "{c}", "alias_name": "{n}"}}]},
     "Wrong input: Collection `{n}` already exists!"),
]
BAD = [
    ("no JSON", "POST", "/collections/{c}/points/query", b"{query", "Format error in JSON body: "),
    ("JSON cut short", "POST", "/collections/{c}/points/query", b'{"query": [1, 2', "Format error in JSON body: "),
    ("more than JSON", "POST", "/collections/{c}/points/query", b'{"query": [1, 2]} {}', "Format error in JSON body: "),
    ("a body of another kind", "POST", "/collections/{c}/points/query", [1, 2], "Format error in JSON body: "),
    ("no body", "PUT", "/collections/{c}/points", b"", None),
    ("bytes that are no UTF-8", "PUT", "/collections/{c}/points",
     b'{"points": [{"id": 1, "vector": [1, 2], "payload": {"a": "\xff"}}]}', "Format error in JSON body: "),
    ("a width of 0", "PUT", "/collections/new", {"vectors": {"size": 0, "distance": "Dot"}},
     "Format error in JSON body: "),
    ("a negative width", "PUT", "/collections/new", {"vectors": {"size": -4, "distance": "Dot"}},
     "Format error in JSON body: "),
    ("an unknown distance", "PUT", "/collections/new", {"vectors": {"size": 4, "distance": "Hamming"}},
     "Format error in JSON body: "),
    ("a width without a distance", "PUT", "/collections/new", {"vectors": {"size": 4}}, "Format error in JSON body: "),
    ("neither points nor batch", "PUT", "/collections/{c}/points", {"rows": []}, "Format error in JSON body: "),
    ("a point without an id", "PUT", "/collections/{c}/points", {"points": [{"vector": [1, 2]}]},
     "Format error in JSON body: "),
    ("a number as text for an id", "PUT", "/collections/{c}/points", {"points": [{"id": "1", "vector": [1, 2]}]},
     "Format error in JSON body: "),
    ("a negative id", "PUT", "/collections/{c}/points", {"points": [{"id": -1, "vector": [1, 2]}]},
     "Format error in JSON body: "),
    ("a fraction for an id", "PUT", "/collections/{c}/points", {"points": [{"id": 1.5, "vector": [1, 2]}]},
     "Format error in JSON body: "),
    ("an id beyond 64 bits", "PUT", "/collections/{c}/points",
     b'{"points": [{"id": 18446744073709551616, "vector": [1, 2]}]}',
     "Format error in JSON body: "),
    ("text in a vector", "PUT", "/collections/{c}/points", {"points": [{"id": 5, "vector": [1, "2"]}]},
     "Format error in JSON body: "),
    ("a payload that is no object", "PUT", "/collections/{c}/points",
     {"points": [{"id": 5, "vector": [1, 2], "payload": [1]}]},
     "Format error in JSON body: "),
    ("ids without keys to delete", "POST", "/collections/{c}/points/payload/delete", {"points": [1]},
     "Format error in JSON body: "),
    ("a payload for nobody", "POST", "/collections/{c}/points/payload", {"payload": {"a": 1}},
     "Format error in JSON body: "),
    ("deleting nobody in particular", "POST", "/collections/{c}/points/delete", {}, "Format error in JSON body: "),
    ("ids to read are missing", "POST", "/collections/{c}/points", {"with_payload": True},
     "Format error in JSON body: "),
    ("a negative limit", "POST", "/collections/{c}/points/query", {"query": [1, 2], "limit": -1},
     "Format error in JSON body: "),
    ("an unknown key in a filter", "POST", "/collections/{c}/points/count", {"filter": {"most": []}},
     "Format error in JSON body: "),
    ("an unknown key in a payload selector", "POST", "/collections/{c}/points/scroll",
     {"with_payload": {"only": ["a"]}},
     "Format error in JSON body: "),
    ("an unknown operation", "POST", "/collections/{c}/points/batch", {"operations": [{"explode": {"points": [1]}}]},
     "Format error in JSON body: "),
    ("a type no index has", "PUT", "/collections/{c}/index", {"field_name": "a", "field_schema": "blob"},
     "Format error in JSON body: "),
    ("no id in the path", "GET", "/collections/{c}/points/first", None,
     'Wrong input: Can not recognize "first" as point id'),
    ("a query parameter of another type", "PUT", "/collections/{c}/points?wait=perhaps",
     {"points": [{"id": 5, "vector": [1, 2]}]},
     "Deserialize error in query parameters: "),
    ("a vector too wide", "PUT", "/collections/{c}/points", {"points": [{"id": 5, "vector": [1, 2, 3]}]},
     "Wrong input: Vector dimension error: expected dim: 2, got 3"),
    ("a question too wide", "POST", "/collections/{c}/points/query", {"query": [1, 2, 3]},
     "Wrong input: Vector dimension error: expected dim: 2, got 3"),
    ("an unknown vector name", "PUT", "/collections/{n}/points", {"points": [{"id": 5, "vector": {"b": [1, 2]}}]},
     "Wrong input: Not existing vector name error: b"),
    ("a question under an unknown name", "POST", "/collections/{n}/points/query", {"query": [1, 2], "using": "b"},
     "Wrong input: Not existing vector name error: b"),
    ("prefetches without a query", "POST", "/collections/{c}/points/query", {"prefetch": {"query": [1, 2]}},
     "Bad request: A query is needed to merge the prefetches. Can't have prefetches without defining a query."),
    ("a fusion of one named vector", "POST", "/collections/{n}/points/query",
     {"prefetch": {"query": [1, 2], "using": "a"}, "query": {"fusion": "rrf"}, "using": "a"},
     "Bad request: Fusion queries cannot be combined with the 'using' field."),
    ("a text for the server to embed", "PUT", "/collections/{c}/points",
     {"points": [{"id": 5, "vector": {"text": "words", "model": "Qdrant/bm25"}}]}, None),
]
INVALID = [
    ("a width beyond all", "PUT", "/collections/new", {"vectors": {"size": 65537, "distance": "Dot"}},
     "Validation error in JSON body: [vectors.size: value 65537 invalid, must be from 1 to 65536]"),
    ("a graph too sparse to be built", "PUT", "/collections/new", {**SQUARE, "hnsw_config": {"ef_construct": 3}},
     "Validation error in JSON body: [hnsw_config.ef_construct: value 3 invalid, must be 4 or larger]"),
    ("a name with a colon", "PUT", "/collections/a:b", SQUARE, "Validation error in path parameters: ["),
    ("a name too long", "PUT", "/collections/" + "x" * 256, SQUARE, "Validation error in path parameters: ["),
    ("no time at all", "PUT", "/collections/new?timeout=0", SQUARE,
     "Validation error in query parameters: [timeout: value 0 invalid, must be 1 or larger]"),
    ("a limit of 0", "POST", "/collections/{c}/points/query", {"query": [1, 2], "limit": 0},
     "Validation error in JSON body: ["),
    ("a page of 0", "POST", "/collections/{c}/points/scroll", {"limit": 0}, "Validation error in JSON body: ["),
    ("groups of 0", "POST", "/collections/{c}/points/query/groups", {"query": [1, 2], "group_by": "a", "group_size": 0},
     "Validation error in JSON body: ["),
    ("a beam of 0", "POST", "/collections/{c}/points/query", {"query": [1, 2], "params": {"hnsw_ef": 0}},
     "Validation error in JSON body: ["),
    ("a condition that asks nothing", "POST", "/collections/{c}/points/count", {"filter": {"must": [{"key": "a"}]}},
     "Validation error in JSON body: ["),
    ("an index twice in a sparse vector", "PUT", "/collections/{n}/points",
     {"points": [{"id": 5, "vector": {"s": {"indices": [7, 7], "values": [1, 2]}}}]},
     "Validation error in JSON body: ["),
    ("more indices than values", "PUT", "/collections/{n}/points",
     {"points": [{"id": 5, "vector": {"s": {"indices": [7, 8], "values": [1]}}}]}, "Validation error in JSON body: ["),
    ("too many candidates", "POST", "/collections/{c}/points/query",
     {"query": {"nearest": [1, 2], "mmr": {"candidates_limit": 16385}}}, "Validation error in JSON body: ["),
    ("a facet of 0", "POST", "/collections/{c}/facet", {"key": "a", "limit": 0}, "Validation error in JSON body: ["),
    ("a sample of 0", "POST", "/collections/{c}/points/search/matrix/pairs", {"sample": 0},
     "Validation error in JSON body: ["),
]


class Rest(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection = http.client.HTTPConnection(urlsplit(cls.server.url).netloc, timeout=30)
        cls.addClassCleanup(cls.connection.close)

    def setUp(self):
        self.c, self.n = self.name, self.name + "_named"
        self.addCleanup(self.send, "DELETE", "/collections/new")
        self.ok("PUT", f"/collections/{self.c}", SQUARE)
        self.ok("PUT", f"/collections/{self.n}", NAMED)
        self.ok("PUT", f"/collections/{self.c}/points?wait=true", {"points": [
            {"id": 1, "vector": [1, 0], "payload": {"a": 1}}, {"id": 2, "vector": [0, 1], "payload": {"a": 2}}]})

    def send(self, method, path, body=None, headers=None):
        """Status, headers and body."""
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        self.connection.request(method, path, body, {"Content-Type": "application/json", **(headers or {})})
        answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def ok(self, method, path, body=None):
        """The result."""
        status, headers, answer = self.send(method, path, body)
        self.assertEqual(status, 200, f"{method} {path}: {answer}")
        self.assertTrue(headers["Content-Type"].startswith("application/json"), headers["Content-Type"])
        answer = json.loads(answer)
        self.assertEqual(answer["status"], "ok")
        self.assertGreaterEqual(answer["time"], 0)
        return answer["result"]

    def found(self, query, parameters=""):
        answer = self.ok("POST", f"/collections/{self.c}/points/query{parameters}", query)
        return [point["id"] for point in answer["points"]]

    def fill_in(self, text):
        return text.replace("{c}", self.c).replace("{n}", self.n)

    def assert_refused(self, wanted_status, rows):
        for wrong, method, path, body, text in rows:
            if body is not None and not isinstance(body, bytes):
                body = self.fill_in(json.dumps(body)).encode()
            path = self.fill_in(path)
            with self.subTest(wrong, request=f"{method} {path} {body and body.decode(errors='replace')}"):
                status, _, answer = self.send(method, path, body)
                self.assertEqual(status, wanted_status, answer)
                if text is not None:
                    envelope = json.loads(answer)
                    self.assertNotIn("result", envelope)
                    self.assertGreaterEqual(envelope["time"], 0)
                    error = envelope["status"]["error"]
                    wanted = self.fill_in(text)
                    self.assertEqual(error[:len(wanted)] if wanted.endswith((": ", "[")) else error, wanted)
        self.assertEqual(self.ok("POST", f"/collections/{self.c}/points/count", {}), {"count": 2},
                         "nothing was changed")
        self.assertEqual(self.ok("POST", f"/collections/{self.n}/points/count", {}), {"count": 0})
        self.assertEqual(self.ok("GET", "/collections/new/exists"), {"exists": False})

    def test_what_is_not_there(self):
        self.assert_refused(404, NOT_FOUND)

    def test_what_is_there_already(self):
        self.assert_refused(409, CONFLICT)

    def test_what_cannot_be_understood(self):
        self.assert_refused(400, BAD)

    def test_what_breaks_a_bound(self):
        self.assert_refused(422, INVALID)

    def test_an_empty_condition_is_explained(self):
        _, _, answer = self.send("POST", f"/collections/{self.c}/points/count", {"filter": {"must": [{"key": "a"}]}})
        self.assertIn(b"At least one field condition must be specified", answer)

    def test_clusters_are_refused(self):
        for method, path, body in [
            ("POST", "/cluster/recover", None), ("DELETE", "/cluster/peer/1", None),
            ("POST", f"/collections/{self.c}/cluster", {"drop_replica": {"shard_id": 0, "peer_id": 1}}),
        ]:
            with self.subTest(path):
                status, _, answer = self.send(method, path, body)
                self.assertEqual(status, 405, answer)
                self.assertIn("standalone mode", json.loads(answer)["status"]["error"])

    def test_deleting_what_is_not_there_is_no_error(self):
        self.assertEqual(self.ok("DELETE", "/collections/nowhere"), False)
        self.assertEqual(self.ok("POST", f"/collections/{self.c}/points/delete?wait=true", {"points": [99]})["status"],
                         "completed")

    def test_who_answers(self):
        status, _, answer = self.send("GET", "/")
        info = json.loads(answer)
        self.assertEqual(status, 200)
        self.assertRegex(info["version"], r"^\d+\.\d+\.\d+$")
        self.assertEqual(len(info["commit"]), 40)
        self.assertTrue(info["title"])

    def test_health(self):
        for path, text in [("/healthz", b"healthz check passed"), ("/livez", b"healthz check passed"),
                           ("/readyz", b"all shards are ready")]:
            status, headers, answer = self.send("GET", path)
            self.assertEqual((status, answer), (200, text), path)
            self.assertTrue(headers["Content-Type"].startswith("text/plain"), headers["Content-Type"])

    def test_a_connection_serves_many_requests(self):
        self.send("GET", "/")
        before = self.connection.sock
        self.assertIsNotNone(before, "the server closed the connection")
        for _ in range(20):
            self.send("GET", "/collections")
            self.send("GET", "/collections/nowhere")
            self.send("POST", f"/collections/{self.c}/points/query", b"{")
        self.assertIs(self.connection.sock, before)

    def test_every_request_may_have_a_connection_of_its_own(self):
        for _ in range(50):
            connection = http.client.HTTPConnection(urlsplit(self.server.url).netloc, timeout=30)
            connection.request("GET", f"/collections/{self.c}/exists", headers={"Connection": "close"})
            self.assertEqual(json.loads(connection.getresponse().read())["result"], {"exists": True})
            connection.close()

    def test_a_body_in_chunks(self):
        pieces = iter([b'{"query": [1', b", 0.5], ", b'"limit": 1}'])
        self.connection.request("POST", f"/collections/{self.c}/points/query", pieces,
                                {"Content-Type": "application/json"}, encode_chunked=True)
        points = json.loads(self.connection.getresponse().read())["result"]["points"]
        self.assertEqual([point["id"] for point in points], [1])

    def test_a_body_too_large_is_refused_and_the_server_lives(self):
        connection = http.client.HTTPConnection(urlsplit(self.server.url).netloc, timeout=30)
        connection.putrequest("PUT", f"/collections/{self.c}/points")
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", str(2**40))
        connection.endheaders()
        self.assertIn(connection.getresponse().status, (400, 413))
        connection.close()
        self.assertEqual(self.ok("POST", f"/collections/{self.c}/points/count", {}), {"count": 2})

    def test_fields_that_nobody_knows_do_no_harm(self):
        body = {"query": [1, 0.5], "limit": 1, "from_the_future": {"a": 1}}
        self.assertEqual(self.found(body, "?when=now"), [1])

    def test_paths_are_read_leniently(self):
        self.assertEqual(self.ok("GET", f"/collections/{self.c}/exists/"), {"exists": True})
        self.assertEqual(self.ok("GET", "/collections/" + self.c.replace("_", "%5F") + "/exists"), {"exists": True})
        self.assertEqual(self.ok("GET", f"/collections/{self.c}/points/1")["payload"], {"a": 1})

    def test_what_a_new_point_looks_like(self):
        written = self.ok("PUT", f"/collections/{self.c}/points?wait=true",
                          {"points": [{"id": UUID, "vector": [0.19, 0.1]}]})
        self.assertEqual((set(written), written["status"]), ({"operation_id", "status"}, "completed"))
        _, _, answer = self.send("GET", f"/collections/{self.c}/points/{UUID.upper()}")
        self.assertIn(b"[0.19,0.1]", answer.replace(b" ", b""), "the shortest decimals of the floats")
        self.assertEqual(json.loads(answer)["result"]["id"], UUID)
        unwaited = self.ok("PUT", f"/collections/{self.c}/points", {"points": [{"id": 3, "vector": [1, 1]}]})
        self.assertEqual(unwaited["status"], "acknowledged")
        self.assertGreater(unwaited["operation_id"], written["operation_id"])

    def test_payload_and_vector_are_left_out_unless_asked_for(self):
        point, = self.ok("POST", f"/collections/{self.c}/points/query", {"query": [1, 0], "limit": 1})["points"]
        self.assertEqual((point["id"], point["score"]), (1, 1))
        self.assertIsNone(point.get("payload"))
        self.assertIsNone(point.get("vector"))
        self.assertIn("version", point)
        page = self.ok("POST", f"/collections/{self.c}/points/scroll", {"limit": 1})
        self.assertEqual(page["points"][0]["payload"], {"a": 1})
        self.assertEqual(page["next_page_offset"], 2)
        points = self.ok("POST", f"/collections/{self.c}/points", {"ids": [1], "with_vector": True})
        self.assertEqual((points[0]["payload"], points[0]["vector"]), ({"a": 1}, [1, 0]))

    def test_other_names_of_fields(self):
        body = {"vector": [1, 0], "top": 1, "with_vectors": True}
        point, = self.ok("POST", f"/collections/{self.c}/points/search", body)
        self.assertEqual((point["id"], point["vector"]), (1, [1, 0]))

    def test_endpoints_of_old(self):
        search = {"vector": [1, 0.5], "limit": 2}
        ids = lambda points: [point["id"] for point in points]
        self.assertEqual(ids(self.ok("POST", f"/collections/{self.c}/points/search", search)), [1, 2])
        batch = self.ok("POST", f"/collections/{self.c}/points/search/batch",
                        {"searches": [search, {"vector": [0, 1], "limit": 1}]})
        self.assertEqual([ids(points) for points in batch], [[1, 2], [2]])
        groups = self.ok("POST", f"/collections/{self.c}/points/search/groups",
                         {**search, "group_by": "a", "group_size": 1})["groups"]
        self.assertEqual([(group["id"], ids(group["hits"])) for group in groups], [(1, [1]), (2, [2])])
        self.ok("PUT", f"/collections/{self.n}/points?wait=true", {"points": [
            {"id": 7, "vector": {"a": [1, 1], "s": {"indices": [3], "values": [2]}}}]})
        for vector in ({"name": "a", "vector": [1, 1]}, {"name": "s", "vector": {"indices": [3], "values": [1]}}):
            found = self.ok("POST", f"/collections/{self.n}/points/search", {"vector": vector, "limit": 1})
            self.assertEqual([(point["id"], point["score"]) for point in found], [(7, 2)])
        found = self.ok("POST", f"/collections/{self.c}/points/recommend", {"positive": [1], "limit": 5})
        self.assertEqual(ids(found), [2])
        recommend = {"positive": [1], "limit": 5}
        self.assertEqual([ids(points) for points in self.ok(
            "POST", f"/collections/{self.c}/points/recommend/batch", {"searches": [recommend, recommend]})], [[2], [2]])
        groups = self.ok("POST", f"/collections/{self.c}/points/recommend/groups",
                         {**recommend, "group_by": "a", "group_size": 1})["groups"]
        self.assertEqual([(group["id"], ids(group["hits"])) for group in groups], [(2, [2])])
        discover = {"target": [1, 0.5], "context": [{"positive": [1, 0], "negative": [0, 1]}], "limit": 5}
        self.assertEqual(ids(self.ok("POST", f"/collections/{self.c}/points/discover", discover)), [1, 2])
        self.assertEqual([ids(points) for points in self.ok(
            "POST", f"/collections/{self.c}/points/discover/batch", {"searches": [discover]})], [[1, 2]])

    def test_a_cluster_of_one(self):
        self.assertEqual(self.ok("GET", "/cluster"), {"status": "disabled"})
        cluster = self.ok("GET", f"/collections/{self.c}/cluster")
        self.assertEqual((cluster["shard_count"], cluster["local_shards"][0]["points_count"]), (1, 2))
        self.assertEqual(self.ok("GET", f"/collections/{self.c}/shards"), {"shard_keys": []})

    def test_shard_keys_are_refused(self):
        for method, path in [("PUT", "shards"), ("POST", "shards/delete")]:
            status, _, answer = self.send(method, f"/collections/{self.c}/{path}", {"shard_key": "a"})
            self.assertEqual(status, 400, answer)

    def test_what_it_says_of_itself(self):
        telemetry = self.ok("GET", "/telemetry")
        self.assertEqual(telemetry["app"]["name"], "qdrant")
        points = {each["id"]: each["points_count"] for each in telemetry["collections"]["collections"]}
        self.assertEqual((points[self.c], points[self.n]), (2, 0))
        self.assertEqual(self.ok("GET", "/issues"), {"issues": []})
        self.assertIs(self.ok("DELETE", "/issues"), True)
        deadline = time.monotonic() + 30
        while self.ok("GET", f"/collections/{self.c}")["status"] != "green":
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        work = self.ok("GET", f"/collections/{self.c}/optimizations?with=queued,completed")
        self.assertEqual((work["running"], work["queued"], work["completed"]), ([], [], []))
        self.assertEqual(work["summary"]["queued_points"], 0)

    def test_how_far_the_indexer_is(self):
        progress = self.ok("GET", f"/omen/v1/collections/{self.c}/progress")
        self.assertEqual((progress["accepted"], progress["covered"] + progress["tail"]), (2, 2))
        info = self.ok("GET", "/omen/v1/info")
        self.assertIn(self.c, [collection["name"] for collection in info["collections"]])
        with urllib.request.urlopen(self.server.url + "/omen/v1/events") as events:
            line = next(line for line in events if line.startswith(b"data:"))
        self.assertIn(self.c.encode(), line)

    def test_numbers_keep_every_digit(self):
        payload = {"n": 2**53 + 1, "f": 0.1, "e": 1e-300}
        self.ok("PUT", f"/collections/{self.c}/points?wait=true",
                {"points": [{"id": 2**64 - 1, "vector": [1, 2], "payload": payload}]})
        point = self.ok("GET", f"/collections/{self.c}/points/{2**64 - 1}")
        self.assertEqual((point["id"], point["payload"]), (2**64 - 1, payload))

    def test_vectors_of_narrow_numbers(self):
        for datatype, kept, refused in [("float32", [0.1, 1e18], [1e39, 0]), ("float16", [0.5, 1e4], [1e5, 0]),
                                        ("uint8", [0, 255], [1.5, 0]), ("uint8", [1, 2], [256, 0])]:
            with self.subTest(datatype):
                self.ok("PUT", "/collections/new", {"vectors": {"size": 2, "distance": "Dot", "datatype": datatype}})
                status, _, answer = self.send("PUT", "/collections/new/points", {"points": [{"id": 1, "vector": refused}]})
                self.assertEqual(status, 400, answer)
                self.ok("PUT", "/collections/new/points", {"points": [{"id": 1, "vector": kept}]})
                point, = self.ok("POST", "/collections/new/points/query", {"query": [1, 0], "with_vector": True})["points"]
                self.assertEqual(point["vector"], kept)
                self.assertAlmostEqual(point["score"], kept[0])
                self.ok("DELETE", "/collections/new")

    def test_browsers_may_ask(self):
        status, headers, _ = self.send("OPTIONS", f"/collections/{self.c}/points/query", headers={
            "Origin": "http://example.com", "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type"})
        self.assertIn(status, (200, 204))
        self.assertIn(headers["Access-Control-Allow-Origin"], ("*", "http://example.com"))
        self.assertIn("POST", headers["Access-Control-Allow-Methods"])
        _, headers, _ = self.send("GET", "/collections", headers={"Origin": "http://example.com"})
        self.assertIn(headers["Access-Control-Allow-Origin"], ("*", "http://example.com"))

    def test_what_is_measured(self):
        status, headers, answer = self.send("GET", "/metrics")
        self.assertEqual(status, 200)
        self.assertTrue(headers["Content-Type"].startswith("text/plain"))
        self.assertRegex(answer.decode(), r"(?m)^collections_total \d+$")


if __name__ == "__main__":
    unittest.main()
