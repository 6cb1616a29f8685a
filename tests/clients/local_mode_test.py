"""The server answers as Qdrant's Python client answers by itself: its local mode gets the same points, changes and
questions.

OMENDB_SEED repeats a run, OMENDB_ROUNDS makes it longer."""
import math
import os
import random
import unittest
import uuid
import warnings

import numpy as np
from filters_test import Generator
from qdrant import QdrantTest
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import UnexpectedResponse

SEED = int(os.environ.get("OMENDB_SEED", random.SystemRandom().randrange(2**32)))
ROUNDS = int(os.environ.get("OMENDB_ROUNDS", "8"))
POINTS, CHANGES, QUESTIONS = 150, 12, 30

WIDTHS = {"text": 24, "image": 12, "code": 8, "city": 6}
DISTANCES = dict(zip(WIDTHS, [models.Distance.COSINE, models.Distance.DOT, models.Distance.EUCLID,
                              models.Distance.MANHATTAN]))
SPARSE = {"words": models.SparseVectorParams(), "rare": models.SparseVectorParams(modifier=models.Modifier.IDF)}
SPARSE_INDICES = 40

# Scores are float32 on both sides, summed in different orders.
TOLERANCE = 2e-4


def close(a, b):
    return math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


class Questions(Generator):
    """Random vectors, points, and requests of every kind."""

    def dense(self, name):
        return [float(np.float32(self.random.gauss(0, 1))) for _ in range(WIDTHS[name])]

    def sparse(self):
        indices = self.random.sample(range(SPARSE_INDICES), self.random.randint(1, 8))
        values = [float(np.float32(self.random.uniform(0.1, 2))) for _ in indices]
        return models.SparseVector(indices=indices, values=values)

    def vector(self, name):
        return self.sparse() if name in SPARSE else self.dense(name)

    def vectors(self):
        """Of most names, sometimes of none."""
        return {name: self.vector(name) for name in [*WIDTHS, *SPARSE] if self.random.random() < 0.8}

    def point(self, key):
        r = self.random
        payload = {**self.payload(), "n": r.randrange(2**40), "color": r.choice(["red", "green", "blue"]),
                   "tags": r.sample(["x", "y", "z"], r.randint(0, 3))}
        return models.PointStruct(id=key, vector=self.vectors(), payload=payload)

    def key(self):
        r = self.random
        return r.randrange(2 * POINTS) if r.random() < 0.6 else str(uuid.UUID(int=r.randrange(POINTS)))

    def wanted(self, ids, often=0.5):
        """A filter, or none."""
        if self.random.random() > often:
            return None
        return models.Filter.model_validate(self.filter(ids, depth=1))

    # --- What is asked of points. ---

    def example(self, name, ids):
        return self.random.choice([self.vector(name), self.random.choice(ids)])

    def pair(self, name, ids):
        return models.ContextPair(positive=self.example(name, ids), negative=self.example(name, ids))

    def examples(self, name, ids, least):
        return [self.example(name, ids) for _ in range(self.random.randint(least, 3))]

    def query(self, name, ids):
        """A query over one vector. Those by id need points that have the vector."""
        r = self.random
        return r.choice([
            lambda: self.vector(name), lambda: self.vector(name), lambda: r.choice(ids),
            lambda: models.RecommendQuery(recommend=models.RecommendInput(
                positive=self.examples(name, ids, 1), negative=self.examples(name, ids, 0),
                strategy=r.choice(list(models.RecommendStrategy)))),
            lambda: models.DiscoverQuery(discover=models.DiscoverInput(
                target=self.example(name, ids), context=[self.pair(name, ids) for _ in range(r.randint(1, 3))])),
            lambda: models.ContextQuery(context=[self.pair(name, ids) for _ in range(r.randint(1, 3))]),
        ])()

    def expression(self, depth=0):
        r = self.random
        if depth == 2 or r.random() < 0.3:
            return r.choice(["$score", "small", r.uniform(-2, 2), models.FieldCondition(
                key="color", match=models.MatchValue(value="red"))])
        inner = lambda: self.expression(depth + 1)
        return r.choice([
            lambda: models.SumExpression(sum=[inner(), inner()]),
            lambda: models.MultExpression(mult=[inner(), inner()]),
            lambda: models.NegExpression(neg=inner()),
            lambda: models.AbsExpression(abs=inner()),
        ])()

    def bounds_of_answer(self):
        return {"limit": self.random.choice([1, 5, 10, 50, 1000]), "offset": self.random.choice([0, 0, 3])}


