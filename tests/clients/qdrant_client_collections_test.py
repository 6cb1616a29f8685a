"""Collections, aliases and payload indexes through Qdrant's Python client."""
import tempfile
import unittest
import warnings
from contextlib import closing

import numpy as np
from qdrant import QdrantTest
from qdrant_client import QdrantClient, models
from server import Server

PLANE = models.VectorParams(size=2, distance=models.Distance.EUCLID)
CREATED = {
    models.PayloadSchemaType.KEYWORD: models.KeywordIndexParams(type="keyword", is_tenant=True, on_disk=True),
    models.PayloadSchemaType.INTEGER: models.IntegerIndexParams(type="integer", lookup=False, range=True),
    models.PayloadSchemaType.FLOAT: models.FloatIndexParams(type="float", on_disk=True),
    models.PayloadSchemaType.BOOL: models.BoolIndexParams(type="bool", on_disk=True),
    models.PayloadSchemaType.GEO: models.GeoIndexParams(type="geo", on_disk=True),
    models.PayloadSchemaType.DATETIME: models.DatetimeIndexParams(type="datetime", on_disk=True),
    models.PayloadSchemaType.UUID: models.UuidIndexParams(type="uuid", is_tenant=True),
    models.PayloadSchemaType.TEXT: models.TextIndexParams(
        type="text", tokenizer=models.TokenizerType.WORD, min_token_len=2, max_token_len=20, lowercase=True,
        phrase_matching=True),
}
VALUES = {
    models.PayloadSchemaType.KEYWORD: ["red", "blue", ["red", "green"]],
    models.PayloadSchemaType.INTEGER: [1, 2, [3, 4]],
    models.PayloadSchemaType.FLOAT: [1.5, 2.5, [0.5, 4.5]],
    models.PayloadSchemaType.BOOL: [True, False, True],
    models.PayloadSchemaType.GEO: [{"lon": 13.4, "lat": 52.5}, {"lon": 2.35, "lat": 48.86},
                                   {"lon": -0.13, "lat": 51.5}],
    models.PayloadSchemaType.DATETIME: ["2024-01-01T00:00:00Z", "2024-06-01T12:00:00+02:00", "2025-01-01"],
    models.PayloadSchemaType.UUID: [
        "12345678-9abc-def0-1234-56789abcdef0", "00000000-0000-0000-0000-000000000001",
        "ffffffff-ffff-ffff-ffff-ffffffffffff"],
    models.PayloadSchemaType.TEXT: ["quick brown fox", "lazy dog", "brown dog"],
}
MATCHES = {
    models.PayloadSchemaType.KEYWORD: ({"match": models.MatchValue(value="red")}, [0, 2]),
    models.PayloadSchemaType.INTEGER: ({"range": models.Range(gte=2, lt=4)}, [1, 2]),
    models.PayloadSchemaType.FLOAT: ({"range": models.Range(gt=2)}, [1, 2]),
    models.PayloadSchemaType.BOOL: ({"match": models.MatchValue(value=True)}, [0, 2]),
    models.PayloadSchemaType.GEO: (
        {"geo_radius": models.GeoRadius(center=models.GeoPoint(lon=0, lat=50), radius=400_000)}, [1, 2]),
    models.PayloadSchemaType.DATETIME: ({"range": models.DatetimeRange(lte="2024-06-01T10:00:00Z")}, [0, 1]),
    models.PayloadSchemaType.UUID: (
        {"match": models.MatchValue(value="12345678-9abc-def0-1234-56789abcdef0")}, [0]),
    models.PayloadSchemaType.TEXT: ({"match": models.MatchText(text="dog brown")}, [2]),
}


