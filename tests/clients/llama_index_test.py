"""LlamaIndex's vector store for Qdrant, against our server."""
import asyncio
import unittest
import uuid

from documents import DOCUMENTS, TEXTS, dense, sparse
from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode
from llama_index.core.vector_stores.types import (
    FilterCondition, FilterOperator, MetadataFilter, MetadataFilters, VectorStoreQuery, VectorStoreQueryMode)
from llama_index.vector_stores.qdrant import QdrantVectorStore
from qdrant_client import AsyncQdrantClient, QdrantClient, models
from server import ServerTest

BEES, GLACIERS, YEAST, ONIONS, COMPILER, DATABASE, VIOLIN, DRUMS = TEXTS
BOOKS = ["book one", "book two"]


def node_id(number):
    return str(uuid.UUID(int=number + 1))


def nodes():
    """The texts, those of odd numbers from another book."""
    return [
        TextNode(
            id_=node_id(number), text=document["text"], embedding=dense(document["text"]),
            metadata={"topic": document["topic"], "year": document["year"], "weight": number / 4,
                      "tags": document["tags"]},
            relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=BOOKS[number % 2])})
        for number, document in enumerate(DOCUMENTS)]


def sparse_of(texts):
    pairs = [sparse(text) for text in texts]
    return [indices for indices, _ in pairs], [values for _, values in pairs]


def only(key, operator, value):
    return MetadataFilters(filters=[MetadataFilter(key=key, operator=operator, value=value)])


def ask(text, **options):
    return VectorStoreQuery(query_str=text, query_embedding=dense(text), **{"similarity_top_k": 8, **options})


