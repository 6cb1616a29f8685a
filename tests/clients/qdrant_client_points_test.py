"""Points and their payloads through Qdrant's Python client: written, read, changed and deleted."""
import unittest
import uuid

import numpy as np
from qdrant import QdrantTest
from qdrant_client import models

PLANE = models.VectorParams(size=2, distance=models.Distance.EUCLID)
FIRST_UUID, SECOND_UUID = "00000000-0000-0000-0000-00000000000a", "f47ac10b-58cc-4372-a567-0e02b2c3d479"
COMPLETED, ACKNOWLEDGED = models.UpdateStatus.COMPLETED, models.UpdateStatus.ACKNOWLEDGED


def point(key, vector=(0.0, 0.0), **payload):
    return models.PointStruct(id=key, vector=vector if isinstance(vector, dict) else list(vector), payload=payload)


def where(key, value):
    return models.Filter(must=[models.FieldCondition(key=key, match=models.MatchValue(value=value))])


class PointsTest(QdrantTest):
    def setUp(self):
        super().setUp()
        self.create()

    def create(self):
        self.client.create_collection(self.name, PLANE)

    def get(self, *ids, **options):
        return self.client.retrieve(self.name, ids, **options)

    def payload(self, key):
        found, = self.get(key)
        return found.payload

    def upsert(self, *points, **options):
        return self.client.upsert(self.name, points=list(points), **options)


