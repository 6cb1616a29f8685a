"""Searches of every kind through Qdrant's Python client, with answers worked out in the test."""
import math
import unittest

import numpy as np
from qdrant import QdrantTest
from qdrant_client import models

COLORS = ["red", "green", "blue"]
Distance = models.Distance


def sparse(**values):
    """sparse(_3=1.5) has 1.5 at index 3."""
    return models.SparseVector(indices=[int(key[1:]) for key in values], values=list(values.values()))


def color(*names):
    return models.Filter(must=[models.FieldCondition(key="color", match=models.MatchAny(any=list(names)))])


class Nearest(QdrantTest):
    """200 random points; the answers are what numpy says."""

    WIDTH, COUNT = 12, 200

    def setUp(self):
        super().setUp()
        self.random = np.random.default_rng(11)
        self.rows = self.random.normal(size=(self.COUNT, self.WIDTH)).astype(np.float32)
        self.question = self.random.normal(size=self.WIDTH).astype(np.float32)

    def fill(self, distance):
        self.client.create_collection(self.name, models.VectorParams(size=self.WIDTH, distance=distance))
        payload = [{"color": COLORS[i % 3], "n": i} for i in range(self.COUNT)]
        self.client.upload_collection(self.name, self.rows, payload=payload, ids=range(self.COUNT), wait=True)

    def scores(self, distance, question=None):
        question = self.question if question is None else question
        if distance == Distance.DOT:
            return self.rows @ question
        if distance == Distance.COSINE:
            return self.rows @ question / np.linalg.norm(self.rows, axis=1) / np.linalg.norm(question)
        return np.linalg.norm(self.rows - question, axis=1, ord=1 if distance == Distance.MANHATTAN else 2)

    def expected(self, distance, allowed=None, question=None):
        """Ids, best first."""
        scores = self.scores(distance, question)
        order = np.argsort(scores if distance in (Distance.EUCLID, Distance.MANHATTAN) else -scores)
        return [int(key) for key in order if allowed is None or key in allowed]

    def test_every_distance(self):
        for distance in Distance:
            with self.subTest(distance):
                self.client.delete_collection(self.name)
                self.fill(distance)
                want = self.expected(distance)
                hits = self.client.query_points(self.name, self.question, limit=20).points
                self.assertEqual(self.ids(hits), want[:20])
                np.testing.assert_allclose([hit.score for hit in hits], self.scores(distance)[want[:20]], rtol=1e-4,
                                           atol=1e-5)
                more = self.client.query_points(self.name, self.question.tolist(), limit=7, offset=5).points
                self.assertEqual(self.ids(more), want[5:12])
                red = set(range(0, self.COUNT, 3))
                hits = self.client.query_points(self.name, self.question, query_filter=color("red"), limit=10).points
                self.assertEqual(self.ids(hits), self.expected(distance, red)[:10])
                hits = self.client.query_points(self.name, self.question, limit=1000).points
                self.assertEqual(self.ids(hits), want)

    def test_a_threshold_is_a_lower_bound_of_similarity_and_an_upper_bound_of_distance(self):
        for distance in Distance:
            with self.subTest(distance):
                self.client.delete_collection(self.name)
                self.fill(distance)
                want = self.expected(distance)
                scores = self.scores(distance)[want]
                between = float(scores[9] + scores[10]) / 2
                hits = self.client.query_points(self.name, self.question, limit=50, score_threshold=between).points
                self.assertEqual(self.ids(hits), want[:10])

    def test_parameters_do_not_change_an_exact_answer(self):
        self.fill(Distance.COSINE)
        want = self.expected(Distance.COSINE)[:10]
        for params in (models.SearchParams(exact=True), models.SearchParams(hnsw_ef=128),
                       models.SearchParams(indexed_only=False)):
            hits = self.client.query_points(self.name, self.question, search_params=params).points
            self.assertEqual(self.ids(hits), want)

    def test_a_point_may_be_the_question(self):
        self.fill(Distance.COSINE)
        want = [key for key in self.expected(Distance.COSINE, question=self.rows[17]) if key != 17]
        self.assertEqual(self.ids(self.client.query_points(self.name, 17, limit=10).points), want[:10])
        self.assertEqual(self.refusal(404, self.client.query_points, self.name, 9999),
                         "Not found: No point with id 9999 found")

    def test_a_point_of_another_collection_may_be_the_question(self):
        self.fill(Distance.COSINE)
        other = self.name + "_other"
        self.client.create_collection(other, {"v": models.VectorParams(size=self.WIDTH, distance=Distance.COSINE)})
        self.client.upsert(other, [models.PointStruct(id=17, vector={"v": self.question.tolist()})])
        place = models.LookupLocation(collection=other, vector="v")
        hits = self.client.query_points(self.name, 17, lookup_from=place, limit=200).points
        self.assertEqual(self.ids(hits), self.expected(Distance.COSINE), "17 of this collection is an answer")
        place = models.LookupLocation(collection="nowhere", vector="v")
        self.assertEqual(self.refusal(404, self.client.query_points, self.name, 17, lookup_from=place),
                         "Not found: Collection nowhere not found")

    def test_without_a_question_points_come_by_id(self):
        self.fill(Distance.COSINE)
        hits = self.client.query_points(self.name, limit=3).points
        self.assertEqual([(hit.id, hit.score) for hit in hits], [(0, 1), (1, 1), (2, 1)])
        hits = self.client.query_points(self.name, query_filter=color("blue"), limit=3, with_payload=False).points
        self.assertEqual([(hit.id, hit.payload) for hit in hits], [(2, None), (5, None), (8, None)])

    def test_several_questions_in_one_request(self):
        self.fill(Distance.DOT)
        answers = self.client.query_batch_points(self.name, [
            models.QueryRequest(query=self.question.tolist(), limit=5, with_payload=True),
            models.QueryRequest(query=self.rows[3].tolist(), limit=4, filter=color("green")),
            models.QueryRequest(limit=2)])
        green = set(range(1, self.COUNT, 3))
        self.assertEqual([self.ids(answer.points) for answer in answers], [
            self.expected(Distance.DOT)[:5], self.expected(Distance.DOT, green, self.rows[3])[:4], [0, 1]])
        self.assertEqual(answers[0].points[0].payload["n"], answers[0].points[0].id)
        self.assertIsNone(answers[1].points[0].payload)

    def test_an_order_by_payload(self):
        self.fill(Distance.COSINE)
        self.client.create_payload_index(self.name, "n", models.PayloadSchemaType.INTEGER)
        query = models.OrderByQuery(order_by=models.OrderBy(key="n", direction=models.Direction.DESC))
        hits = self.client.query_points(self.name, query, query_filter=color("red"), limit=3).points
        self.assertEqual(self.ids(hits), [198, 195, 192])

    def test_a_random_sample(self):
        self.fill(Distance.COSINE)
        sample = models.SampleQuery(sample=models.Sample.RANDOM)
        drawn = [
            self.ids(self.client.query_points(self.name, sample, query_filter=color("red"), limit=20).points)
            for _ in range(3)]
        for ids in drawn:
            self.assertEqual(len(set(ids)), 20)
            self.assertTrue(all(key % 3 == 0 for key in ids))
        self.assertGreater(len(set(map(tuple, drawn))), 1)

    def test_the_distances_of_a_sample_to_each_other(self):
        self.fill(Distance.DOT)
        few = models.Filter(must=[models.HasIdCondition(has_id=list(range(8)))])
        similarity = self.rows[:8] @ self.rows[:8].T
        want = {}
        for a in range(8):
            nearest = sorted((b for b in range(8) if b != a), key=lambda b: -similarity[a, b])[:2]
            want.update({(a, b): similarity[a, b] for b in nearest})
        pairs = self.client.search_matrix_pairs(self.name, few, sample=10, limit=2).pairs
        self.assertEqual({(pair.a, pair.b) for pair in pairs}, set(want))
        for pair in pairs:
            self.assertAlmostEqual(pair.score, float(want[pair.a, pair.b]), places=3)
        matrix = self.client.search_matrix_offsets(self.name, few, sample=10, limit=2)
        cells = zip(matrix.offsets_row, matrix.offsets_col, matrix.scores, strict=True)
        self.assertEqual({(matrix.ids[row], matrix.ids[column]) for row, column, _ in cells}, set(want))
        self.assertEqual(len(self.client.search_matrix_pairs(self.name, sample=5, limit=1).pairs), 5)

    def test_questions_that_do_not_fit_are_refused(self):
        self.fill(Distance.COSINE)
        query = self.client.query_points
        fusion = models.FusionQuery(fusion=models.Fusion.RRF)
        prefetch = models.Prefetch(query=self.question.tolist())
        cases = [
            (400, "Wrong input: Vector dimension error: expected dim: 12, got 3", dict(query=[1.0, 2.0, 3.0])),
            (400, "Wrong input: Not existing vector name error: title", dict(query=self.question, using="title")),
            (400, "A query is needed to merge the prefetches", dict(prefetch=prefetch)),
            (400, "Fusion queries cannot be combined with the 'using' field",
             dict(query=fusion, prefetch=prefetch, using="title")),
            (422, "hnsw_ef", dict(query=self.question, search_params=models.SearchParams(hnsw_ef=0))),
            (422, "limit", dict(query=self.question, limit=0)),
        ]
        for status, text, options in cases:
            with self.subTest(text):
                self.assertIn(text, self.refusal(status, query, self.name, **options))


