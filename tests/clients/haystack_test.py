"""Haystack's document store and retrievers for Qdrant, against our server."""
import math
import os
import unittest

os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"

from documents import DIMENSIONS, DOCUMENTS, TEXTS, dense, sparse
from haystack.dataclasses import Document, SparseEmbedding
from haystack.document_stores.errors import DuplicateDocumentError
from haystack.document_stores.types import DuplicatePolicy
from haystack_integrations.components.retrievers.qdrant import (
    QdrantEmbeddingRetriever, QdrantHybridRetriever, QdrantSparseEmbeddingRetriever)
from haystack_integrations.document_stores.qdrant import QdrantDocumentStore
from haystack_integrations.document_stores.qdrant.document_store import QdrantStoreError
from qdrant_client import models
from server import ServerTest

BEES, GLACIERS, YEAST, ONIONS, COMPILER, DATABASE, VIOLIN, DRUMS = TEXTS


def sparse_embedding(text):
    indices, values = sparse(text)
    return SparseEmbedding(indices=indices, values=values)


def documents(with_sparse=False):
    return [
        Document(id=f"document {number}", content=document["text"], embedding=dense(document["text"]),
                 sparse_embedding=sparse_embedding(document["text"]) if with_sparse else None,
                 meta={"topic": document["topic"], "year": document["year"],
                       "day": f"{document['year']}-05-01T12:00:00"})
        for number, document in enumerate(DOCUMENTS)]


def compare(field, operator, value):
    return {"field": field, "operator": operator, "value": value}


def contents(found):
    return [document.content for document in found]


