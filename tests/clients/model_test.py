"""A server answers as a model of it does (model.py): random changes and questions over REST, and every answer is compared.

Now and then the server ends or is killed, and starts again with what it had acknowledged. OMENDB_SEED repeats a run, OMENDB_STEPS
makes it longer."""
import copy
import http.client
import json
import os
import random
import tempfile
import time
import unittest
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
from filters_test import TIMES, Generator
from filter_model import elements, is_number, is_place, is_whole, moment, steps_of, words
from model import Model, unit, with_set, without
from server import Server

SEED = int(os.environ.get("OMENDB_SEED", random.SystemRandom().randrange(2**32)))
STEPS = int(os.environ.get("OMENDB_STEPS", "1500"))

DISTANCES = {"": "Cosine", "other": "Dot", "plane": "Euclid", "city": "Manhattan", "words": "Sparse"}
WIDTHS = {"": 8, "other": 5, "plane": 2, "city": 3}
SPARSE_INDICES = 30
INDEXES_S = 10  # an index is made anew in a moment
ALL = 9_000  # more points than there are, and with an offset no more than a query may have
IDS = [*range(60), 2**63, 2**64 - 1, *(str(uuid.UUID(int=number << 64)) for number in range(60))]
COLORS = ["red", "green", "blue", "Red"]
INDEXES = [("a", "integer"), ("a", "keyword"), ("b", "float"), ("c.d", "integer"), ("c.e[]", "keyword"), ("e", "datetime"),
           ("e", "bool"), ("e", "text"), ("f[].g", "keyword"), ("place", "geo"), ("n", "integer"), ("color", "keyword"),
           ("tags", "keyword"), ("tags", "text"), ("day", "datetime"), ('"x y"', "float"), ("u", "uuid"),
           ("color", "uuid")]
OF_TYPE = {"integer": is_whole, "float": is_number, "geo": is_place, "datetime": moment,
           "keyword": lambda value: isinstance(value, str), "text": lambda value: isinstance(value, str) and words(value),
           "bool": lambda value: isinstance(value, bool), "uuid": lambda value: isinstance(value, str) and len(value) == 36}

# Scores are float32, summed in another order.
TOLERANCE = {"rtol": 1e-4, "atol": 1e-4}


def canonical(payload):
    """A text that tells 1 from 1.0 and from true."""
    return json.dumps(payload, sort_keys=True)