class Points(PointsTest):
    def test_points_one_by_one_and_in_columns(self):
        self.upsert(point(1, (1, 2), a="x"), point(2, (3, 4)))
        self.client.upsert(self.name, models.Batch(ids=[3, FIRST_UUID], vectors=[[5, 6], [7, 8]],
                                                   payloads=[{"a": "y"}, {}]))
        found = self.get(1, 2, 3, FIRST_UUID, with_vectors=True)
        self.assertEqual([(each.id, each.vector, each.payload) for each in found], [
            (1, [1, 2], {"a": "x"}), (2, [3, 4], {}), (3, [5, 6], {"a": "y"}), (FIRST_UUID, [7, 8], {})])

    def test_an_id_is_a_number_or_a_uuid_in_any_spelling(self):
        spellings = [SECOND_UUID, SECOND_UUID.replace("-", ""), SECOND_UUID.upper(), f"urn:uuid:{SECOND_UUID}"]
        for number, spelling in enumerate(spellings):
            self.upsert(point(spelling, (number, 0)))
            self.assertEqual(self.client.count(self.name).count, 1, spelling)
            self.assertEqual([(each.id, each.vector) for each in self.get(spelling, with_vectors=True)],
                             [(SECOND_UUID, [number, 0])])
        self.upsert(point(0), point(2**64 - 1), point(uuid.UUID(FIRST_UUID)))
        self.assertEqual(self.ids(self.client.scroll(self.name)[0]), [0, 2**64 - 1, FIRST_UUID, SECOND_UUID])
        self.refusal(400, self.upsert, models.PointStruct.model_construct(id="seven", vector=[0.0, 0.0], payload=None))

    def test_writing_again_replaces_everything(self):
        self.upsert(point(1, (1, 2), a=1, b=2))
        self.upsert(point(1, (3, 4), c=3))
        self.assertEqual([(each.vector, each.payload) for each in self.get(1, with_vectors=True)], [([3, 4], {"c": 3})])
        self.upsert(point(1, (5, 6), c=4), point(1, (7, 8), c=5))
        self.assertEqual([(each.vector, each.payload) for each in self.get(1, with_vectors=True)], [([7, 8], {"c": 5})])

    def test_waiting_or_not(self):
        first = self.upsert(point(1), wait=False)
        second = self.upsert(point(2), wait=True)
        self.assertEqual((first.status, second.status), (ACKNOWLEDGED, COMPLETED))
        self.assertGreater(second.operation_id, first.operation_id)
        self.assertEqual(self.ids(self.client.scroll(self.name)[0]), [1, 2],
                         "what was waited for shows what came before")

    def test_vectors_come_back_bit_by_bit(self):
        random = np.random.default_rng(7)
        values = np.concatenate([random.normal(size=60), random.normal(size=60) * 1e-30, random.normal(size=60) * 1e17,
                                 [0.19, -0.0, 1 / 3, 16777217, 1e-45, 1e18]]).astype(np.float32)
        rows = values.reshape(-1, 2)
        self.client.upload_collection(self.name, rows, ids=range(len(rows)), wait=True)
        back = np.array([each.vector for each in self.get(*range(len(rows)), with_vectors=True)], dtype=np.float32)
        self.assertEqual(back.tobytes(), rows.tobytes())

    def test_payloads_come_back_as_they_were(self):
        payload = {
            "text": "naïve \"quoted\" \\ \n 🦉 \u0000", "int": 2**63 - 1, "negative": -2**63, "big": 2**64 - 1,
            "float": 0.1, "exponent": 1e300, "small": 5e-324, "true": True, "null": None, "empty": {},
            "list": [1, [2, [None]], {"a": []}],
            "": "no name", "a.b": "a dot", "deep": {"a": {"b": [{"c": 1}]}}}
        self.upsert(point(1, **payload))
        self.assertEqual(self.payload(1), payload)

    def test_ids_without_points_are_left_out(self):
        self.upsert(point(1), point(2))
        self.assertEqual(self.ids(self.get(2, 9, 1, FIRST_UUID)), [2, 1])
        self.assertEqual(self.get(9), [])

    def test_what_a_read_returns_can_be_chosen(self):
        self.upsert(point(1, (1, 2), a=1, b={"c": 2, "d": 3}, e=[{"f": 4, "g": 5}]))
        cases = [
            (True, {"a": 1, "b": {"c": 2, "d": 3}, "e": [{"f": 4, "g": 5}]}),
            (False, None),
            (["a", "b.c"], {"a": 1, "b": {"c": 2}}),
            (models.PayloadSelectorInclude(include=["e[].f"]), {"e": [{"f": 4}]}),
            (models.PayloadSelectorExclude(exclude=["b.c", "e"]), {"a": 1, "b": {"d": 3}}),
            (["missing"], {}),
        ]
        for choice, want in cases:
            with self.subTest(choice):
                found, = self.get(1, with_payload=choice)
                self.assertEqual((found.payload, found.vector), (want, None))
                found = self.client.query_points(self.name, [1.0, 2.0], with_payload=choice).points[0]
                self.assertEqual(found.payload, want)
                found, = self.client.scroll(self.name, with_payload=choice)[0]
                self.assertEqual(found.payload, want)

    def test_counting(self):
        self.upsert(*(point(number, color=["red", "blue"][number % 2]) for number in range(9)))
        self.assertEqual(self.client.count(self.name).count, 9)
        self.assertEqual(self.client.count(self.name, where("color", "red")).count, 5)
        self.assertEqual(self.client.count(self.name, where("color", "green")).count, 0)
        self.assertGreaterEqual(self.client.count(self.name, where("color", "red"), exact=False).count, 0)
        self.assertEqual(self.client.get_collection(self.name).points_count, 9)

    def test_pages(self):
        keys = [*range(25), *sorted(str(uuid.UUID(int=number * 2**100 + 5)) for number in range(20))]
        self.upsert(*(point(key, even=number % 2 == 0) for number, key in enumerate(reversed(keys))))
        for condition, want in [(None, keys), (where("even", True), keys[::2])]:
            for limit in (1, 7, len(want), 1000):
                with self.subTest(condition=condition, limit=limit):
                    walked, offset = [], None
                    while True:
                        page, offset = self.client.scroll(self.name, condition, limit=limit, offset=offset)
                        walked += self.ids(page)
                        self.assertLessEqual(len(page), limit)
                        if offset is None:
                            break
                    self.assertEqual(walked, want)

    def test_an_order_other_than_by_id(self):
        ages = {1: 30, 2: 10, 3: 20.5, 4: 10, 5: None}
        self.upsert(*(point(key, **({} if age is None else {"age": age})) for key, age in ages.items()))
        self.upsert(point(6, age="old"), point(7, age=[15, 40]))
        self.client.create_payload_index(self.name, "age", models.PayloadSchemaType.FLOAT)

        def walk(**options):
            page, offset = self.client.scroll(self.name, limit=20, order_by=models.OrderBy(key="age", **options))
            self.assertIsNone(offset)
            return [(each.id, each.order_value) for each in page]

        rising = [10, 10, 15, 20.5, 30, 40]
        self.assertEqual([value for _, value in walk()], rising)
        self.assertEqual([key for key, _ in walk()][2:], [7, 3, 1, 7], "once for each value")
        self.assertEqual([value for _, value in walk(direction="desc")], rising[::-1])
        self.assertEqual([value for _, value in walk(start_from=15)], [15, 20.5, 30, 40])
        self.assertEqual([value for _, value in walk(direction="desc", start_from=20.5)], [20.5, 15, 10, 10])
        page, _ = self.client.scroll(self.name, limit=2, order_by="age", scroll_filter=models.Filter(
            must_not=[models.HasIdCondition(has_id=[2])]))
        self.assertEqual(self.ids(page), [4, 7])

    def test_an_order_by_time(self):
        days = {1: "2024-03-01", 2: "2023-03-01T12:00:00Z", 3: "2024-03-01T00:30:00+01:00"}
        self.upsert(*(point(key, day=day) for key, day in days.items()))
        self.client.create_payload_index(self.name, "day", models.PayloadSchemaType.DATETIME)
        page, _ = self.client.scroll(self.name, order_by="day")
        self.assertEqual(self.ids(page), [2, 3, 1])
        page, _ = self.client.scroll(self.name, order_by=models.OrderBy(key="day", start_from="2024-02-29T23:45:00Z"))
        self.assertEqual(self.ids(page), [1])

    def test_points_are_deleted_by_id_and_by_filter(self):
        self.upsert(*(point(number, color=["red", "blue"][number % 2]) for number in range(6)))
        self.assertEqual(self.client.delete(self.name, [0, 1, 99]).status, COMPLETED)
        self.assertEqual(self.ids(self.client.scroll(self.name)[0]), [2, 3, 4, 5])
        self.client.delete(self.name, where("color", "red"))
        self.assertEqual(self.ids(self.client.scroll(self.name)[0]), [3, 5])
        self.client.delete(self.name, models.FilterSelector(filter=models.Filter(must=[])))
        self.assertEqual(self.client.count(self.name).count, 0)
        self.upsert(point(1, (1, 1), color="green"))
        self.assertEqual(self.payloads(self.name), {1: {"color": "green"}})

    def test_a_bad_point_stops_its_whole_request(self):
        cases = [
            (point(2, (1, 2, 3)), "Wrong input: Vector dimension error: expected dim: 2, got 3"),
            (point(2, {"nobody": [1.0, 2.0]}), "Wrong input: Not existing vector name error: nobody"),
        ]
        for bad, text in cases:
            with self.subTest(text):
                self.assertEqual(self.refusal(400, self.upsert, point(1), bad, point(3)), text)
                self.assertEqual(self.client.count(self.name).count, 0)

    def test_points_may_be_only_added_or_only_changed(self):
        self.upsert(point(1, (1, 1), version=1))
        self.upsert(point(1, (2, 2), version=2), point(2, (2, 2), version=2), update_mode=models.UpdateMode.INSERT_ONLY)
        self.assertEqual(self.payloads(self.name), {1: {"version": 1}, 2: {"version": 2}})
        self.upsert(point(1, (3, 3), version=3), point(3, (3, 3), version=3), update_mode=models.UpdateMode.UPDATE_ONLY)
        self.assertEqual(self.payloads(self.name), {1: {"version": 3}, 2: {"version": 2}})

    def test_points_may_be_changed_under_a_condition(self):
        self.upsert(point(1, version=1), point(2, version=2))
        self.upsert(point(1, version=3), point(2, version=3), point(3, version=3), update_filter=where("version", 1))
        self.assertEqual(self.payloads(self.name), {1: {"version": 3}, 2: {"version": 2}, 3: {"version": 3}})

    def test_uploads(self):
        random = np.random.default_rng(3)
        vectors = random.normal(size=(500, 2)).astype(np.float32)
        self.client.upload_collection(self.name, vectors, payload=({"number": number} for number in range(500)),
                                      ids=range(500), batch_size=64, wait=True)
        self.assertEqual(self.client.count(self.name).count, 500)
        found, = self.get(321, with_vectors=True)
        self.assertEqual((found.payload, np.float32(found.vector).tolist()), ({"number": 321}, vectors[321].tolist()))
        self.client.upload_points(self.name, (point(number, (number, number)) for number in range(400, 900)),
                                  batch_size=100, parallel=2, wait=True)
        self.assertEqual(self.client.count(self.name).count, 900)
        self.assertEqual(self.payload(450), {})
        self.client.upload_collection(self.name, vectors[:10], wait=True)
        self.assertEqual(self.client.count(self.name).count, 910, "ids of their own")

    def test_several_changes_in_one_request(self):
        self.upsert(point(1, (1, 1), a=1), point(2, (2, 2), a=2), point(3, (3, 3), a=3), point(4, (4, 4), a=4))
        results = self.client.batch_update_points(self.name, [
            models.UpsertOperation(upsert=models.PointsList(points=[point(5, (5, 5), a=5)])),
            models.DeleteOperation(delete=models.PointIdsList(points=[1])),
            models.SetPayloadOperation(set_payload=models.SetPayload(payload={"b": 1}, points=[2, 5])),
            models.OverwritePayloadOperation(
                overwrite_payload=models.SetPayload(payload={"c": 1}, filter=where("a", 3))),
            models.DeletePayloadOperation(delete_payload=models.DeletePayload(keys=["a"], points=[2])),
            models.ClearPayloadOperation(clear_payload=models.PointIdsList(points=[4])),
            models.UpdateVectorsOperation(update_vectors=models.UpdateVectors(
                points=[models.PointVectors(id=2, vector=[9, 9])])),
        ])
        self.assertEqual([result.status for result in results], [COMPLETED] * 7)
        self.assertEqual(self.payloads(self.name), {2: {"b": 1}, 3: {"c": 1}, 4: {}, 5: {"a": 5, "b": 1}})
        self.assertEqual(self.get(2, with_vectors=True)[0].vector, [9, 9])


