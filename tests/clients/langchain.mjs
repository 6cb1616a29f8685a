// LangChain's vector store for Qdrant, in JavaScript, against our server at OMENDB_URL.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { beforeEach, test } from "node:test";
import { Document } from "@langchain/core/documents";
import { Embeddings } from "@langchain/core/embeddings";
import { QdrantVectorStore } from "@langchain/qdrant";
import { DOCUMENTS, TEXTS, dense } from "./documents.mjs";

const [BEES, , YEAST, ONIONS, , , VIOLIN, DRUMS] = TEXTS;

class Words extends Embeddings {
  constructor() {
    super({});
  }

  async embedDocuments(texts) {
    return texts.map(dense);
  }

  async embedQuery(text) {
    return dense(text);
  }
}

let where;

beforeEach(() => {
  where = { url: process.env.OMENDB_URL, collectionName: randomUUID() };
});

const contents = (documents) => documents.map((document) => document.pageContent);

async function store() {
  const metadatas = DOCUMENTS.map(({ topic, year }) => ({ topic, year }));
  return QdrantVectorStore.fromTexts(TEXTS, metadatas, new Words(), where);
}

test("the text that shares words is found first", async () => {
  const words = await store();
  const [[document, score], second] = await words.similaritySearchWithScore("a cello in the second movement", 2);
  assert.equal(document.pageContent, VIOLIN);
  assert.deepEqual(document.metadata, { topic: "music", year: 2022 });
  assert.match(document.id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.ok(score > second[1]);
});

test("filters", async () => {
  const filter = {
    must: [{ key: "metadata.topic", match: { value: "kitchen" } }],
    must_not: [{ key: "metadata.year", range: { lt: 2023 } }],
  };
  assert.deepEqual(contents(await (await store()).similaritySearch("bees", 8, filter)), [ONIONS]);
});

test("marginal relevance prefers what is different", async () => {
  const words = await store();
  const near = "Bees carry pollen from flower to the flower";
  await words.addDocuments([new Document({ pageContent: near, metadata: {} })]);
  assert.deepEqual(contents(await words.similaritySearch(BEES, 2)), [BEES, near]);
  const apart = contents(await words.maxMarginalRelevanceSearch(BEES, { k: 2, fetchK: 9, lambda: 0.9 }));
  assert.equal(apart[0], BEES);
  assert.notEqual(apart[1], near);
});

test("documents are added and deleted", async () => {
  const words = await store();
  const [first, second] = [randomUUID(), 77];
  await words.addDocuments(
    ["a march of bees", "a march of onions"].map((pageContent) => new Document({ pageContent })),
    { ids: [first, second], customPayload: [{ extra: 1 }, undefined] },
  );
  assert.equal(contents(await words.similaritySearch("march of bees", 1))[0], "a march of bees");
  await words.delete({ ids: [first, second] });
  await words.delete({ filter: { must: [{ key: "metadata.topic", match: { value: "music" } }] } });
  const left = contents(await words.similaritySearch("march of bees", 20));
  assert.equal(left.length, TEXTS.length - 2);
  assert.ok(!left.includes(DRUMS));
});

test("a collection is opened again", async () => {
  await store();
  const again = await QdrantVectorStore.fromExistingCollection(new Words(), where);
  assert.deepEqual(contents(await again.asRetriever(1).invoke("bread")), [YEAST]);
});