class Collections(QdrantTest):
    def test_the_client_accepts_the_version(self):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            QdrantClient(url=self.server.url)._client._check_compatibility(self.server.url, {}, None, 5)
        self.assertEqual([str(warning.message) for warning in caught], [])
        info = self.client.info()
        self.assertRegex(info.version, r"^\d+\.\d+\.\d+$")
        self.assertTrue(info.title)

    def test_a_collection_comes_and_goes(self):
        name = self.name
        self.assertFalse(self.client.collection_exists(name))
        self.assertTrue(self.client.create_collection(name, PLANE))
        self.assertTrue(self.client.collection_exists(name))
        self.assertIn(name, [collection.name for collection in self.client.get_collections().collections])
        self.assertTrue(self.client.delete_collection(name))
        self.assertFalse(self.client.collection_exists(name))
        self.assertFalse(self.client.delete_collection(name), "there is nothing left to delete")

    def test_a_new_collection_is_empty_and_green(self):
        self.client.create_collection(self.name, PLANE)
        info = self.client.get_collection(self.name)
        self.assertEqual(info.status, models.CollectionStatus.GREEN)
        self.assertEqual(info.optimizer_status, models.OptimizersStatusOneOf.OK)
        self.assertEqual((info.points_count, info.payload_schema), (0, {}))
        self.assertEqual(info.config.params.vectors, PLANE)
        self.assertIsNone(info.config.params.sparse_vectors)

    def test_a_name_is_given_once(self):
        self.client.create_collection(self.name, PLANE)
        self.assertEqual(self.refusal(409, self.client.create_collection, self.name, PLANE),
                         f"Wrong input: Collection `{self.name}` already exists!")

    def test_a_missing_collection_is_named(self):
        missing = "Not found: Collection `nowhere` doesn't exist!"
        calls = [
            (self.client.get_collection,),
            (self.client.count,),
            (self.client.scroll,),
            (self.client.retrieve, [1]),
            (self.client.query_points, [1.0, 2.0]),
            (self.client.upsert, [models.PointStruct(id=1, vector=[1.0, 2.0])]),
            (self.client.delete, [1]),
            (self.client.set_payload, {"a": 1}, [1]),
            (self.client.create_payload_index, "a", "keyword"),
        ]
        for call, *arguments in calls:
            with self.subTest(call.__name__):
                self.assertEqual(self.refusal(404, call, "nowhere", *arguments), missing)

    def test_a_collection_made_anew_is_empty(self):
        self.client.create_collection(self.name, PLANE)
        self.client.upsert(self.name, [models.PointStruct(id=1, vector=[1, 2])])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            self.client.recreate_collection(self.name, models.VectorParams(size=3, distance=models.Distance.DOT))
        info = self.client.get_collection(self.name)
        self.assertEqual((info.points_count, info.config.params.vectors.size), (0, 3))

    def test_several_vectors_are_described_by_name(self):
        vectors = {
            "title": models.VectorParams(size=3, distance=models.Distance.COSINE, on_disk=True),
            "body": models.VectorParams(size=5, distance=models.Distance.MANHATTAN),
            "sound": models.VectorParams(size=4, distance=models.Distance.DOT, hnsw_config=models.HnswConfigDiff(m=12)),
        }
        sparse = {"words": models.SparseVectorParams(modifier=models.Modifier.IDF),
                  "tags": models.SparseVectorParams(index=models.SparseIndexParams(on_disk=False))}
        self.client.create_collection(self.name, vectors, sparse_vectors_config=sparse)
        params = self.client.get_collection(self.name).config.params
        self.assertEqual(params.vectors, vectors)
        self.assertEqual(params.sparse_vectors, sparse)

    def test_only_sparse_vectors(self):
        self.client.create_collection(self.name, sparse_vectors_config={"words": models.SparseVectorParams()})
        vector = {"words": models.SparseVector(indices=[4], values=[2])}
        self.client.upsert(self.name, [models.PointStruct(id=1, vector=vector)])
        hits = self.client.query_points(self.name, models.SparseVector(indices=[4], values=[3]), using="words").points
        self.assertEqual([(hit.id, hit.score) for hit in hits], [(1, 6.0)])

    def test_the_vector_without_a_name_may_be_written_as_named(self):
        self.client.create_collection(self.name, {"": PLANE})
        self.client.upsert(self.name, [models.PointStruct(id=1, vector={"": [1, 2]}),
                                       models.PointStruct(id=2, vector=[3, 4])])
        points = self.client.retrieve(self.name, [1, 2], with_vectors=True)
        self.assertEqual([point.vector for point in points], [[1, 2], [3, 4]])
        self.assertEqual(self.ids(self.client.query_points(self.name, [3.0, 4.0], using="", limit=1).points), [2])

    def test_settings_come_back_as_they_were_given(self):
        self.client.create_collection(
            self.name, models.VectorParams(size=2, distance=models.Distance.COSINE, on_disk=True), on_disk_payload=True,
            shard_number=1, replication_factor=1, write_consistency_factor=1,
            hnsw_config=models.HnswConfigDiff(m=0, payload_m=16, ef_construct=200, on_disk=False),
            optimizers_config=models.OptimizersConfigDiff(indexing_threshold=500, flush_interval_sec=7),
            wal_config=models.WalConfigDiff(wal_capacity_mb=16))
        config = self.client.get_collection(self.name).config
        self.assertTrue(config.params.vectors.on_disk)
        self.assertTrue(config.params.on_disk_payload)
        self.assertEqual((config.hnsw_config.m, config.hnsw_config.payload_m, config.hnsw_config.ef_construct),
                         (0, 16, 200))
        self.assertEqual((config.optimizer_config.indexing_threshold, config.optimizer_config.flush_interval_sec),
                         (500, 7))
        self.assertEqual(config.wal_config.wal_capacity_mb, 16)

    def test_settings_change(self):
        self.client.create_collection(self.name, PLANE, hnsw_config=models.HnswConfigDiff(m=8, ef_construct=50))
        self.assertTrue(self.client.update_collection(
            self.name, hnsw_config=models.HnswConfigDiff(ef_construct=60),
            optimizers_config=models.OptimizersConfigDiff(indexing_threshold=1000)))
        config = self.client.get_collection(self.name).config
        self.assertEqual((config.hnsw_config.m, config.hnsw_config.ef_construct), (8, 60))
        self.assertEqual(config.optimizer_config.indexing_threshold, 1000)

    def test_a_collection_that_may_not_build_a_graph_answers(self):
        self.client.create_collection(self.name, PLANE, hnsw_config=models.HnswConfigDiff(m=0, payload_m=16))
        self.client.upsert(self.name, [models.PointStruct(id=i, vector=[i, 0]) for i in range(50)])
        self.assertEqual(self.ids(self.client.query_points(self.name, [7.2, 0.0], limit=2).points), [7, 8])

    def test_metadata_is_kept_and_merged(self):
        self.client.create_collection(self.name, PLANE, metadata={"owner": "me", "tags": ["a", 1]})
        self.assertEqual(self.client.get_collection(self.name).config.metadata, {"owner": "me", "tags": ["a", 1]})
        self.client.update_collection(self.name, metadata={"owner": "you", "since": 2024})
        self.assertEqual(self.client.get_collection(self.name).config.metadata,
                         {"owner": "you", "tags": ["a", 1], "since": 2024})

    def test_a_collection_turns_green_when_its_points_are_indexed(self):
        vectors = np.random.default_rng(1).normal(size=(3000, 16)).astype(np.float32)
        self.client.create_collection(self.name, models.VectorParams(size=16, distance=models.Distance.COSINE),
                                      optimizers_config=models.OptimizersConfigDiff(indexing_threshold=10))
        self.client.upload_collection(self.name, vectors, batch_size=1000, wait=True)
        info = self.wait_until_green(self.name)
        self.assertEqual(info.points_count, 3000)
        self.assertLessEqual(info.indexed_vectors_count, 3000)
        self.assertGreaterEqual(info.segments_count, 1)