class LlamaIndex(ServerTest):
    def setUp(self):
        self.client = QdrantClient(url=self.server.url)
        self.addCleanup(self.client.close)

    def store(self, **options):
        store = QdrantVectorStore(self.name, client=self.client, **options)
        store.add(nodes())
        return store

    def hybrid_store(self):
        return self.store(enable_hybrid=True, sparse_doc_fn=sparse_of, sparse_query_fn=sparse_of)

    def texts(self, result):
        return [node.get_content() for node in result.nodes]

    def test_the_node_that_shares_words_is_found_first(self):
        result = self.store().query(ask("bread of yeast and flour", similarity_top_k=2))
        self.assertEqual(self.texts(result)[0], YEAST)
        self.assertEqual(result.ids[0], node_id(2))
        self.assertEqual(result.nodes[0].metadata, {"topic": "kitchen", "year": 2020, "weight": 0.5,
                                                    "tags": ["baking"]})
        self.assertEqual(result.nodes[0].ref_doc_id, BOOKS[0])
        self.assertEqual(len(result.ids), 2)
        self.assertGreater(result.similarities[0], result.similarities[1])

    def test_document_ids_are_indexed(self):
        self.store()
        schema = self.client.get_collection(self.name).payload_schema
        self.assertEqual(schema["doc_id"].data_type, models.PayloadSchemaType.KEYWORD)
        self.assertEqual(schema["doc_id"].points, len(TEXTS))

    def test_metadata_filters(self):
        store = self.store()
        cases = [
            (only("topic", FilterOperator.EQ, "music"), {VIOLIN, DRUMS}),
            (only("year", FilterOperator.EQ, 2021), {GLACIERS}),
            (only("weight", FilterOperator.EQ, 0.75), {ONIONS}),
            (only("year", FilterOperator.GT, 2022), {ONIONS, DATABASE}),
            (only("year", FilterOperator.GTE, 2023), {ONIONS, DATABASE}),
            (only("weight", FilterOperator.LT, 0.5), {BEES, GLACIERS}),
            (only("weight", FilterOperator.LTE, 0.25), {BEES, GLACIERS}),
            (only("topic", FilterOperator.NE, "nature"), {YEAST, ONIONS, COMPILER, DATABASE, VIOLIN, DRUMS}),
            (only("topic", FilterOperator.IN, ["kitchen", "music"]), {YEAST, ONIONS, VIOLIN, DRUMS}),
            (only("topic", FilterOperator.NIN, ["kitchen", "music"]), {BEES, GLACIERS, COMPILER, DATABASE}),
            (only("topic", FilterOperator.TEXT_MATCH, "kitchen"), {YEAST, ONIONS}),
            (only("tags", FilterOperator.IS_EMPTY, None), {COMPILER}),
            (MetadataFilters(condition=FilterCondition.OR, filters=[
                MetadataFilter(key="year", value=2017),
                MetadataFilters(condition=FilterCondition.AND, filters=[
                    MetadataFilter(key="topic", value="nature"), MetadataFilter(key="year", value=2019)])]),
                    {DRUMS, BEES}),
            (MetadataFilters(condition=FilterCondition.NOT, filters=[
                MetadataFilter(key="topic", operator=FilterOperator.IN, value=["nature", "kitchen", "computers"])]),
             {VIOLIN, DRUMS}),
        ]
        for filters, texts in cases:
            with self.subTest(filters):
                self.assertEqual(set(self.texts(store.query(ask("carry the code", filters=filters)))), texts)

    def test_a_query_may_name_nodes_and_documents(self):
        store = self.store()
        result = store.query(ask("carry", node_ids=[node_id(0), node_id(5)]))
        self.assertEqual(set(self.texts(result)), {BEES, DATABASE})
        result = store.query(ask("carry", doc_ids=[BOOKS[1]]))
        self.assertEqual(set(self.texts(result)), {GLACIERS, ONIONS, DATABASE, DRUMS})

    def test_nodes_are_fetched_without_a_query(self):
        store = self.store()
        fetched = store.get_nodes(node_ids=[node_id(4), node_id(3)])
        self.assertEqual({node.get_content() for node in fetched}, {COMPILER, ONIONS})
        fetched = store.get_nodes(filters=only("topic", FilterOperator.EQ, "kitchen"))
        self.assertEqual({node.node_id for node in fetched}, {node_id(2), node_id(3)})
        self.assertEqual(len(store.get_nodes(filters=only("year", FilterOperator.GT, 0))), len(TEXTS))

    def test_nodes_are_deleted_by_document_by_id_and_by_filter(self):
        store = self.store()
        store.delete(BOOKS[1])
        self.assertEqual(set(self.texts(store.query(ask("the")))), {BEES, YEAST, COMPILER, VIOLIN})
        store.delete_nodes(node_ids=[node_id(0)])
        self.assertEqual(set(self.texts(store.query(ask("the")))), {YEAST, COMPILER, VIOLIN})
        store.delete_nodes(filters=only("topic", FilterOperator.EQ, "music"))
        self.assertEqual(set(self.texts(store.query(ask("the")))), {YEAST, COMPILER})
        store.clear()
        self.assertFalse(self.client.collection_exists(self.name))

    def test_many_nodes_go_in_batches(self):
        store = QdrantVectorStore(self.name, client=self.client, batch_size=16)
        many = [TextNode(id_=node_id(number), text=BEES, embedding=[float(number), 1.0]) for number in range(50)]
        self.assertEqual(store.add(many), [node_id(number) for number in range(50)])
        self.assertEqual(self.client.count(self.name).count, 50)

    def test_a_collection_is_opened_again(self):
        self.store()
        again = QdrantVectorStore(self.name, client=self.client)
        again.add([TextNode(id_=node_id(50), text="a march of bees", embedding=dense("a march of bees"))])
        self.assertEqual(self.texts(again.query(ask("march bees", similarity_top_k=1))), ["a march of bees"])

    def test_dense_sparse_and_both(self):
        store = self.hybrid_store()
        configuration = self.client.get_collection(self.name).config.params
        self.assertEqual(list(configuration.vectors), ["text-dense"])
        self.assertEqual(list(configuration.sparse_vectors), ["text-sparse-new"])
        for mode in (VectorStoreQueryMode.DEFAULT, VectorStoreQueryMode.SPARSE, VectorStoreQueryMode.HYBRID):
            with self.subTest(mode):
                result = store.query(ask("the cello and the violin", mode=mode, similarity_top_k=3))
                self.assertEqual(self.texts(result)[0], VIOLIN)
        result = store.query(ask("cello bread", mode=VectorStoreQueryMode.SPARSE))
        self.assertEqual(set(self.texts(result)), {VIOLIN, YEAST}, "only what shares a word")

    def test_a_hybrid_collection_is_opened_again(self):
        self.hybrid_store()
        again = QdrantVectorStore(
            self.name, client=self.client, enable_hybrid=True, sparse_doc_fn=sparse_of, sparse_query_fn=sparse_of)
        result = again.query(ask("sweet onions", mode=VectorStoreQueryMode.HYBRID, similarity_top_k=1))
        self.assertEqual(self.texts(result), [ONIONS])

    def test_payload_indexes_are_made_with_the_collection(self):
        self.store(payload_indexes=[{"field_name": "topic", "field_schema": models.PayloadSchemaType.KEYWORD},
                                    {"field_name": "year", "field_schema": models.PayloadSchemaType.INTEGER}])
        schema = self.client.get_collection(self.name).payload_schema
        self.assertEqual(set(schema), {"doc_id", "topic", "year"})

    def test_without_blocking(self):
        async def session():
            client = AsyncQdrantClient(url=self.server.url)
            store = QdrantVectorStore(self.name, aclient=client)
            await store.async_add(nodes())
            found = await store.aquery(ask("a machine", similarity_top_k=1))
            await store.adelete(BOOKS[0])
            left = await store.aget_nodes(filters=only("year", FilterOperator.GT, 0))
            await client.close()
            return found, left

        found, left = asyncio.run(session())
        self.assertEqual(self.texts(found), [COMPILER])
        self.assertEqual({node.get_content() for node in left}, {GLACIERS, ONIONS, DATABASE, DRUMS})


if __name__ == "__main__":
    unittest.main()