class Payloads(PointsTest):
    def test_keys_are_added_and_replaced(self):
        self.upsert(point(1, a=1, b={"c": 2}), point(2, a=1))
        self.client.set_payload(self.name, {"a": 3, "b": {"d": 4}}, [1])
        self.assertEqual(self.payloads(self.name), {1: {"a": 3, "b": {"d": 4}}, 2: {"a": 1}})
        self.client.set_payload(self.name, {"e": True}, where("a", 1))
        self.assertEqual(self.payloads(self.name), {1: {"a": 3, "b": {"d": 4}}, 2: {"a": 1, "e": True}})

    def test_a_null_removes_its_key(self):
        self.upsert(point(1, a=1, b=None))
        self.assertEqual(self.payload(1), {"a": 1, "b": None})
        self.client.set_payload(self.name, {"a": None, "c": None}, [1])
        self.assertEqual(self.payload(1), {"b": None})

    def test_keys_are_set_inside_an_object(self):
        self.upsert(point(1, a={"b": {"c": 1}}, list=[{"x": 1}, {"x": 2}]))
        self.client.set_payload(self.name, {"d": 2}, [1], key="a.b")
        self.client.set_payload(self.name, {"y": 3}, [1], key="list[1]")
        self.client.set_payload(self.name, {"z": 4}, [1], key="new.path")
        self.assertEqual(self.payload(1), {
            "a": {"b": {"c": 1, "d": 2}}, "list": [{"x": 1}, {"x": 2, "y": 3}], "new": {"path": {"z": 4}}})
        self.client.set_payload(self.name, {"w": 0}, [1], key="list[]")
        self.assertEqual(self.payload(1)["list"], [{"x": 1, "w": 0}, {"x": 2, "y": 3, "w": 0}])

    def test_a_payload_is_overwritten(self):
        self.upsert(point(1, a=1), point(2, a=1), point(3, a=2))
        self.client.overwrite_payload(self.name, {"b": 1}, [1])
        self.client.overwrite_payload(self.name, {"c": 1}, where("a", 1))
        self.assertEqual(self.payloads(self.name), {1: {"b": 1}, 2: {"c": 1}, 3: {"a": 2}})

    def test_keys_are_deleted(self):
        self.upsert(point(1, a=1, b={"c": 1, "d": 2}, e=[{"f": 1, "g": 2}, {"f": 3}]), point(2, a=1, b=2))
        self.client.delete_payload(self.name, ["b.c", "e[].f", "missing"], [1])
        self.assertEqual(self.payload(1), {"a": 1, "b": {"d": 2}, "e": [{"g": 2}, {}]})
        self.client.delete_payload(self.name, ["b"], where("a", 1))
        self.assertEqual(self.payloads(self.name), {1: {"a": 1, "e": [{"g": 2}, {}]}, 2: {"a": 1}})

    def test_a_payload_is_cleared(self):
        self.upsert(point(1, a=1), point(2, a=1), point(3, a=2))
        self.client.clear_payload(self.name, [1])
        self.client.clear_payload(self.name, where("a", 2))
        self.assertEqual(self.payloads(self.name), {1: {}, 2: {"a": 1}, 3: {}})

    def test_filters_see_a_changed_payload(self):
        self.client.create_payload_index(self.name, "color", models.PayloadSchemaType.KEYWORD)
        self.upsert(point(1, color="red"), point(2, color="red"))
        self.client.set_payload(self.name, {"color": "blue"}, [1])
        self.assertEqual(self.ids(self.client.scroll(self.name, where("color", "red"))[0]), [2])
        hits = self.client.query_points(self.name, [0.0, 0.0], query_filter=where("color", "blue")).points
        self.assertEqual(self.ids(hits), [1])
        self.client.delete_payload(self.name, ["color"], [1])
        self.assertEqual(self.client.count(self.name, where("color", "blue")).count, 0)

    def test_a_point_that_is_missing_is_named(self):
        self.upsert(point(1, a=1))
        self.assertEqual(self.refusal(404, self.client.set_payload, self.name, {"b": 2}, [7, 1]),
                         "Not found: No point with id 7 found")
        self.assertEqual(self.payload(1), {"a": 1, "b": 2}, "the others are changed")


