// Qdrant's JavaScript client against our server: QDRANT_CLIENT names the package, OMENDB_URL the server.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { beforeEach, test } from "node:test";
import { DIMENSIONS, DOCUMENTS, TEXTS, dense, sparse } from "./documents.mjs";

const { QdrantClient } = await import(process.env.QDRANT_CLIENT);
const [BEES, GLACIERS, YEAST, ONIONS, COMPILER, DATABASE, VIOLIN, DRUMS] = TEXTS;

const warnings = [];
console.warn = (...words) => warnings.push(words.join(" "));

const client = new QdrantClient({ url: process.env.OMENDB_URL });
let name;

beforeEach(() => {
  name = randomUUID();
});

const ids = (points) => points.map((point) => point.id);
const texts = (points) => points.map((point) => point.payload.text);
const where = (key, match) => ({ must: [{ key, match }] });

// The texts, named dense and sparse, with ids from 1.
async function createTexts() {
  await client.createCollection(name, {
    vectors: { dense: { size: DIMENSIONS, distance: "Cosine" } },
    sparse_vectors: { sparse: { modifier: "idf" } },
  });
  await client.upsert(name, {
    points: DOCUMENTS.map((document, number) => ({
      id: number + 1,
      vector: { dense: dense(document.text), sparse: sparse(document.text) },
      payload: document,
    })),
  });
}

async function createPlane(points = []) {
  await client.createCollection(name, { vectors: { size: 2, distance: "Euclid" } });
  if (points.length > 0) await client.upsert(name, { points });
}

// Nine points: id i lies at (i % 3, i // 3).
const grid = (payload) =>
  Array.from({ length: 9 }, (_, id) => ({ id, vector: [id % 3, Math.floor(id / 3)], payload: payload(id) }));

async function refusal(status, call) {
  const error = await call.then(
    () => assert.fail("nothing was refused"),
    (error) => error,
  );
  assert.equal(error.status, status, JSON.stringify(error.data));
  return error.data.status.error;
}

test("the client accepts the version", async () => {
  const { version, title } = await client.versionInfo();
  assert.match(version, /^\d+\.\d+\.\d+$/);
  assert.ok(title);
  assert.deepEqual(warnings, []);
});

test("a collection comes and goes", async () => {
  assert.deepEqual(await client.collectionExists(name), { exists: false });
  assert.equal(await client.createCollection(name, { vectors: { size: 3, distance: "Dot" } }), true);
  assert.deepEqual(await client.collectionExists(name), { exists: true });
  assert.ok((await client.getCollections()).collections.some((collection) => collection.name === name));
  const info = await client.getCollection(name);
  assert.deepEqual([info.status, info.points_count, info.optimizer_status], ["green", 0, "ok"]);
  assert.deepEqual(info.config.params.vectors, { size: 3, distance: "Dot" });
  assert.equal(await refusal(409, client.createCollection(name, { vectors: { size: 3, distance: "Dot" } })),
    `Wrong input: Collection \`${name}\` already exists!`);
  assert.equal(await client.recreateCollection(name, { vectors: { size: 4, distance: "Dot" } }), true);
  assert.equal((await client.getCollection(name)).config.params.vectors.size, 4);
  assert.equal(await client.deleteCollection(name), true);
  assert.equal(await refusal(404, client.getCollection(name)), `Not found: Collection \`${name}\` doesn't exist!`);
});

test("the text that shares words is found first", async () => {
  await createTexts();
  const { points } = await client.query(name, {
    query: dense("bread from flour"), using: "dense", limit: 2, with_payload: true,
  });
  assert.deepEqual([points[0].id, points[0].payload], [3, DOCUMENTS[2]]);
  assert.equal(points.length, 2);
  assert.ok(points[0].score > points[1].score);
});

test("filters narrow a search", async () => {
  await createTexts();
  const cases = [
    [where("topic", { value: "music" }), [VIOLIN, DRUMS]],
    [where("tags", { any: ["plants", "ice"] }), [BEES, GLACIERS, ONIONS]],
    [{ must: [{ key: "year", range: { gte: 2023 } }] }, [ONIONS, DATABASE]],
    [{ must_not: [where("topic", { any: ["nature", "music"] })], should: [{ has_id: [4, 5] }] }, [ONIONS, COMPILER]],
    [{ must: [{ is_empty: { key: "tags" } }] }, [COMPILER]],
    [{}, TEXTS],
  ];
  for (const [filter, want] of cases) {
    const { points } = await client.query(name, {
      query: dense("the code"), using: "dense", limit: 20, filter, with_payload: true,
    });
    assert.deepEqual(texts(points).sort(), [...want].sort(), JSON.stringify(filter));
    assert.deepEqual(await client.count(name, { filter }), { count: want.length });
  }
});