class Aliases(QdrantTest):
    def setUp(self):
        super().setUp()
        self.old, self.new, self.alias = (f"{self.name}_{part}" for part in ("old", "new", "alias"))
        for number, name in enumerate([self.old, self.new]):
            self.client.create_collection(name, PLANE)
            self.client.upsert(name, [models.PointStruct(id=number, vector=[1, 2])])

    def create(self, collection):
        return models.CreateAliasOperation(
            create_alias=models.CreateAlias(collection_name=collection, alias_name=self.alias))

    def delete(self):
        return models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=self.alias))

    def aliases(self, collection):
        return [alias.alias_name for alias in self.client.get_collection_aliases(collection).aliases]

    def test_an_alias_stands_for_a_collection(self):
        self.assertTrue(self.client.update_collection_aliases([self.create(self.old)]))
        self.assertEqual(self.aliases(self.old), [self.alias])
        self.assertIn((self.alias, self.old),
                      [(alias.alias_name, alias.collection_name) for alias in self.client.get_aliases().aliases])
        self.assertTrue(self.client.collection_exists(self.alias))
        self.assertEqual(self.client.get_collection(self.alias).points_count, 1)
        self.client.upsert(self.alias, [models.PointStruct(id=5, vector=[3, 4])])
        self.assertEqual(self.ids(self.client.query_points(self.old, [3.0, 4.0], limit=1).points), [5])
        self.assertEqual(self.ids(self.client.scroll(self.alias)[0]), [0, 5])

    def test_an_alias_moves_in_one_step(self):
        self.client.update_collection_aliases([self.create(self.old)])
        self.client.update_collection_aliases([self.delete(), self.create(self.new)])
        self.assertEqual((self.aliases(self.old), self.aliases(self.new)), ([], [self.alias]))
        self.assertEqual(self.ids(self.client.scroll(self.alias)[0]), [1])

    def test_an_alias_is_renamed_and_deleted(self):
        self.client.update_collection_aliases([self.create(self.old)])
        self.client.update_collection_aliases([models.RenameAliasOperation(
            rename_alias=models.RenameAlias(old_alias_name=self.alias, new_alias_name=self.alias + "2"))])
        self.assertEqual(self.aliases(self.old), [self.alias + "2"])
        self.alias += "2"
        self.client.update_collection_aliases([self.delete()])
        self.assertEqual(self.aliases(self.old), [])
        self.refusal(404, self.client.get_collection, self.alias)

    def test_an_alias_goes_with_its_collection(self):
        self.client.update_collection_aliases([self.create(self.old)])
        self.client.delete_collection(self.old)
        self.assertNotIn(self.alias, [alias.alias_name for alias in self.client.get_aliases().aliases])
        self.refusal(404, self.client.get_collection, self.alias)

    def test_one_impossible_change_stops_them_all(self):
        self.assertIn("doesn't exist", self.refusal(
            404, self.client.update_collection_aliases, [self.create(self.old), self.create("nowhere")]))
        self.assertEqual(self.aliases(self.old), [])
        self.alias = self.new
        self.assertIn("already exists", self.refusal(409, self.client.update_collection_aliases,
                                                     [self.create(self.old)]))


