"""LangChain's vector store for Qdrant, against our server."""
import unittest
import uuid

from documents import DOCUMENTS, TEXTS, dense, sparse
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_qdrant import QdrantVectorStore, RetrievalMode
from langchain_qdrant.qdrant import QdrantVectorStoreError
from langchain_qdrant.sparse_embeddings import SparseEmbeddings, SparseVector
from qdrant_client import models
from server import ServerTest

BEES, GLACIERS, YEAST, ONIONS, COMPILER, DATABASE, VIOLIN, DRUMS = TEXTS


class Dense(Embeddings):
    def embed_documents(self, texts):
        return [dense(text) for text in texts]

    def embed_query(self, text):
        return dense(text)


class Narrow(Embeddings):
    def embed_documents(self, texts):
        return [[1.0, 2.0] for _ in texts]

    def embed_query(self, text):
        return [1.0, 2.0]


class Sparse(SparseEmbeddings):
    def embed_documents(self, texts):
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text):
        indices, values = sparse(text)
        return SparseVector(indices=indices, values=values)


def field(key, **condition):
    return models.FieldCondition(key=f"metadata.{key}", **condition)


class LangChain(ServerTest):
    def store(self, mode=RetrievalMode.DENSE, **options):
        metadatas = [{key: value for key, value in document.items() if key != "text"} for document in DOCUMENTS]
        store = QdrantVectorStore.from_texts(
            TEXTS, embedding=Dense(), sparse_embedding=Sparse(), metadatas=metadatas, ids=list(range(len(TEXTS))),
            url=self.server.url, collection_name=self.name, retrieval_mode=mode, **options)
        self.addCleanup(store.client.close)
        return store

    def texts(self, documents):
        return [document.page_content for document in documents]

    def test_the_text_that_shares_words_is_found_first(self):
        store = self.store()
        found = store.similarity_search("Which bees visit a flower?", k=3)
        self.assertEqual(found[0].page_content, BEES)
        self.assertEqual(found[0].metadata["year"], 2019)
        self.assertEqual(found[0].metadata["tags"], ["insects", "plants"])
        self.assertEqual(found[0].metadata["_id"], 0)
        self.assertEqual(len(found), 3)

    def test_a_text_finds_itself_with_similarity_one(self):
        (document, score), = self.store().similarity_search_with_score(VIOLIN, k=1)
        self.assertEqual(document.page_content, VIOLIN)
        self.assertAlmostEqual(score, 1.0, places=5)

    def test_threshold_and_offset_cut_the_answer(self):
        store = self.store()
        every = store.similarity_search_with_score("flower pollen carry", k=8)
        self.assertEqual([score for _, score in every], sorted((score for _, score in every), reverse=True))
        close = [document.page_content for document, score in every if score >= 0.2]
        self.assertEqual(self.texts(store.similarity_search("flower pollen carry", k=8, score_threshold=0.2)), close)
        rest = store.similarity_search_with_score("flower pollen carry", k=7, offset=1)
        self.assertEqual([score for _, score in rest], [score for _, score in every[1:]])

    def test_filters_narrow_the_search(self):
        store = self.store()
        cases = [
            (models.Filter(must=[field("topic", match=models.MatchValue(value="kitchen"))]), {YEAST, ONIONS}),
            (models.Filter(must=[field("year", range=models.Range(gt=2020, lte=2022))]), {GLACIERS, VIOLIN}),
            (models.Filter(must=[field("tags", match=models.MatchAny(any=["plants"]))]), {BEES, ONIONS}),
            (models.Filter(must_not=[field("topic", match=models.MatchAny(any=["kitchen", "music", "nature"]))]),
             {COMPILER, DATABASE}),
            (models.Filter(should=[
                models.HasIdCondition(has_id=[7]), field("year", match=models.MatchValue(value=2024))]),
             {DRUMS, DATABASE}),
            (models.Filter(must=[models.IsEmptyCondition(is_empty=models.PayloadField(key="metadata.tags"))]),
             {COMPILER}),
        ]
        for wanted, texts in cases:
            with self.subTest(wanted):
                self.assertEqual(set(self.texts(store.similarity_search("carry the code", k=8, filter=wanted))), texts)

    def test_marginal_relevance_prefers_what_is_different(self):
        store = self.store()
        store.add_texts(["Bees carry pollen from flower to the flower"])
        near = self.texts(store.similarity_search(BEES, k=2))
        self.assertEqual(near, [BEES, "Bees carry pollen from flower to the flower"])
        apart = self.texts(store.max_marginal_relevance_search(BEES, k=2, fetch_k=9, lambda_mult=0.9))
        self.assertEqual(apart[0], BEES)
        self.assertNotIn(apart[1], near)

    def test_documents_are_added_fetched_and_deleted_by_id(self):
        store = self.store()
        ids = store.add_documents([Document("A march of glaciers", metadata={"topic": "made up"}),
                                   Document("Brown bread")])
        self.assertEqual([len(uuid.UUID(key).hex) for key in ids], [32, 32])
        fetched = store.get_by_ids(ids)
        self.assertEqual(set(self.texts(fetched)), {"A march of glaciers", "Brown bread"})
        self.assertTrue(store.delete(ids[:1]))
        self.assertEqual(self.texts(store.get_by_ids(ids)), ["Brown bread"])
        self.assertEqual(self.texts(store.get_by_ids([3, 99])), [ONIONS])

    def test_adding_an_id_again_replaces_it(self):
        store = self.store()
        store.add_texts(["A march of glaciers"], ids=[7])
        self.assertEqual(self.texts(store.get_by_ids([7])), ["A march of glaciers"])
        self.assertNotIn(DRUMS, self.texts(store.similarity_search("drums", k=20)))

    def test_a_collection_is_opened_again(self):
        self.store()
        again = QdrantVectorStore.from_existing_collection(
            embedding=Dense(), url=self.server.url, collection_name=self.name)
        self.addCleanup(again.client.close)
        self.assertEqual(self.texts(again.similarity_search("the cello", k=1)), [VIOLIN])

    def test_a_collection_of_another_shape_is_recognised(self):
        self.store()
        with self.assertRaisesRegex(QdrantVectorStoreError, "Selected embeddings are 2-dimensional"):
            QdrantVectorStore.from_existing_collection(
                embedding=Narrow(), url=self.server.url, collection_name=self.name)
        with self.assertRaisesRegex(QdrantVectorStoreError, "configured for COSINE similarity"):
            QdrantVectorStore.from_existing_collection(
                embedding=Dense(), url=self.server.url, collection_name=self.name, distance=models.Distance.DOT)
        with self.assertRaisesRegex(QdrantVectorStoreError, "does not contain sparse vectors"):
            QdrantVectorStore.from_existing_collection(
                embedding=Dense(), sparse_embedding=Sparse(), retrieval_mode=RetrievalMode.HYBRID,
                url=self.server.url, collection_name=self.name)

    def test_a_collection_may_be_made_anew(self):
        self.store()
        store = QdrantVectorStore.from_texts(
            ["one"], embedding=Narrow(), url=self.server.url, collection_name=self.name, force_recreate=True)
        self.addCleanup(store.client.close)
        self.assertEqual(self.texts(store.similarity_search("any", k=9)), ["one"])

    def test_sparse_vectors_alone(self):
        store = self.store(RetrievalMode.SPARSE)
        found = store.similarity_search_with_score("the march of the drums", k=8)
        self.assertEqual(self.texts(document for document, _ in found)[0], DRUMS)
        # the: 2 x 2, march, of and drums.
        self.assertAlmostEqual(found[0][1], 7.0)
        self.assertEqual({document.page_content for document, _ in found}, {DRUMS, GLACIERS, VIOLIN})

    def test_dense_and_sparse_vectors_are_fused(self):
        store = self.store(RetrievalMode.HYBRID)
        found = store.similarity_search_with_score("source code for a machine", k=4)
        self.assertEqual(found[0][0].page_content, COMPILER)
        # First in both lists: twice 1 / (2 + 0).
        self.assertAlmostEqual(found[0][1], 1.0)
        kitchen = models.Filter(must=[field("topic", match=models.MatchValue(value="kitchen"))])
        found = store.similarity_search("source code for a machine that turns", k=4, filter=kitchen)
        self.assertEqual(set(self.texts(found)), {YEAST, ONIONS})

    def test_a_named_vector(self):
        store = self.store(vector_name="words", distance=models.Distance.EUCLID)
        (document, score), = store.similarity_search_with_score(GLACIERS, k=1)
        self.assertEqual(document.page_content, GLACIERS)
        self.assertAlmostEqual(score, 0.0)

    def test_as_a_retriever(self):
        retriever = self.store().as_retriever(search_type="similarity", search_kwargs={"k": 1})
        self.assertEqual(self.texts(retriever.invoke("sweet onions")), [ONIONS])


if __name__ == "__main__":
    unittest.main()