class LocalMode(QdrantTest):
    def setUp(self):
        super().setUp()
        warnings.simplefilter("ignore")
        print(f"seed {SEED}")
        self.questions = Questions(SEED)
        self.random = self.questions.random
        self.local = QdrantClient(":memory:")
        self.clients = (self.client, self.local)
        vectors = {name: models.VectorParams(size=width, distance=DISTANCES[name]) for name, width in WIDTHS.items()}
        self.both("create_collection", vectors, sparse_vectors_config=SPARSE)
        for key, kind in [("n", "integer"), ("color", "keyword"), ("tags", "keyword")]:
            self.both("create_payload_index", key, kind)
        keys = list(dict.fromkeys(self.questions.key() for _ in range(POINTS)))
        self.both("upload_points", [self.questions.point(key) for key in keys], wait=True)

    def both(self, call, *arguments, **options):
        """The server's answer and local mode's, to the same call."""
        with self.context(call, arguments, options):
            return tuple(getattr(client, call)(self.name, *arguments, **options) for client in self.clients)

    def context(self, call, arguments, options):
        return self.subTest(seed=SEED, step=self.step, call=call, arguments=arguments, options=options)

    step = 0

    # --- Equal answers. ---

    def assert_same_points(self, ours, theirs):
        self.assertEqual(self.ids(ours), self.ids(theirs))
        for our, their in zip(ours, theirs):
            self.assertEqual((our.id, our.payload), (their.id, their.payload))
            self.assertEqual(set(our.vector or {}), set(their.vector or {}), our.id)
            for name, vector in (our.vector or {}).items():
                other = their.vector[name]
                if name in SPARSE:
                    self.assertEqual(vector.indices, other.indices)
                    vector, other = vector.values, other.values
                np.testing.assert_allclose(vector, other, rtol=1e-5, atol=1e-6)

    def assert_same_hits(self, ours, theirs):
        """Equal but for the order of equal scores, and which of those the limit cut off."""
        self.assertEqual(len(ours), len(theirs))
        for our, their in zip(ours, theirs):
            self.assertTrue(close(our.score, their.score), f"{our.id} has {our.score}, {their.id} {their.score}")
        scores = {hit.id: hit.score for hit in theirs}
        payloads = {hit.id: hit.payload for hit in theirs}
        for hit in ours:
            if hit.id in scores:
                self.assertTrue(close(hit.score, scores[hit.id]), f"{hit.id} has {hit.score}, not {scores[hit.id]}")
                self.assertEqual(hit.payload, payloads[hit.id])
            else:
                edges = (theirs[0].score, theirs[-1].score)
                self.assertTrue(any(close(hit.score, edge) for edge in edges),
                                f"{hit.id} with {hit.score} is no answer")

    def compare(self, assertion, call, *arguments, part=lambda answer: answer, **options):
        self.step += 1
        with self.context(call, arguments, options):
            try:
                ours, theirs = (
                    part(getattr(client, call)(self.name, *arguments, **options)) for client in self.clients)
            except UnexpectedResponse as error:
                # Other tests ask for it by name.
                if b"is not supported by this server" not in error.content:
                    raise
                return
            assertion(ours, theirs)
            self.answered += bool(theirs)

    def compare_hits(self, **options):
        self.compare(self.assert_same_hits, "query_points", part=lambda answer: answer.points, **options)

    # --- Changes. ---

    def change(self, ids):
        q, r = self.questions, self.random
        some = r.sample(ids, 3)
        selected = r.choice([some, models.FilterSelector(filter=q.wanted(ids, often=1))])
        name = r.choice([*WIDTHS, *SPARSE])
        point = q.point(q.key())
        call, arguments, options = r.choice([
            lambda: ("upsert", [[q.point(q.key()) for _ in range(5)]], {}),
            lambda: ("upsert", [models.Batch(ids=[point.id], vectors={name: [q.vector(name)]},
                                             payloads=[point.payload])], {}),
            lambda: ("delete", [some], {}),
            lambda: ("set_payload", [q.payload(), selected], {}),
            lambda: ("set_payload", [{"d": q.value()}, selected],
                     {"key": r.choice(["c", "c.d", "f[0]", "f[].g", "new.path"])}),
            lambda: ("overwrite_payload", [point.payload, some], {}),
            lambda: ("delete_payload", [r.sample(["a", "b", "c.d", "e[]", "f[].g", "missing"], 2), selected], {}),
            lambda: ("clear_payload", [some], {}),
            lambda: ("update_vectors", [[models.PointVectors(id=key, vector={name: q.vector(name)}) for key in some]],
                     {}),
            lambda: ("delete_vectors", [[name], some], {}),
        ])()
        self.both(call, *arguments, **options)

    # --- Questions. ---

    def ask(self, ids, holders):
        q, r = self.questions, self.random
        name = r.choice([*WIDTHS, *SPARSE])
        known = holders[name]
        wanted = q.wanted(ids)
        kind = r.choice(["nearest", "nearest", "nearest", "fusion", "rank again", "formula", "groups", "diversity",
                         "scroll", "order", "count", "facet", "matrix", "batch", "threshold"])
        prefetch = lambda: self.prefetch(ids, holders)
        if kind == "nearest":
            self.compare_hits(query=q.query(name, known), using=name, query_filter=wanted,
                              with_payload=r.random() < 0.5, **q.bounds_of_answer())
        elif kind == "threshold":
            vector = q.vector(name)
            hits = self.local.query_points(self.name, vector, using=name, limit=10).points
            if len(hits) > 1:
                self.compare_hits(query=vector, using=name, limit=30,
                                  score_threshold=(hits[-1].score + hits[-2].score) / 2)
        elif kind == "fusion":
            query = r.choice([models.FusionQuery(fusion=models.Fusion.RRF),
                              models.FusionQuery(fusion=models.Fusion.DBSF),
                              models.RrfQuery(rrf=models.Rrf(k=r.randint(1, 60), weights=[1.0, 2.5]))])
            self.compare_hits(query=query, prefetch=[prefetch(), prefetch()], query_filter=wanted,
                              **q.bounds_of_answer())
        elif kind == "rank again":
            self.compare_hits(query=q.query(name, known), using=name, prefetch=prefetch(), query_filter=wanted,
                              limit=10)
        elif kind == "formula":
            formula = models.FormulaQuery(formula=models.SumExpression(sum=["$score", q.expression()]),
                                          defaults={"small": 0.5})
            self.compare_hits(query=formula, prefetch=prefetch(), limit=10)
        elif kind == "diversity":
            # Not under Manhattan: for a point "between" two others one distance is exactly the sum of two, so that many
            # candidates are worth the same but for rounding, and the choice of one decides all that follow.
            name = r.choice([name for name in WIDTHS if name != "city"])
            mmr = models.Mmr(diversity=r.choice([0.1, 0.5, 0.9]), candidates_limit=r.choice([10, 50]))
            self.compare_hits(query=models.NearestQuery(nearest=q.vector(name), mmr=mmr), using=name,
                              query_filter=wanted, limit=8)
        elif kind == "groups":
            self.compare(self.assert_same_groups, "query_points_groups", group_by=r.choice(["color", "tags", "n"]),
                         query=q.vector(name), using=name, query_filter=wanted, limit=r.randint(1, 4),
                         group_size=r.randint(1, 4), part=lambda answer: answer.groups)
        elif kind == "scroll":
            self.compare(self.assert_same_points, "scroll", wanted, limit=r.choice([1, 10, 1000]),
                         offset=r.choice([None, r.choice(ids)]), with_vectors=True, part=lambda answer: answer[0])
        elif kind == "order":
            order = models.OrderBy(key="n", direction=r.choice(list(models.Direction)),
                                   start_from=r.choice([None, r.randrange(2**40)]))
            self.compare(self.assert_same_order, "scroll", wanted, limit=r.choice([5, 1000]), order_by=order,
                         part=lambda answer: [(point.id, point.order_value) for point in answer[0]])
        elif kind == "count":
            self.compare(self.assertEqual, "count", q.wanted(ids, often=1), part=lambda answer: answer.count)
        elif kind == "facet":
            self.compare(self.assertEqual, "facet", r.choice(["color", "tags"]), facet_filter=wanted, exact=True,
                         part=lambda answer: [(hit.value, hit.count) for hit in answer.hits])
        elif kind == "matrix":
            name = r.choice(list(WIDTHS))
            few = models.Filter(must=[models.HasIdCondition(has_id=r.sample(ids, 12))])
            self.compare(self.assert_same_pairs, "search_matrix_pairs", few, sample=20, limit=3, using=name,
                         part=lambda answer: {(pair.a, pair.b): pair.score for pair in answer.pairs})
        elif kind == "batch":
            requests = [
                models.QueryRequest(query=q.vector(each), using=each, filter=q.wanted(ids), limit=5)
                for each in (name, "text")]
            self.compare(self.assert_same_answers, "query_batch_points", requests)

    def prefetch(self, ids, holders, depth=0):
        q, r = self.questions, self.random
        name = r.choice([*WIDTHS, *SPARSE])
        inner = self.prefetch(ids, holders, 1) if depth == 0 and r.random() < 0.3 else None
        query = q.query(name, holders[name])
        # Compared with several examples many points score alike: which of them a limit cuts off is anybody's choice.
        while isinstance(query, (models.ContextQuery, models.DiscoverQuery, models.RecommendQuery)):
            query = q.query(name, holders[name])
        return models.Prefetch(query=query, using=name, filter=q.wanted(ids, often=0.3),
                               limit=r.choice([None, 3, 20, 500]), prefetch=inner)

    def assert_same_groups(self, ours, theirs):
        self.assertEqual(len(ours), len(theirs))
        for our, their in zip(ours, theirs):
            self.assertTrue(close(our.hits[0].score, their.hits[0].score))
        groups = {group.id: group.hits for group in theirs}
        for group in ours:
            if group.id in groups:
                self.assert_same_hits(group.hits, groups[group.id])
            else:
                self.assertTrue(close(group.hits[0].score, theirs[-1].hits[0].score), f"group {group.id} is no answer")

    def assert_same_order(self, ours, theirs):
        """Equal but for the order of equal values, and which of the last the limit cut off."""
        self.assertEqual([value for _, value in ours], [value for _, value in theirs])
        before_last = [{pair for pair in pairs if pair[1] != pairs[-1][1]} for pairs in (ours, theirs)]
        self.assertEqual(*before_last)

    def assert_same_pairs(self, ours, theirs):
        self.assertEqual(set(ours), set(theirs))
        for pair, score in ours.items():
            self.assertTrue(close(score, theirs[pair]), f"{pair}: {score}, not {theirs[pair]}")

    def assert_same_answers(self, ours, theirs):
        self.assertEqual(len(ours), len(theirs))
        for our, their in zip(ours, theirs):
            self.assert_same_hits(our.points, their.points)

    def test_both_answer_alike(self):
        self.answered = 0
        for _ in range(ROUNDS):
            everything, _ = self.local.scroll(self.name, limit=10_000, with_vectors=True)
            ids = self.ids(everything)
            for _ in range(CHANGES):
                self.change(ids)
                everything, _ = self.local.scroll(self.name, limit=10_000, with_vectors=True)
                ids = self.ids(everything)
            self.compare(self.assert_same_points, "scroll", limit=10_000, with_vectors=True,
                         part=lambda answer: answer[0])
            holders = {name: [point.id for point in everything if name in point.vector] for name in [*WIDTHS, *SPARSE]}
            for _ in range(QUESTIONS):
                self.ask(ids, holders)
        self.assertGreater(self.answered, ROUNDS * QUESTIONS // 2, "most questions find nothing")


if __name__ == "__main__":
    unittest.main()