class PayloadIndexes(QdrantTest):
    def setUp(self):
        super().setUp()
        self.client.create_collection(self.name, PLANE)

    def fill(self, kind):
        self.client.upsert(self.name, [
            *(models.PointStruct(id=number, vector=[number, 0], payload={"key": value})
              for number, value in enumerate(VALUES[kind])),
            models.PointStruct(id=3, vector=[0, 0], payload={"key": {"another": "type"}}),
            models.PointStruct(id=4, vector=[0, 0])])

    def found(self, kind):
        condition, _ = MATCHES[kind]
        points, _ = self.client.scroll(self.name, models.Filter(must=[models.FieldCondition(key="key", **condition)]))
        return self.ids(points)

    def test_an_index_changes_no_answer(self):
        for kind, (_, want) in MATCHES.items():
            with self.subTest(kind):
                self.client.delete(self.name, models.Filter())
                self.fill(kind)
                self.assertEqual(self.found(kind), want, "without an index")
                self.client.create_payload_index(self.name, "key", kind)
                self.assertEqual(self.found(kind), want, "with an index")
                self.client.delete(self.name, models.Filter())
                self.fill(kind)
                self.assertEqual(self.found(kind), want, "with points that came after the index")
                self.client.delete_payload_index(self.name, "key")
                self.assertEqual(self.found(kind), want, "without it again")

    def test_indexes_are_described(self):
        for kind, params in CREATED.items():
            with self.subTest(kind):
                self.client.delete(self.name, models.Filter())
                self.fill(kind)
                made = self.client.create_payload_index(self.name, "key", params)
                self.assertEqual(made.status, models.UpdateStatus.COMPLETED)
                schema = self.client.get_collection(self.name).payload_schema
                self.assertEqual(list(schema), ["key"])
                self.assertEqual((schema["key"].data_type, schema["key"].points), (kind, len(VALUES[kind])))
                self.assertEqual(schema["key"].params, params)
                self.client.delete_payload_index(self.name, "key")
                self.assertEqual(self.client.get_collection(self.name).payload_schema, {})

    def test_an_index_named_by_its_type_alone(self):
        for kind in CREATED:
            with self.subTest(kind):
                self.client.create_payload_index(self.name, "a.b[].c", kind)
                self.assertEqual(self.client.get_collection(self.name).payload_schema["a.b[].c"].data_type, kind)

    def test_an_index_on_a_path_into_arrays(self):
        self.client.upsert(self.name, [
            models.PointStruct(id=1, vector=[0, 0], payload={"a": {"b": [{"c": "x"}, {"c": "y"}]}}),
            models.PointStruct(id=2, vector=[0, 0], payload={"a": {"b": [{"c": "z"}]}})])
        self.client.create_payload_index(self.name, "a.b[].c", models.PayloadSchemaType.KEYWORD)
        condition = models.FieldCondition(key="a.b[].c", match=models.MatchAny(any=["y", "w"]))
        self.assertEqual(self.ids(self.client.scroll(self.name, models.Filter(must=[condition]))[0]), [1])
        self.assertEqual(self.client.get_collection(self.name).payload_schema["a.b[].c"].points, 2)

    def test_an_index_that_could_answer_nothing_is_refused(self):
        useless = models.IntegerIndexParams(type="integer", lookup=False, range=False)
        self.refusal(422, self.client.create_payload_index, self.name, "key", useless)