class Haystack(ServerTest):
    def empty_store(self, **options):
        options = {"embedding_dim": DIMENSIONS, "progress_bar": False, **options}
        store = QdrantDocumentStore(url=self.server.url, index=self.name, **options)
        self.addCleanup(store.close)
        return store

    def store(self, **options):
        store = self.empty_store(**options)
        self.assertEqual(store.write_documents(documents(options.get("use_sparse_embeddings", False))), len(TEXTS))
        return store

    def hybrid_store(self):
        return self.store(use_sparse_embeddings=True, sparse_idf=True)

    def test_the_document_that_shares_words_is_found_first(self):
        retriever = QdrantEmbeddingRetriever(self.store(), top_k=3)
        found = retriever.run(query_embedding=dense("the rhythm of drums"))["documents"]
        self.assertEqual(found[0].content, DRUMS)
        self.assertEqual(found[0].id, "document 7")
        self.assertEqual(found[0].meta, {"topic": "music", "year": 2017, "day": "2017-05-01T12:00:00"})
        self.assertEqual(len(found), 3)
        self.assertGreater(found[0].score, found[1].score)
        self.assertIsNone(found[0].embedding)

    def test_embeddings_come_back_when_asked_for(self):
        retriever = QdrantEmbeddingRetriever(self.store(), top_k=1, return_embedding=True)
        found, = retriever.run(query_embedding=dense(BEES))["documents"]
        # Normalised, as the distance is cosine: carry, bees, pollen, from, to once and flower twice.
        self.assertAlmostEqual(max(found.embedding), 2 / 9**0.5, places=6)
        self.assertAlmostEqual(sum(value * value for value in found.embedding), 1, places=6)

    def test_scores_threshold_and_scale(self):
        store = self.store()
        query = dense("water and bread")
        raw = QdrantEmbeddingRetriever(store, scale_score=False).run(query_embedding=query)["documents"]
        scaled = QdrantEmbeddingRetriever(store, scale_score=True).run(query_embedding=query)["documents"]
        self.assertEqual(contents(raw)[0], YEAST)
        self.assertAlmostEqual(scaled[0].score, (raw[0].score + 1) / 2)
        kept = QdrantEmbeddingRetriever(store, score_threshold=0.3).run(query_embedding=query)["documents"]
        self.assertEqual(contents(kept), [document.content for document in raw if document.score >= 0.3])

    def test_filters(self):
        store = self.store()
        cases = [
            (compare("meta.topic", "==", "music"), {VIOLIN, DRUMS}),
            (compare("meta.topic", "!=", "music"), {BEES, GLACIERS, YEAST, ONIONS, COMPILER, DATABASE}),
            (compare("meta.year", ">", 2022), {ONIONS, DATABASE}),
            (compare("meta.year", "<=", 2018), {COMPILER, DRUMS}),
            (compare("meta.year", "in", [2018, 2019]), {COMPILER, BEES}),
            (compare("meta.topic", "not in", ["nature", "kitchen", "computers"]), {VIOLIN, DRUMS}),
            (compare("meta.day", ">=", "2023-05-01T12:00:00"), {ONIONS, DATABASE}),
            (compare("content", "==", ONIONS), {ONIONS}),
            ({"operator": "OR", "conditions": [
                compare("meta.year", "==", 2017),
                {"operator": "AND", "conditions": [compare("meta.topic", "==", "nature"),
                                                   compare("meta.year", ">", 2020)]}]},
             {DRUMS, GLACIERS}),
            ({"operator": "NOT", "conditions": [
                compare("meta.year", "<", 2020), compare("meta.topic", "==", "kitchen")]},
                {GLACIERS, DATABASE, VIOLIN}),
        ]
        for filters, texts in cases:
            with self.subTest(filters):
                self.assertEqual(set(contents(store.filter_documents(filters=filters))), texts)
                self.assertEqual(store.count_documents_by_filter(filters), len(texts))
                found = QdrantEmbeddingRetriever(store).run(query_embedding=dense("carry the code"), filters=filters)
                self.assertEqual(set(contents(found["documents"])), texts)

    def test_documents_are_counted_listed_and_deleted(self):
        store = self.store()
        self.assertEqual(store.count_documents(), len(TEXTS))
        self.assertEqual(set(contents(store.filter_documents())), set(TEXTS))
        store.delete_documents(["document 0", "document 1", "no such document"])
        self.assertEqual(store.count_documents(), len(TEXTS) - 2)
        self.assertEqual(store.delete_by_filter(compare("meta.topic", "==", "music")), 2)
        self.assertEqual(set(contents(store.filter_documents())), {YEAST, ONIONS, COMPILER, DATABASE})
        store.delete_all_documents()
        self.assertEqual(store.count_documents(), 0)

    def test_documents_are_listed_in_pages(self):
        store = self.store(scroll_size=3)
        self.assertEqual(sorted(contents(store.filter_documents())), sorted(TEXTS))

    def test_what_happens_to_a_document_written_twice(self):
        store = self.store()
        changed = Document(id="document 3", content="changed", embedding=dense("bees"))
        with self.assertRaises(DuplicateDocumentError):
            store.write_documents([changed], policy=DuplicatePolicy.FAIL)
        self.assertEqual(store.write_documents([changed], policy=DuplicatePolicy.SKIP), 0)
        self.assertEqual(contents(store.get_documents_by_id(["document 3"])), [ONIONS])
        self.assertEqual(store.write_documents([changed], policy=DuplicatePolicy.OVERWRITE), 1)
        self.assertEqual(contents(store.get_documents_by_id(["document 3"])), ["changed"])
        self.assertEqual(store.count_documents(), len(TEXTS))

    def test_metadata_is_changed_by_filter_and_vectors_stay(self):
        store = self.store()
        self.assertEqual(store.update_by_filter(compare("meta.topic", "==", "nature"),
                                                {"topic": "outside", "seen": True}), 2)
        found = QdrantEmbeddingRetriever(store, top_k=1).run(query_embedding=dense(BEES))["documents"]
        self.assertEqual(found[0].meta, {"topic": "outside", "year": 2019, "day": "2019-05-01T12:00:00", "seen": True})
        self.assertAlmostEqual(found[0].score, 1, places=5)

    def test_metadata_is_described(self):
        store = self.store()
        info = store.get_metadata_fields_info()
        self.assertEqual(set(info), {"topic", "year", "day"})
        self.assertEqual(store.get_metadata_field_min_max("meta.year"), {"min": 2017, "max": 2024})
        values, total = store.get_metadata_field_unique_values("meta.topic", from_=0, size=3)
        self.assertEqual((values, total), (["computers", "kitchen", "music"], 4))
        self.assertEqual(
            store.count_unique_metadata_by_filter(compare("meta.year", ">=", 2021), ["topic", "year"]),
            {"topic": 4, "year": 4})

    def test_indexes_are_made_with_the_collection(self):
        store = self.store(payload_fields_to_index=[
            {"field_name": "meta.topic", "field_schema": models.PayloadSchemaType.KEYWORD},
            {"field_name": "meta.year", "field_schema": models.IntegerIndexParams(
                type="integer", lookup=True, range=True)}])
        schema = store._client.get_collection(self.name).payload_schema
        self.assertEqual({key: entry.data_type.value for key, entry in schema.items()},
                         {"meta.topic": "keyword", "meta.year": "integer"})
        self.assertEqual(set(contents(store.filter_documents(compare("meta.topic", "==", "music")))), {VIOLIN, DRUMS})

    def test_settings_of_the_collection_are_taken(self):
        store = self.store(
            similarity="dot_product", on_disk=True, on_disk_payload=True, shard_number=1, replication_factor=1,
            write_consistency_factor=1, hnsw_config={"m": 8, "ef_construct": 64},
            optimizers_config={"indexing_threshold": 100},
            metadata={"X-Written-By": "a test"})
        found = QdrantEmbeddingRetriever(store, top_k=1).run(query_embedding=dense("flower"))["documents"]
        self.assertEqual(contents(found), [BEES])
        self.assertEqual(found[0].score, 2.0)
        configuration = store._client.get_collection(self.name).config
        self.assertEqual(configuration.hnsw_config.m, 8)
        self.assertTrue(configuration.params.on_disk_payload)

    def test_an_existing_collection_is_checked(self):
        self.store()
        self.assertEqual(self.empty_store().count_documents(), len(TEXTS))
        with self.assertRaisesRegex(ValueError, "configured with a similarity 'COSINE'"):
            self.empty_store(similarity="l2").count_documents()
        with self.assertRaisesRegex(ValueError, f"configured with a vector size '{DIMENSIONS}'"):
            self.empty_store(embedding_dim=3).count_documents()
        with self.assertRaisesRegex(QdrantStoreError, "without sparse embedding vectors"):
            self.empty_store(use_sparse_embeddings=True).count_documents()
        self.assertEqual(self.empty_store(embedding_dim=3, recreate_index=True).count_documents(), 0)

    def test_groups(self):
        found = QdrantEmbeddingRetriever(self.store(), top_k=2).run(
            query_embedding=dense("Yeast turns onions and flour into code"), group_by="meta.topic",
            group_size=1)["documents"]
        self.assertEqual(contents(found), [YEAST, COMPILER])

    def test_sparse_vectors_alone(self):
        store = self.hybrid_store()
        found = QdrantSparseEmbeddingRetriever(store, top_k=8).run(
            query_sparse_embedding=sparse_embedding("turns pollen"))["documents"]
        self.assertEqual(contents(found)[0], BEES)
        self.assertEqual(set(contents(found)), {BEES, YEAST, ONIONS, COMPILER})
        # Rare words weigh more: one of eight texts has pollen, three have turns.
        for document, holders in zip(found, [1, 3, 3, 3]):
            self.assertAlmostEqual(document.score, math.log(1 + (8 - holders + 0.5) / (holders + 0.5)), places=5)

    def test_dense_and_sparse_vectors_are_fused(self):
        store = self.hybrid_store()
        question = "the violin and the cello"
        for options in ({}, {"rrf_k": 60}, {"rrf_weights": [3.0, 1.0]}, {"group_by": "meta.topic", "group_size": 1}):
            with self.subTest(options):
                found = QdrantHybridRetriever(store, top_k=2, **options).run(
                    query_embedding=dense(question), query_sparse_embedding=sparse_embedding(question))["documents"]
                self.assertEqual(found[0].content, VIOLIN)
                self.assertEqual(len(found), 2)

    def test_a_document_may_have_only_a_sparse_vector(self):
        store = self.hybrid_store()
        store.write_documents([Document(id="lone", content="lone",
                                        sparse_embedding=sparse_embedding("machine machine"))])
        found = QdrantSparseEmbeddingRetriever(store, top_k=1).run(
            query_sparse_embedding=sparse_embedding("machine"))["documents"]
        self.assertEqual(contents(found), ["lone"])


if __name__ == "__main__":
    unittest.main()
