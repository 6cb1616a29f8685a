"""mem0's store of memories in Qdrant, against our server."""
import os
import tempfile
import unittest
import uuid

# Before mem0 is imported, which writes into the home directory otherwise.
home = tempfile.TemporaryDirectory(prefix="omendb-mem0-")
os.environ.update(MEM0_DIR=home.name, MEM0_TELEMETRY="False")

from documents import DIMENSIONS, DOCUMENTS, TEXTS, dense, sparse
from mem0.vector_stores.qdrant import Qdrant
from qdrant_client import QdrantClient
from server import ServerTest

BEES, GLACIERS, YEAST, ONIONS, COMPILER, DATABASE, VIOLIN, DRUMS = TEXTS


class Array(list):
    def tolist(self):
        return list(self)


class Sparse:
    """Answers as fastembed's encoder does, which would fetch a model."""

    class Embedding:
        def __init__(self, text):
            self.indices, self.values = map(Array, sparse(text))

    def embed(self, texts):
        return [self.Embedding(text) for text in texts]


def memory_id(number):
    return str(uuid.UUID(int=number + 1))


class Mem0(ServerTest):
    def open(self):
        client = QdrantClient(url=self.server.url)
        self.addCleanup(client.close)
        store = Qdrant(collection_name=self.name, embedding_model_dims=DIMENSIONS, client=client)
        store._bm25_encoder = Sparse()
        return store

    def store(self):
        """The texts as memories: those of even numbers are ann's, the others bob's."""
        store = self.open()
        store.insert(
            vectors=[dense(text) for text in TEXTS], ids=[memory_id(number) for number in range(len(TEXTS))],
            payloads=[{"data": document["text"], "user_id": ["ann", "bob"][number % 2], "topic": document["topic"],
                       "year": document["year"], "created_at": f"{document['year']}-03-01T09:30:00.123456+00:00"}
                      for number, document in enumerate(DOCUMENTS)])
        return store

    def texts(self, hits):
        return [hit.payload["data"] for hit in hits]

    def test_the_memory_that_shares_words_is_found_first(self):
        hits = self.store().search("", dense("a compiler for my machine"), top_k=2)
        self.assertEqual(self.texts(hits)[0], COMPILER)
        self.assertEqual(hits[0].id, memory_id(4))
        self.assertEqual(len(hits), 2)

    def test_memories_belong_to_somebody(self):
        store = self.store()
        found = self.texts(store.search("", dense("the march of the drums"), top_k=8, filters={"user_id": "ann"}))
        self.assertEqual(set(found), {BEES, YEAST, COMPILER, VIOLIN})

    def test_every_operator_of_the_filters(self):
        store = self.store()
        cases = [
            ({"topic": {"eq": "music"}}, {VIOLIN, DRUMS}),
            ({"topic": {"ne": "music"}}, {BEES, GLACIERS, YEAST, ONIONS, COMPILER, DATABASE}),
            ({"year": {"gte": 2019, "lt": 2021}}, {BEES, YEAST}),
            ({"year": {"gt": 2023}}, {DATABASE}),
            ({"year": [2017, 2018]}, {DRUMS, COMPILER}),
            ({"topic": {"in": ["nature", "music"]}}, {BEES, GLACIERS, VIOLIN, DRUMS}),
            ({"topic": {"nin": ["nature", "music"]}}, {YEAST, ONIONS, COMPILER, DATABASE}),
            ({"data": {"contains": "flower"}}, {BEES}),
            ({"topic": "*", "user_id": "bob", "year": {"lte": 2021}}, {GLACIERS, DRUMS}),
            ({"created_at": {"gte": "2022-03-01T09:30:00.123456+00:00"}}, {ONIONS, DATABASE, VIOLIN}),
            ({"created_at": {"gt": "2022-03-01T10:30:00.123456+01:00", "lt": "2024-01-01"}}, {ONIONS}),
            ({"AND": [{"topic": "music"}, {"user_id": "ann"}]}, {VIOLIN}),
            ({"OR": [{"topic": "music"}, {"year": 2019}]}, {VIOLIN, DRUMS, BEES}),
            ({"NOT": [{"topic": "music"}, {"user_id": "bob"}]}, {BEES, YEAST, COMPILER}),
            ({"$or": [{"AND": [{"topic": "kitchen"}, {"user_id": "bob"}]}, {"NOT": [{"year": {"gt": 2017}}]}]},
             {ONIONS, DRUMS}),
        ]
        for filters, texts in cases:
            with self.subTest(filters):
                self.assertEqual(set(self.texts(store.search("", dense("carry"), top_k=8, filters=filters))), texts)
                points, _ = store.list(filters=filters)
                self.assertEqual({point.payload["data"] for point in points}, texts)

    def test_a_keyword_finds_its_memories(self):
        store = self.store()
        hits = store.keyword_search("pollen carry", top_k=8)
        self.assertEqual(self.texts(hits)[0], BEES)
        self.assertEqual(set(self.texts(hits)), {BEES, GLACIERS, DRUMS})
        self.assertEqual(self.texts(store.keyword_search("carry", filters={"user_id": "ann"})), [BEES])
        self.assertEqual(store.keyword_search("bees and a word nobody wrote", top_k=1)[0].id, memory_id(0))

    def test_several_questions_at_once(self):
        answers = self.store().search_batch(["", ""], [dense("sweet onions"), dense("cello")], top_k=1)
        self.assertEqual([self.texts(hits) for hits in answers], [[ONIONS], [VIOLIN]])

    def test_a_memory_is_fetched_changed_and_forgotten(self):
        store = self.store()
        key = memory_id(2)
        self.assertEqual(store.get(key).payload["data"], YEAST)
        self.assertIsNone(store.get(memory_id(100)))

        store.update(key, vector=dense("sea"), payload={"data": "sea sea", "user_id": "ann"})
        self.assertEqual(store.get(key).payload, {"data": "sea sea", "user_id": "ann"})
        self.assertEqual(self.texts(store.search("", dense("sea"), top_k=1)), ["sea sea"])
        self.assertEqual(self.texts(store.keyword_search("sea", top_k=1)), ["sea sea"])

        store.update(key, payload={"user_id": "bob"})
        self.assertEqual(store.get(key).payload, {"data": "sea sea", "user_id": "bob"})
        store.update(key, vector=dense("drums"))
        self.assertEqual(self.texts(store.search("", dense("drums"), top_k=1)), ["sea sea"])
        self.assertEqual(self.texts(store.keyword_search("sea", top_k=1)), ["sea sea"], "the other vector stays")

        store.delete(key)
        self.assertIsNone(store.get(key))
        self.assertNotIn("sea sea", self.texts(store.search("", dense("drums"), top_k=8)))

    def test_memories_are_listed(self):
        store = self.store()
        points, more = store.list(top_k=100)
        self.assertEqual(len(points), len(TEXTS))
        self.assertIsNone(more)
        points, more = store.list(top_k=3)
        self.assertEqual(len(points), 3)
        self.assertIsNotNone(more)

    def test_the_collection_is_made_once(self):
        self.store()
        again = self.open()
        self.assertTrue(again._has_bm25_slot)
        self.assertEqual(len(again.list()[0]), len(TEXTS))
        self.assertIn(self.name, [collection.name for collection in again.list_cols().collections])
        info = again.col_info()
        self.assertEqual(info.config.params.vectors.size, DIMENSIONS)
        self.assertEqual(set(info.payload_schema), {"user_id", "agent_id", "run_id", "actor_id"})
        self.assertEqual(info.payload_schema["user_id"].points, len(TEXTS))

    def test_everything_is_forgotten(self):
        store = self.store()
        store.reset()
        self.assertEqual(store.list()[0], [])
        store.delete_col()
        self.assertNotIn(self.name, [collection.name for collection in store.list_cols().collections])


if __name__ == "__main__":
    unittest.main()