class Restart(unittest.TestCase):
    def test_everything_is_there_again(self):
        with tempfile.TemporaryDirectory() as folder:
            with Server(folder) as server, closing(QdrantClient(url=server.url)) as client:
                self.fill(client)
                before = self.everything(client)
            with Server(folder) as server, closing(QdrantClient(url=server.url)) as client:
                self.assertEqual(self.everything(client), before)

    def fill(self, client):
        client.create_collection(
            "texts", {"a": PLANE, "b": models.VectorParams(size=3, distance=models.Distance.COSINE)},
            sparse_vectors_config={"s": models.SparseVectorParams(modifier=models.Modifier.IDF)},
            hnsw_config=models.HnswConfigDiff(m=8), metadata={"made by": "a test"})
        client.create_payload_index("texts", "color", models.PayloadSchemaType.KEYWORD)
        client.upsert("texts", [
            models.PointStruct(
                id=number, payload={"color": ["red", "blue"][number % 2], "number": number},
                vector={"a": [number, 1], "b": [1, number, 2], "s": models.SparseVector(indices=[number], values=[2])})
            for number in range(40)])
        client.delete("texts", [3, 4])
        client.set_payload("texts", {"seen": True}, [5])
        client.delete_vectors("texts", ["b"], [6])
        client.update_vectors("texts", [models.PointVectors(id=7, vector={"a": [70, 70]})])
        client.update_collection_aliases([models.CreateAliasOperation(
            create_alias=models.CreateAlias(collection_name="texts", alias_name="latest"))])
        client.create_collection("empty", PLANE)
        client.create_collection("gone", PLANE)
        client.delete_collection("gone")

    def everything(self, client):
        info = client.get_collection("latest")
        red = models.Filter(must=[models.FieldCondition(key="color", match=models.MatchValue(value="red"))])
        nearest = client.query_points("latest", [70.0, 70.0], using="a", query_filter=red).points
        words = client.query_points("texts", models.SparseVector(indices=[7, 8], values=[1, 2]), using="s").points
        return {
            "collections": sorted(collection.name for collection in client.get_collections().collections),
            "points": client.scroll("texts", limit=100, with_vectors=True)[0],
            "configuration": info.config,
            "schema": info.payload_schema,
            "nearest": [hit.id for hit in nearest],
            "words": [(hit.id, hit.score) for hit in words],
        }


if __name__ == "__main__":
    unittest.main()