class Connection:
    """Requests to a server that may be started again."""

    def __init__(self, db):
        self.db = db
        self.start()

    def start(self):
        self.server = Server(self.db).__enter__()
        self.http = http.client.HTTPConnection(urlsplit(self.server.url).netloc, timeout=60)

    def restart(self, kill):
        self.http.close()
        if kill:
            self.server.kill()
        else:
            self.server.__exit__()
        self.start()

    def send_and_kill(self, method, path, body, seconds):
        """Kills the server while it works on a request, or has not read it, or has answered."""
        self.http.request(method, path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        time.sleep(seconds)
        self.restart(kill=True)

    def stop(self):
        self.http.close()
        self.server.__exit__()

    def send(self, method, path, body=None):
        """The status, and the result or the text of the error."""
        data = None if body is None else json.dumps(body).encode()
        self.http.request(method, path, data, {"Content-Type": "application/json"})
        answer = self.http.getresponse()
        envelope = json.loads(answer.read())
        return answer.status, envelope["result"] if answer.status == 200 else envelope["status"]["error"]


class Steps(Generator):
    """One random step after the other. A step is a method that changes both sides, or asks both."""

    def __init__(self, seed, test, connection):
        super().__init__(seed)
        self.test, self.connection = test, connection
        self.model = Model(DISTANCES)
        self.indexes = {}
        self.result("PUT", "", {
            "vectors": {name: {"size": width, "distance": DISTANCES[name]} for name, width in WIDTHS.items()},
            "sparse_vectors": {"words": {}}})

    # --- Requests. ---

    def send(self, method, path, body=None):
        self.request = f"{method} /collections/c{path} {json.dumps(body)}"
        return self.connection.send(method, "/collections/c" + path, body)

    def result(self, method, path, body=None):
        status, result = self.send(method, path, body)
        self.test.assertEqual(status, 200, result)
        return result

    def change(self, method, path, body):
        """A change, waited for or not."""
        waits = self.random.random() < 0.5
        self.written(self.result(method, path + ("?wait=true" if waits else self.random.choice(["", "?wait=false"])), body), waits)

    def written(self, result, waits):
        self.test.assertEqual(result["status"], "completed" if waits else "acknowledged")

    # --- Points, at random. ---

    def dense(self, name):
        """Eighths: exact as float32, and many distances are equal."""
        vector = [self.random.randint(-16, 16) / 8 for _ in range(WIDTHS[name])]
        return vector if any(vector) else self.dense(name)

    def vector(self, name):
        if name != "words":
            return self.dense(name)
        indices = sorted(self.random.sample(range(SPARSE_INDICES), self.random.randint(1, 6)))
        return {"indices": indices, "values": [self.random.randint(1, 16) / 8 for _ in indices]}

    def vectors(self):
        return {name: self.vector(name) for name in DISTANCES if self.random.random() < 0.7}

    def payload(self):
        r = self.random
        fields = {"n": r.choice([r.randint(0, 40), [r.randint(0, 40), r.randint(0, 40)]]), "color": r.choice(COLORS),
                  "tags": r.sample(["x", "y", "z"], r.randint(0, 3)), "day": r.choice(TIMES), "u": str(uuid.UUID(int=r.randint(0, 9)))}
        return {**super().payload(), **{key: fields[key] for key in r.sample(sorted(fields), r.randint(0, 5))}}

    def point(self, key):
        return {"id": key, "vectors": self.vectors(), "payload": self.random.choice([self.payload(), self.payload(), None])}

    def ids(self, most=4):
        return self.random.sample(IDS, self.random.randint(1, most))

    def wanted(self, often=0.6):
        return self.filter(IDS) if self.random.random() < often else None

    def with_filter(self, body, often=0.6):
        wanted = self.wanted(often)
        return (body if wanted is None else {**body, "filter": wanted}), wanted

    def selection(self):
        """A filter that some points match, or ids of which some may be missing."""
        return {"points": self.ids()} if self.random.random() < 0.6 else {"filter": self.filter(IDS)}

    # --- Changes. Each is a body and what it does to the model; a batch makes several. ---

    def upsert_body(self):
        r = self.random
        points = [self.point(key) for key in self.ids(8)]
        how = {}
        if r.random() < 0.3:
            how["update_mode"] = r.choice(["upsert", "insert_only", "update_only"])
        if r.random() < 0.3:
            how["update_filter"] = self.filter(IDS)
        effect = lambda: self.model.upsert(points, how.get("update_mode", "upsert"), how.get("update_filter"))
        if r.random() < 0.3:
            return {"batch": self.columns(points), **how}, effect
        if r.random() < 0.2:
            points += [self.point(points[0]["id"])] if not how else []  # an id twice: the later one counts
        written = [{"id": point["id"], "vector": point["vectors"], "payload": point["payload"]} for point in points]
        return {"points": written, **how}, effect

    def columns(self, points):
        """Points that all have the same vectors, by columns."""
        names = self.random.choice([[""], ["words", "plane"], ["", "other", "city"]])
        for point in points:
            point["vectors"] = {name: self.vector(name) for name in names}
        columns = {name: [point["vectors"][name] for point in points] for name in names}
        return {"ids": [point["id"] for point in points], "payloads": [point["payload"] for point in points],
                "vectors": columns[""] if names == [""] else columns}

    def delete_body(self):
        selection = {"points": self.ids()} if self.random.random() < 0.7 else {"filter": self.narrow()}
        return selection, lambda: self.model.delete(selection)

    def narrow(self):
        """A filter that does not match everything, or nothing would be left to ask."""
        return {"must": [self.filter(IDS), {"has_id": self.ids(20)}]}

    def set_payload_body(self):
        r = self.random
        selection, patch, path = self.selection(), super().payload(), None
        if r.random() < 0.3:
            path, patch = r.choice(["c", "c.d", "f[0]", "f[].g", "new.path", "e[1]", '"x y".z']), {"d": self.value(), "n": self.value()}
        effect = lambda: self.model.change_payloads(selection, lambda old: with_set(old, steps_of(path or ""), patch))
        return {"payload": patch, **selection, **({"key": path} if path else {})}, effect

    def overwrite_payload_body(self):
        selection, payload = self.selection(), self.payload()
        return {"payload": payload, **selection}, lambda: self.model.change_payloads(selection, lambda _: payload)

    def delete_payload_body(self):
        selection, keys = self.selection(), self.random.sample(["a", "b", "c.d", "e[]", "f[].g", "f[0].h", "missing", "n"], 2)

        def delete(payload):
            for key in keys:
                payload = without(payload, steps_of(key))
            return payload
        return {"keys": keys, **selection}, lambda: self.model.change_payloads(selection, delete)

    def clear_payload_body(self):
        selection = {"points": self.ids()}
        return selection, lambda: self.model.change_payloads(selection, lambda _: {})

    def update_vectors_body(self):
        present = [key for key in self.ids(8) if key in self.model.points]
        points = [{"id": key, "vectors": self.vectors() or {"city": self.dense("city")}} for key in present]
        only_if = self.wanted(0.3)
        body = {"points": [{"id": point["id"], "vector": point["vectors"]} for point in points]}
        return (body if only_if is None else {**body, "update_filter": only_if}), lambda: self.model.update_vectors(points, only_if)

    def delete_vectors_body(self):
        selection, names = self.selection(), self.random.sample(list(DISTANCES), self.random.randint(1, 2))
        return {"vector": names, **selection}, lambda: self.model.delete_vectors(selection, names)

    CHANGES = {
        "upsert": ("PUT", "/points"), "delete": ("POST", "/points/delete"), "set_payload": ("POST", "/points/payload"),
        "overwrite_payload": ("PUT", "/points/payload"), "delete_payload": ("POST", "/points/payload/delete"),
        "clear_payload": ("POST", "/points/payload/clear"), "update_vectors": ("PUT", "/points/vectors"),
        "delete_vectors": ("POST", "/points/vectors/delete")}
    NEED_POINTS = {"set_payload", "overwrite_payload", "delete_payload"}

    def missing(self, kind, body):
        """Whether ids are named that must exist and do not: the rest is changed all the same."""
        return kind in self.NEED_POINTS and any(key not in self.model.points for key in body.get("points", []))

    def step_change(self):
        kind = self.random.choice([*self.CHANGES, "upsert", "upsert"])
        body, effect = getattr(self, kind + "_body")()
        if self.missing(kind, body):
            status, _ = self.send(*self.CHANGES[kind], body)
            self.test.assertEqual(status, 404)
        else:
            self.change(*self.CHANGES[kind], body)
        effect()

    def step_batch(self):
        """Several changes at once; one that is refused ends them, and those before it stay."""
        operations, status, waits = [], 200, self.random.random() < 0.5
        for _ in range(self.random.randint(1, 4)):
            kind = self.random.choice(list(self.CHANGES))
            body, effect = getattr(self, kind + "_body")()
            operations.append({kind: body})
            refused = self.missing(kind, body)
            effect()
            if refused:
                status = 404
                break
        got, results = self.send("POST", "/points/batch" + ("?wait=true" if waits else ""), {"operations": operations})
        self.test.assertEqual(got, status, results)
        for result in results if status == 200 else []:
            self.written(result, waits)

    def step_unknown_vectors(self):
        """Vectors for a point that does not exist, beside some that do: nothing is changed."""
        keys = self.ids(3)
        if any(key not in self.model.points for key in keys):
            body = {"points": [{"id": key, "vector": {"city": self.dense("city")}} for key in keys]}
            self.test.assertEqual(self.send("PUT", "/points/vectors", body)[0], 404)

    def step_index(self):
        key, kind = self.random.choice(INDEXES)
        if key in self.indexes and self.random.random() < 0.5:
            del self.indexes[key]
            self.result("DELETE", f"/index/{key.replace('[', '%5B').replace(']', '%5D').replace(' ', '%20').replace(chr(34), '%22')}")
        else:
            self.indexes[key] = kind
            self.change("PUT", "/index", {"field_name": key, "field_schema": kind})

    def step_restart(self):
        self.request = self.random.choice(["SIGTERM", "SIGKILL"])
        self.connection.restart(kill=self.request == "SIGKILL")
        self.see_everything()

    def step_killed_change(self):
        """It is there as a whole, or not at all."""
        before = copy.deepcopy(self.model.points)
        kind = self.random.choice(list(self.CHANGES))
        body, effect = getattr(self, kind + "_body")()
        effect()
        method, path = self.CHANGES[kind]
        self.request = f"SIGKILL during {method} {path} {json.dumps(body)}"
        self.connection.send_and_kill(method, "/collections/c" + path, body, self.random.choice([0, 0.0005, 0.002]))
        found = self.result("POST", "/points/scroll", {"limit": ALL, "with_vector": True})["points"]
        try:
            self.same_points(found, self.model.matching())
        except AssertionError:
            self.model.points = before
            self.same_points(found, self.model.matching())

    # --- Questions. ---

    def see_everything(self):
        page = self.result("POST", "/points/scroll", {"limit": ALL, "with_vector": True})
        self.same_points(page["points"], self.model.matching())
        self.test.assertEqual(self.result("GET", "")["points_count"], len(self.model.points))
        wanted = {key: (kind, self.points_with(key, kind)) for key, kind in self.indexes.items()}
        self.test.assertEqual(self.indexes_at_rest(wanted), wanted)

    def indexes_at_rest(self, wanted):
        """They are made in the background, again after a restart: as wanted, or what they are when that takes too long."""
        end = time.monotonic() + INDEXES_S
        while True:
            schema = self.result("GET", "")["payload_schema"]
            found = {key: (index["data_type"], index["points"]) for key, index in schema.items()}
            if found == wanted or time.monotonic() > end:
                return found
            time.sleep(0.01)

    def points_with(self, key, kind):
        return sum(any(OF_TYPE[kind](value) for value in elements(key, point["payload"])) for point in self.model.points.values())

    def same_points(self, ours, theirs, payload=lambda payload: payload, names=DISTANCES):
        """Records of the server, points of the model."""
        self.test.assertEqual([point["id"] for point in ours], [point["id"] for point in theirs])
        for our, their in zip(ours, theirs):
            self.same_point(our, their, payload, names)

    def same_point(self, our, their, payload, names):
        self.test.assertEqual(canonical(our.get("payload")), canonical(payload(their["payload"])), their["id"])
        shown = our.get("vector") or {}
        vectors = {"": shown} if isinstance(shown, list) else shown
        self.test.assertEqual(set(vectors), set(their["vectors"]) & set(names), their["id"])
        for name, vector in vectors.items():
            if name == "words":
                self.test.assertEqual(vector, their["vectors"][name])
            else:
                stored = their["vectors"][name]
                np.testing.assert_allclose(vector, unit(stored) if DISTANCES[name] == "Cosine" else stored, rtol=1e-6, atol=1e-7)

    def shown(self):
        """What an answer shall contain: the request's part, and what same_point() needs."""
        names = self.random.choice([[], list(DISTANCES), ["city", ""], ["words"]])
        keys = self.random.sample(["a", "c", "n", "color", "x y"], 2)
        show, payload = self.random.choice([
            (False, lambda _: None), (False, lambda _: None), (True, lambda payload: payload),
            (['"x y"' if key == "x y" else key for key in keys], lambda payload: {key: payload[key] for key in payload if key in keys}),
            ({"exclude": ["n", "f"]}, lambda payload: {key: payload[key] for key in payload if key not in ("n", "f")})])
        return {"with_payload": show, "with_vector": {0: False, len(DISTANCES): True}.get(len(names), names)}, payload, names

    def step_retrieve(self):
        show, payload, names = self.shown()
        keys = self.ids(6)
        found = self.result("POST", "/points", {"ids": keys, **show})
        self.same_points(found, [self.model.points[key] for key in keys if key in self.model.points], payload, names)

    def step_get(self):
        key = self.random.choice(IDS)
        status, point = self.send("GET", f"/points/{key}")
        self.test.assertEqual(status, 200 if key in self.model.points else 404)
        if status == 200:
            self.same_points([point], [self.model.points[key]])

    def step_scroll(self):
        show, payload, names = self.shown()
        body, wanted = self.with_filter({"limit": self.random.choice([1, 5, 20, ALL]), **show})
        points = self.model.matching(wanted)
        if self.random.random() < 0.4:
            body["offset"] = self.random.choice(IDS)
            rank = lambda key: (isinstance(key, str), key)
            points = [point for point in points if rank(point["id"]) >= rank(body["offset"])]
        page = self.result("POST", "/points/scroll", body)
        self.same_points(page["points"], points[:body["limit"]], payload, names)
        following = points[body["limit"]:]
        self.test.assertEqual(page["next_page_offset"], following[0]["id"] if following else None)

    def step_order(self):
        key, kind = self.random.choice([("n", "integer"), ("day", "datetime"), ("b", "float")])
        if key not in self.indexes:  # Qdrant demands one
            self.indexes[key] = kind
            self.change("PUT", "/index", {"field_name": key, "field_schema": kind})
        descending = self.random.random() < 0.5
        order = {"key": key, "direction": "desc" if descending else "asc"}
        if key == "n" and self.random.random() < 0.5:
            order["start_from"] = self.random.randint(0, 40)
        body, wanted = self.with_filter({"order_by": order, "limit": self.random.choice([3, ALL])})
        pairs = self.model.ordered(key, wanted)
        if "start_from" in order:
            start = order["start_from"]
            pairs = [pair for pair in pairs if (pair[0] <= start if descending else pair[0] >= start)]
        page = self.result("POST", "/points/scroll", body)
        values = sorted((value for value, _ in pairs), reverse=descending)[:body["limit"]]
        self.test.assertEqual([point["order_value"] for point in page["points"]], values)
        self.test.assertLessEqual({(point["order_value"], point["id"]) for point in page["points"]}, set(pairs))
        self.same_points(page["points"], [self.model.points[point["id"]] for point in page["points"]], names=[])
        self.test.assertIsNone(page["next_page_offset"])

    def step_count(self):
        body, wanted = self.with_filter({"exact": self.random.random() < 0.8}, often=0.9)
        self.test.assertEqual(self.result("POST", "/points/count", body)["count"], len(self.model.matching(wanted)))

    def step_facet(self):
        key = self.random.choice(["color", "tags", "n", "a", "e", "c.d", "f[].g"])
        body, wanted = self.with_filter({"key": key, "limit": self.random.choice([2, ALL]), "exact": True})
        counts = self.model.facet(key, wanted)
        hits = self.result("POST", "/facet", body)["hits"]
        self.test.assertEqual([hit["count"] for hit in hits], sorted(counts.values(), reverse=True)[:body["limit"]])
        for hit in hits:
            self.test.assertEqual(hit["count"], counts[type(hit["value"]), hit["value"]], hit)

    def same_hits(self, hits, name, scores, limit, offset=0, threshold=None):
        """The best scores, each of them its point's: which of equal ones come first is anybody's choice."""
        best = self.model.best(name, scores.values())
        if threshold is not None:
            best = [score for score in best if (score <= threshold if name in ("plane", "city") else score >= threshold)]
        ours = [hit["score"] for hit in hits]
        self.test.assertEqual(len(ours), len(best[offset:offset + limit]))
        np.testing.assert_allclose(ours, best[offset:offset + limit], **TOLERANCE)
        self.test.assertEqual(len({hit["id"] for hit in hits}), len(hits))
        for hit in hits:
            self.test.assertIn(hit["id"], scores)
            np.testing.assert_allclose(hit["score"], scores[hit["id"]], **TOLERANCE)

    def frame(self, name):
        """All of a query but what it asks: limits, a filter, and whether it must be exact."""
        r = self.random
        body, wanted = self.with_filter({"limit": r.choice([1, 3, 10, ALL]), "offset": r.choice([0, 0, 2])}, often=0.5)
        if name or r.random() < 0.5:
            body["using"] = name
        if r.random() < 0.5:
            body["params"] = r.choice([{"exact": True}, {"exact": False}, {"hnsw_ef": 16}])
        return body, wanted

    def holders(self, name):
        return [key for key, point in self.model.points.items() if name in point["vectors"]]

    def query(self, body, name, vector, wanted, but=()):
        """Asks, and compares the hits and what is shown of them."""
        show, payload, names = self.shown()
        hits = self.result("POST", "/points/query", {**body, **show})["points"]
        scores = self.model.scores(name, vector, wanted, but)
        self.same_hits(hits, name, scores, body["limit"], body["offset"], body.get("score_threshold"))
        for hit in hits:
            self.same_point(hit, self.model.points[hit["id"]], payload, names)

    def step_nearest(self):
        name = self.random.choice(list(DISTANCES))
        vector = self.vector(name)
        body, wanted = self.frame(name)
        scores = sorted(set(self.model.scores(name, vector).values()))
        if len(scores) > 4 and self.random.random() < 0.3:
            middle = len(scores) // 2
            if scores[middle] - scores[middle - 1] > 0.01:  # or rounding would decide
                body["score_threshold"] = (scores[middle] + scores[middle - 1]) / 2
        self.query({"query": self.random.choice([vector, {"nearest": vector}]), **body}, name, vector, wanted)

    def step_like(self):
        """Nearest to a point, which is no answer itself."""
        name, key = self.random.choice(list(DISTANCES)), self.random.choice(IDS)
        body, wanted = self.frame(name)
        if key not in self.model.points:
            self.test.assertEqual(self.send("POST", "/points/query", {"query": key, **body})[0], 404)
        elif name in self.model.points[key]["vectors"]:
            self.query({"query": key, **body}, name, self.model.points[key]["vectors"][name], wanted, but=[key])

    def step_recommend(self):
        name = self.random.choice(list(WIDTHS))
        holders = self.holders(name)
        if len(holders) < 4:
            return
        examples = [[self.random.choice([self.vector(name), self.random.choice(holders)]) for _ in range(count)]
                    for count in (self.random.randint(1, 3), self.random.randint(0, 2))]
        mentioned = [one for side in examples for one in side if not isinstance(one, list)]
        target = self.model.average(name, *examples)
        if np.linalg.norm(target) < 0.01:
            return  # no direction
        body, wanted = self.frame(name)
        self.query({"query": {"recommend": {"positive": examples[0], "negative": examples[1]}}, **body}, name, target, wanted, mentioned)

    def step_query_batch(self):
        name = self.random.choice(list(DISTANCES))
        vectors = [self.vector(name) for _ in range(3)]
        answers = self.result("POST", "/points/query/batch", {
            "searches": [{"query": vector, "using": name, "limit": 4} for vector in vectors]})
        for vector, answer in zip(vectors, answers, strict=True):
            self.same_hits(answer["points"], name, self.model.scores(name, vector), 4)

    def step_all(self):
        """No query at all: points in order."""
        body, wanted = self.with_filter({"limit": 7})
        hits = self.result("POST", "/points/query", body)["points"]
        self.test.assertEqual([(hit["id"], hit["score"]) for hit in hits], [(point["id"], 1) for point in self.model.matching(wanted)][:7])

    def step_groups(self):
        r = self.random
        name, key = r.choice(list(DISTANCES)), r.choice(["color", "tags", "n", "a"])
        vector = self.vector(name)
        body, wanted = self.with_filter({"query": vector, "using": name, "group_by": key,
                                         "limit": r.randint(1, 6), "group_size": r.randint(1, 4)})
        groups = self.model.groups(key, self.model.scores(name, vector, wanted))
        found = self.result("POST", "/points/query/groups", body)["groups"]
        self.test.assertEqual(len({canonical(group["id"]) for group in found}), min(len(groups), body["limit"]))
        leaders = self.model.best(name, [self.model.best(name, scores.values())[0] for scores in groups.values()])
        np.testing.assert_allclose([group["hits"][0]["score"] for group in found], leaders[:body["limit"]], **TOLERANCE)
        for group in found:
            self.same_hits(group["hits"], name, groups[group["id"]], body["group_size"])

    WEIGHTS = {
        "step_change": 30, "step_batch": 4, "step_unknown_vectors": 1, "step_index": 3, "step_restart": 0.3, "step_killed_change": 0.3,
        "see_everything": 2, "step_retrieve": 4, "step_get": 3, "step_scroll": 8, "step_order": 5, "step_count": 12, "step_facet": 6,
        "step_nearest": 14, "step_like": 6, "step_recommend": 6, "step_query_batch": 2, "step_all": 2, "step_groups": 6}

    def run(self, steps):
        for number in range(steps):
            self.request = None
            name, = self.random.choices(list(self.WEIGHTS), list(self.WEIGHTS.values()))
            try:
                getattr(self, name)()
            except AssertionError as error:
                raise AssertionError(f"seed {SEED}, step {number}, {name}: {self.request}\n{error}") from None


class ModelTest(unittest.TestCase):
    maxDiff = 4000

    def test_every_answer_is_the_models(self):
        print(f"seed {SEED}")
        folder = tempfile.TemporaryDirectory(prefix="omendb-model-")
        self.addCleanup(folder.cleanup)
        connection = Connection(Path(folder.name) / "db")
        try:
            Steps(SEED, self, connection).run(STEPS)
        finally:
            connection.stop()


if __name__ == "__main__":
    unittest.main()