class Plane(QdrantTest):
    """Searches among a few points that can be drawn: id i of the first nine lies at (i % 3, i // 3)."""

    def setUp(self):
        super().setUp()
        self.client.create_collection(
            self.name, {"flat": models.VectorParams(size=2, distance=Distance.EUCLID),
                        "angle": models.VectorParams(size=2, distance=Distance.COSINE)},
            sparse_vectors_config={"words": models.SparseVectorParams(),
                                   "rare": models.SparseVectorParams(modifier=models.Modifier.IDF)})
        self.client.upsert(self.name, [
            models.PointStruct(
                id=i, payload={"color": COLORS[i // 3], "column": i % 3, "tags": [f"t{i % 2}", f"u{i % 3}"], "n": i},
                vector={"flat": [i % 3, i // 3], "angle": [i % 3 + 1, i // 3 + 1],
                        "words": models.SparseVector(indices=[i, 100], values=[1.0, i]),
                        "rare": models.SparseVector(indices=[i % 2, 7], values=[1.0, 1.0])})
            for i in range(9)])

    def query(self, query=None, **options):
        return self.client.query_points(self.name, query, **options).points

    def scored(self, query=None, **options):
        return [(hit.id, round(hit.score, 5)) for hit in self.query(query, **options)]

    def test_each_name_has_its_own_distance(self):
        self.assertEqual(self.scored([2.1, 2.0], using="flat", limit=2), [(8, 0.1), (5, 1.00499)])
        self.assertEqual(self.scored([2.0, 1.0], using="angle", limit=1), [(1, 1.0)])
        self.assertEqual(self.query([2.0, 1.0], using="angle", limit=1, with_vectors=["flat"])[0].vector,
                         {"flat": [1, 0]})

    def test_sparse_vectors(self):
        self.assertEqual(self.scored(sparse(_100=2, _3=5), using="words", limit=3), [(8, 16), (7, 14), (6, 12)])
        self.assertEqual(self.scored(sparse(_3=5), using="words"), [(3, 5)], "the others share no index")
        self.assertEqual(self.scored(sparse(_100=1, _2=-4), using="words", query_filter=color("red")),
                         [(1, 1), (0, 0), (2, -2)])
        self.assertEqual(self.scored(sparse(_55=1), using="words"), [])

    def test_rare_indices_weigh_more(self):
        # Five points have index 0, four have index 1, all have 7.
        weight = {holders: math.log(1 + (9 - holders + 0.5) / (holders + 0.5)) for holders in (4, 5, 9)}
        hits = self.query(sparse(_0=1, _1=1, _7=1), using="rare", limit=9)
        for hit in hits:
            self.assertAlmostEqual(hit.score, weight[9] + weight[4 if hit.id % 2 else 5], places=5)
        self.assertEqual({hit.id for hit in hits[:4]}, {1, 3, 5, 7})

    def two_lists(self, **options):
        """Euclid from the origin gives 0, 1 and 3; the sparse vector gives 8, 7, 6, 1."""
        return [models.Prefetch(query=[0.0, 0.1], using="flat", limit=3, **options),
                models.Prefetch(query=sparse(_100=1, _1=5.5), using="words", limit=4, **options)]

    def test_lists_are_fused_by_rank(self):
        found = self.query(models.FusionQuery(fusion=models.Fusion.RRF), prefetch=self.two_lists())
        # The first list is 0 (0.1), 3 (0.9), 1 (1.005), the second 8 (8), 7 (7), 1 (6.5), 6 (6).
        want = {0: 1 / 2, 8: 1 / 2, 1: 1 / 4 + 1 / 4, 3: 1 / 3, 7: 1 / 3, 6: 1 / 5}
        self.assertEqual({hit.id: round(hit.score, 5) for hit in found},
                         {key: round(score, 5) for key, score in want.items()})
        self.assertEqual([hit.score for hit in found], sorted((hit.score for hit in found), reverse=True))

    def test_ranks_may_weigh_differently(self):
        rrf = models.RrfQuery(rrf=models.Rrf(k=10, weights=[1.0, 3.0]))
        found = {hit.id: hit.score for hit in self.query(rrf, prefetch=self.two_lists())}
        want = {0: 1 / 10, 3: 1 / 11, 1: 1 / 12 + 1 / (3 / 3 + 9), 8: 1 / (1 / 3 + 9), 7: 1 / (2 / 3 + 9),
                6: 1 / (4 / 3 + 9)}
        self.assertEqual(set(found), set(want))
        for key, score in want.items():
            self.assertAlmostEqual(found[key], score, places=5, msg=f"of {key}")

    def test_lists_are_fused_by_score(self):
        hits = self.query(models.FusionQuery(fusion=models.Fusion.DBSF), prefetch=self.two_lists())
        found = {hit.id: hit.score for hit in hits}

        def normalised(scores):
            values = np.array(list(scores.values()))
            low, span = values.mean() - 3 * values.std(ddof=1), 6 * values.std(ddof=1)
            return {key: (value - low) / span for key, value in scores.items()}

        words = normalised({8: 8, 7: 7, 1: 6.5, 6: 6})
        for key in (8, 7, 6):
            self.assertAlmostEqual(found[key], words[key], places=5)
        self.assertEqual(set(found), {0, 1, 3, 6, 7, 8})

    def test_a_second_question_ranks_what_the_first_found(self):
        first = models.Prefetch(query=sparse(_100=1), using="words", limit=3)
        hits = self.scored([2.0, 0.0], using="flat", prefetch=first)
        self.assertEqual([key for key, _ in hits], [8, 7, 6])
        nested = models.Prefetch(query=[0.0, 0.0], using="flat", limit=2,
                                 prefetch=models.Prefetch(query=sparse(_100=1), using="words", limit=4))
        self.assertEqual({key for key, _ in self.scored([2.0, 2.0], using="flat", prefetch=nested)}, {5, 6})

    def test_filters_of_a_fusion(self):
        fusion = models.FusionQuery(fusion=models.Fusion.RRF)
        inner = self.query(fusion, prefetch=self.two_lists(filter=color("blue")))
        self.assertEqual({hit.id for hit in inner}, {6, 7, 8})
        outer = self.query(fusion, prefetch=self.two_lists(), query_filter=color("blue"))
        self.assertEqual({hit.id for hit in outer}, {6, 7, 8})
        self.assertEqual(len(self.query(fusion, prefetch=self.two_lists(), limit=2, offset=1)), 2)

    def test_groups(self):
        def groups(**options):
            answer = self.client.query_points_groups(self.name, query=[2.2, 2.1], using="flat", **options)
            return [(group.id, tuple(self.ids(group.hits))) for group in answer.groups]

        self.assertEqual(groups(group_by="color", group_size=2, limit=2), [("blue", (8, 7)), ("green", (5, 4))])
        self.assertEqual(groups(group_by="column", group_size=1), [(2, (8,)), (1, (7,)), (0, (6,))])
        tags = groups(group_by="tags", group_size=2, limit=3)
        self.assertEqual({tags[0], tags[1]}, {("t0", (8, 4)), ("u2", (8, 5))}, "the best point of both is 8")
        self.assertEqual(tags[2], ("t1", (5, 7)))
        self.assertEqual(groups(group_by="color", group_size=9, limit=9, query_filter=color("red")),
                         [("red", (2, 1, 0))])
        self.assertEqual(groups(group_by="missing"), [])

    def test_groups_with_what_their_id_stands_for(self):
        other = self.name + "_columns"
        self.client.create_collection(other, models.VectorParams(size=1, distance=Distance.DOT))
        self.client.upsert(other,
                           [models.PointStruct(id=i, vector=[1], payload={"title": f"column {i}"}) for i in range(2)])
        answer = self.client.query_points_groups(
            self.name, group_by="column", query=[2.2, 2.1], using="flat", group_size=1, with_lookup=other)
        self.assertEqual([group.lookup and group.lookup.payload for group in answer.groups],
                         [None, {"title": "column 1"}, {"title": "column 0"}])

    def test_recommendations(self):
        def recommend(strategy, **options):
            return self.ids(self.query(models.RecommendQuery(recommend=models.RecommendInput(
                positive=[8, 5], negative=[0], strategy=strategy)), using="flat", limit=2, **options))

        # 2 x the middle of (2, 2) and (2, 1) minus the origin is (4, 3).
        self.assertEqual(recommend(models.RecommendStrategy.AVERAGE_VECTOR), [7, 2])
        for strategy in (models.RecommendStrategy.BEST_SCORE, models.RecommendStrategy.SUM_SCORES):
            found = recommend(strategy)
            self.assertFalse({8, 5, 0} & set(found), "the examples are no answers")
        near = models.RecommendQuery(recommend=models.RecommendInput(positive=[[2.0, 0.1]]))
        self.assertEqual(self.ids(self.query(near, using="flat", limit=1)), [2])

    def test_recommendations_by_scores_rank_what_shares_no_index_too(self):
        for strategy in (models.RecommendStrategy.BEST_SCORE, models.RecommendStrategy.SUM_SCORES):
            with self.subTest(strategy):
                query = models.RecommendQuery(recommend=models.RecommendInput(
                    positive=[sparse(_3=1)], negative=[sparse(_4=1)], strategy=strategy))
                hits = self.query(query, using="words", limit=9)
                self.assertEqual((hits[0].id, hits[-1].id, len(hits)), (3, 4, 9))

    def test_discovery_and_context(self):
        pair = models.ContextPair(positive=8, negative=0)
        discovered = self.query(models.DiscoverQuery(discover=models.DiscoverInput(target=[0.0, 0.1], context=[pair])),
                                using="flat", limit=9)
        # Those nearer to 8 than to 0 come first.
        self.assertEqual({hit.id for hit in discovered[:2]}, {5, 7})
        self.assertFalse({0, 8} & {hit.id for hit in discovered})
        contextual = self.query(models.ContextQuery(context=[pair]), using="flat", limit=9)
        # No loss on the right side: 5 and 7; 2, 4 and 6 are as far from both.
        self.assertTrue(all(abs(hit.score) < 1e-5 for hit in contextual if hit.id in (5, 7)))
        self.assertTrue(all(hit.score < -0.1 for hit in contextual if hit.id in (1, 3)))

    def test_diversity(self):
        def mmr(diversity):
            query = models.NearestQuery(nearest=[1.0, 1.0], mmr=models.Mmr(diversity=diversity, candidates_limit=9))
            return self.ids(self.query(query, using="angle", limit=3))

        # 0, 4 and 8 lie in the very direction of the question; 6 and 2 are farthest from it.
        self.assertEqual(set(mmr(0.0)), {0, 4, 8})
        varied = mmr(1.0)
        self.assertIn(varied[0], {0, 4, 8})
        self.assertEqual(set(varied[1:]), {2, 6})

    def test_a_formula_is_refused_in_words(self):
        formula = models.FormulaQuery(formula=models.SumExpression(sum=["$score", 1.0]))
        text = self.refusal(400, self.query, formula,
                            prefetch=models.Prefetch(query=sparse(_100=1), using="words", limit=9))
        self.assertIn("a query by `formula` is not supported", text)

    def test_facets(self):
        self.client.create_payload_index(self.name, "tags", models.PayloadSchemaType.KEYWORD)
        self.client.create_payload_index(self.name, "column", models.PayloadSchemaType.INTEGER)

        def facet(key, **options):
            return [(hit.value, hit.count) for hit in self.client.facet(self.name, key, exact=True, **options).hits]

        self.assertEqual(facet("tags"), [("t0", 5), ("t1", 4), ("u0", 3), ("u1", 3), ("u2", 3)])
        self.assertEqual(facet("tags", limit=2), [("t0", 5), ("t1", 4)])
        self.assertEqual(facet("tags", facet_filter=color("red")),
                         [("t0", 2), ("t1", 1), ("u0", 1), ("u1", 1), ("u2", 1)])
        self.assertEqual(facet("column"), [(0, 3), (1, 3), (2, 3)])

    def test_a_filter_that_says_nothing_matches_everything(self):
        for nothing in (models.Filter(), models.Filter(must=[]), models.Filter(must=[], should=[], must_not=[])):
            self.assertEqual(self.client.count(self.name, nothing).count, 9)
            self.assertEqual(len(self.query([0.0, 0.0], using="flat", query_filter=nothing, limit=100)), 9)

    def test_a_huge_limit_is_only_a_limit(self):
        hits = self.query([0.0, 0.0], using="flat", limit=999_999_999)
        self.assertEqual(len(hits), 9)
        fused = self.query(models.FusionQuery(fusion=models.Fusion.RRF), limit=5, prefetch=[
            models.Prefetch(query=[0.0, 0.0], using="flat", limit=999_999_999)])
        self.assertEqual(len(fused), 5)


if __name__ == "__main__":
    unittest.main()