test("sparse vectors and fusion", async () => {
  await createTexts();
  const question = "the violin";
  const found = await client.query(name, { query: sparse("pollen"), using: "sparse", with_payload: ["text"] });
  assert.deepEqual(found.points.map((point) => point.payload), [{ text: BEES }]);
  const fused = await client.query(name, {
    prefetch: [
      { query: dense(question), using: "dense", limit: 5 },
      { query: sparse(question), using: "sparse", limit: 5 },
    ],
    query: { fusion: "rrf" },
    limit: 3,
    with_payload: true,
  });
  assert.equal(texts(fused.points)[0], VIOLIN);
  assert.equal(fused.points[0].score, 1);
});

test("several questions and groups", async () => {
  await createTexts();
  const answers = await client.queryBatch(name, {
    searches: ["bees", "drums"].map((word) => ({ query: dense(word), using: "dense", limit: 1, with_payload: true })),
  });
  assert.deepEqual(answers.map((answer) => texts(answer.points)), [[BEES], [DRUMS]]);
  const { groups } = await client.queryGroups(name, {
    query: dense("sweet onions in machine code"), using: "dense", with_payload: true,
    group_by: "topic", group_size: 1, limit: 2,
  });
  assert.deepEqual(new Map(groups.map((group) => [group.id, texts(group.hits)[0]])),
    new Map([["kitchen", ONIONS], ["computers", COMPILER]]));
});

test("points in columns, read back as they were", async () => {
  await createPlane();
  const uuid = "f47ac10b-58cc-4372-a567-0e02b2c3d479";
  const written = await client.upsert(name, {
    batch: {
      ids: [7, uuid],
      vectors: [[0.19, 0.1], [1e-7, 1.2345678e18]],
      payloads: [{ a: { b: [1, null, "ü"] } }, null],
    },
  });
  assert.equal(written.status, "completed");
  const points = await client.retrieve(name, { ids: [uuid, 7, 8], with_vector: true });
  assert.deepEqual(points.map((point) => [point.id, point.vector]), [[uuid, [1e-7, 1.2345678e18]], [7, [0.19, 0.1]]]);
  assert.deepEqual(points[1].payload, { a: { b: [1, null, "ü"] } });
});

test("whole numbers beyond the exact range of JavaScript's arrive as they are", async () => {
  await createPlane([{ id: 2 ** 53 - 1, vector: [1, 1], payload: { at: Number.MAX_SAFE_INTEGER } }]);
  const [point] = await client.retrieve(name, { ids: [Number.MAX_SAFE_INTEGER] });
  assert.deepEqual([point.id, point.payload], [Number.MAX_SAFE_INTEGER, { at: Number.MAX_SAFE_INTEGER }]);
});

test("waiting or not", async () => {
  await createPlane();
  const upsert = (id, wait) => client.upsert(name, { wait, points: [{ id, vector: [1, 1] }] });
  assert.equal((await upsert(1, false)).status, "acknowledged");
  assert.equal((await upsert(2, true)).status, "completed");
  const index = { field_name: "a", field_schema: "integer" };
  assert.equal((await client.createPayloadIndex(name, index)).status, "acknowledged");
  assert.equal((await client.createPayloadIndex(name, { ...index, wait: true })).status, "completed");
  assert.equal((await client.getCollection(name)).payload_schema.a.data_type, "integer");
  assert.equal((await client.deletePayloadIndex(name, "a")).status, "completed");
  assert.deepEqual((await client.getCollection(name)).payload_schema, {});
  assert.deepEqual(await client.count(name), { count: 2 });
});

test("pages", async () => {
  await createPlane(Array.from({ length: 25 }, (_, id) => ({ id, vector: [id, 0], payload: { id } })));
  const walked = [];
  let offset;
  do {
    const page = await client.scroll(name, { limit: 10, offset });
    walked.push(...ids(page.points));
    offset = page.next_page_offset;
  } while (offset !== null && offset !== undefined);
  assert.deepEqual(walked, [...Array(25).keys()]);
  await client.createPayloadIndex(name, { field_name: "id", field_schema: "integer", wait: true });
  const last = await client.scroll(name, { limit: 3, order_by: { key: "id", direction: "desc" } });
  assert.deepEqual(ids(last.points), [24, 23, 22]);
});

test("payloads change", async () => {
  const payloads = async () => (await client.scroll(name, { limit: 100 })).points.map((point) => point.payload);
  await createPlane([1, 2, 3].map((id) => ({ id, vector: [id, 0], payload: { a: id } })));
  await client.setPayload(name, { payload: { b: true }, points: [1] });
  await client.setPayload(name, { payload: { c: 1 }, filter: where("a", { value: 2 }), key: "deep" });
  await client.overwritePayload(name, { payload: { new: [] }, points: [3] });
  assert.deepEqual(await payloads(), [{ a: 1, b: true }, { a: 2, deep: { c: 1 } }, { new: [] }]);
  await client.deletePayload(name, { keys: ["a"], points: [1, 2] });
  await client.clearPayload(name, { points: [3] });
  assert.deepEqual(await payloads(), [{ b: true }, { deep: { c: 1 } }, {}]);
});