class Vectors(PointsTest):
    """Points with several vectors."""

    def create(self):
        self.client.create_collection(
            self.name, {"text": PLANE, "image": models.VectorParams(size=3, distance=models.Distance.COSINE)},
            sparse_vectors_config={"words": models.SparseVectorParams()})
        words = models.SparseVector(indices=[9, 5], values=[1, 2])
        self.upsert(point(1, {"text": [1, 2], "image": [3, 0, 4], "words": words}), point(2, {"text": [3, 4]}),
                    point(3, {"words": models.SparseVector(indices=[5], values=[1])}), point(4, {}))

    def vectors(self, key, choice=True):
        found, = self.get(key, with_vectors=choice)
        return found.vector

    def test_each_point_has_the_vectors_it_was_given(self):
        words = models.SparseVector(indices=[5, 9], values=[2, 1])
        found = self.vectors(1)
        self.assertEqual((found["text"], found["words"]), ([1, 2], words))
        np.testing.assert_allclose(found["image"], [0.6, 0, 0.8], rtol=1e-6)
        self.assertEqual(self.vectors(2), {"text": [3, 4]})
        self.assertEqual(self.vectors(4), {})
        self.assertEqual(self.vectors(1, ["text", "words"]), {"text": [1, 2], "words": words})

    def test_a_vector_is_replaced_and_the_others_stay(self):
        self.client.update_vectors(self.name, [
            models.PointVectors(id=1, vector={"text": [7, 8]}),
            models.PointVectors(id=2, vector={"words": models.SparseVector(indices=[1], values=[1])})])
        self.assertEqual((self.vectors(1)["text"], set(self.vectors(1))), ([7, 8], {"text", "image", "words"}))
        self.assertEqual(self.vectors(2), {"text": [3, 4], "words": models.SparseVector(indices=[1], values=[1])})
        self.assertEqual(self.ids(self.client.query_points(self.name, [7.0, 8.0], using="text", limit=1).points), [1])

    def test_a_vector_is_deleted_and_the_point_stays(self):
        self.client.set_payload(self.name, {"a": 1}, [2])
        self.client.delete_vectors(self.name, ["text"], [1])
        self.assertEqual(set(self.vectors(1)), {"image", "words"})
        self.client.delete_vectors(self.name, ["text", "words"], where("a", 1))
        self.assertEqual(self.vectors(2), {})
        self.assertEqual(self.payload(2), {"a": 1})
        self.assertEqual(self.client.query_points(self.name, [0.0, 0.0], using="text").points, [])
        self.assertEqual(self.client.count(self.name).count, 4)

    def test_points_are_found_by_the_vectors_they_have(self):
        condition = models.Filter(must=[models.HasVectorCondition(has_vector="words")])
        self.assertEqual(self.ids(self.client.scroll(self.name, condition)[0]), [1, 3])

    def test_writing_again_drops_the_vectors_it_does_not_name(self):
        self.upsert(point(1, {"text": [5, 5]}))
        self.assertEqual(self.vectors(1), {"text": [5, 5]})

    def test_batches_of_named_vectors(self):
        columns = {"text": [[1, 1], [2, 2]], "image": [[1, 0, 0], [0, 1, 0]]}
        self.client.upsert(self.name, models.Batch(ids=[10, 11], vectors=columns))
        self.assertEqual([self.vectors(key)["image"] for key in (10, 11)], [[1, 0, 0], [0, 1, 0]])

    def test_upload_of_named_vectors_from_numpy(self):
        columns = {"text": np.arange(20, dtype=np.float32).reshape(10, 2), "image": np.eye(10, 3, dtype=np.float32) + 1}
        self.client.upload_collection(self.name, columns, ids=range(100, 110), wait=True)
        self.assertEqual(self.vectors(103)["text"], [6, 7])

    def test_wrong_vectors_are_named(self):
        update = self.client.update_vectors
        self.assertEqual(
            self.refusal(400, update, self.name, [models.PointVectors(id=1, vector={"image": [1, 2]})]),
            "Wrong input: Vector dimension error: expected dim: 3, got 2")
        self.assertEqual(
            self.refusal(400, update, self.name, [models.PointVectors(id=1, vector={"sound": [1, 2]})]),
            "Wrong input: Not existing vector name error: sound")
        self.assertEqual(
            self.refusal(404, update, self.name, [models.PointVectors(id=77, vector={"text": [1, 2]})]),
            "Not found: No point with id 77 found")
        self.refusal(422, self.upsert, point(1, {"words": models.SparseVector(indices=[1, 2], values=[1])}))
        self.refusal(422, self.upsert, point(1, {"words": models.SparseVector(indices=[1, 1], values=[1, 2])}))


if __name__ == "__main__":
    unittest.main()