test("vectors change and points go", async () => {
  await createTexts();
  await client.updateVectors(name, { points: [{ id: 1, vector: { dense: dense("drums drums") } }] });
  const { points } = await client.query(name, { query: dense("drums"), using: "dense", limit: 1 });
  assert.deepEqual(ids(points), [1]);
  await client.deleteVectors(name, { points: [1], vector: ["sparse"] });
  const [first] = await client.retrieve(name, { ids: [1], with_vector: true });
  assert.deepEqual(Object.keys(first.vector), ["dense"]);
  await client.delete(name, { wait: true, points: [1, 2] });
  await client.delete(name, { wait: true, filter: where("topic", { value: "music" }) });
  assert.deepEqual(await client.count(name), { count: 4 });
});

test("several changes in one request", async () => {
  await createPlane([{ id: 1, vector: [1, 1] }]);
  const results = await client.batchUpdate(name, {
    operations: [
      { upsert: { points: [{ id: 2, vector: [2, 2], payload: { a: 1 } }] } },
      { set_payload: { payload: { b: 2 }, points: [2] } },
      { delete: { points: [1] } },
    ],
  });
  assert.deepEqual(results.map((result) => result.status), ["completed", "completed", "completed"]);
  const { points } = await client.scroll(name);
  assert.deepEqual(points.map(({ id, payload }) => [id, payload]), [[2, { a: 1, b: 2 }]]);
});

test("recommendations, facets and distances among points", async () => {
  await createPlane(grid((id) => ({ row: `row ${Math.floor(id / 3)}` })));
  const { points } = await client.query(name, { query: { recommend: { positive: [8, 5], negative: [0] } }, limit: 1 });
  assert.deepEqual(ids(points), [7]);
  await client.createPayloadIndex(name, { field_name: "row", field_schema: "keyword", wait: true });
  const { hits } = await client.facet(name, { key: "row", exact: true });
  assert.deepEqual(hits, [0, 1, 2].map((row) => ({ value: `row ${row}`, count: 3 })));
  const { pairs } = await client.searchMatrixPairs(name, { sample: 9, limit: 1 });
  assert.equal(pairs.length, 9);
  assert.ok(pairs.every((pair) => pair.score === 1));
  const matrix = await client.searchMatrixOffsets(name, { sample: 9, limit: 1 });
  assert.deepEqual([...matrix.ids].sort(), [...Array(9).keys()]);
});

test("aliases", async () => {
  await createPlane([{ id: 5, vector: [1, 1] }]);
  const alias = randomUUID();
  await client.updateCollectionAliases({ actions: [{ create_alias: { collection_name: name, alias_name: alias } }] });
  const { aliases } = await client.getCollectionAliases(name);
  assert.deepEqual(aliases, [{ alias_name: alias, collection_name: name }]);
  assert.deepEqual(ids((await client.scroll(alias)).points), [5]);
  assert.ok((await client.getAliases()).aliases.some((entry) => entry.alias_name === alias));
});

test("metadata and settings", async () => {
  await client.createCollection(name, { vectors: { size: 2, distance: "Dot" }, hnsw_config: { m: 8 } });
  await client.updateCollection(name, { optimizers_config: { indexing_threshold: 777 } });
  const { config } = await client.getCollection(name);
  assert.deepEqual([config.hnsw_config.m, config.optimizer_config.indexing_threshold], [8, 777]);
});

test("what cannot be is refused", async () => {
  await createPlane([{ id: 1, vector: [1, 1] }]);
  assert.equal(await refusal(400, client.upsert(name, { points: [{ id: 2, vector: [1, 2, 3] }] })),
    "Wrong input: Vector dimension error: expected dim: 2, got 3");
  assert.equal(await refusal(404, client.query(name, { query: 77 })), "Not found: No point with id 77 found");
  await refusal(400, client.upsert(name, { points: [{ id: "one", vector: [1, 2] }] }));
  await refusal(400, client.query(name, { query: [1, 2], filter: { most: [] } }));
});

// Version 1.19 of the client no longer has the endpoints of old; programs with older ones go on calling them.
if (client.search) {
  test("searches as they used to be", async () => {
    await createPlane(grid((id) => ({ id })));
    const found = await client.search(name, { vector: [2.1, 2], limit: 2, with_payload: true });
    assert.deepEqual(found.map((point) => [point.id, point.payload]), [[8, { id: 8 }], [5, { id: 5 }]]);
    const searches = [{ vector: [0, 0], limit: 1 }, { vector: [2, 2], limit: 1 }];
    const batch = await client.searchBatch(name, { searches });
    assert.deepEqual(batch.map(ids), [[0], [8]]);
    assert.deepEqual(ids(await client.recommend(name, { positive: [8, 5], negative: [0], limit: 1 })), [7]);
    const { groups } = await client.searchPointGroups(name, {
      vector: [2.1, 2], group_by: "id", limit: 2, group_size: 1,
    });
    assert.deepEqual(groups.map((group) => [group.id, ids(group.hits)]), [[8, [8]], [5, [5]]]);
  });
}
