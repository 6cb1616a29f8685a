#include "server/points_reader.h"

#include <gtest/gtest.h>

#include "server/http/body.h"

namespace omendb {
namespace {

// The unnamed vector of 2, "image" of 3, and sparse "words".
const CollectionOptions& options() {
  static const CollectionOptions kOptions{
      .dimensions = 2, .vectors = {{.name = "image", .dimensions = 3}}, .sparse_vectors = {{.name = "words"}}};
  return kOptions;
}

struct Read {
  explicit Read(std::string_view text) : outcome(Refusal(0, "")) {
    body.append(text);
    outcome = read_points(body.text(), options());
  }
  HttpBody body;
  Outcome<PointsRequest> outcome;
};

TEST(PointsReader, ReadsPointsIntoColumns) {
  Read read(R"({"points": [
      {"id": 1, "vector": [0.5, -2e-3], "payload": {"a": [1, 2.50]}},
      {"vector": {"image": [1, 2, 3], "words": {"indices": [9, 5], "values": [1, 0.5]}}, "id": "550E8400E29B41D4A716446655440000", "what": [{}]},
      {"payload": null, "id": 18446744073709551615, "vector": {"": [1, 2], "words": {"values": [3], "indices": [7]}}},
      {"id": 4, "vector": {}}]})");
  ASSERT_TRUE(read.outcome.ok()) << read.outcome.error().text;
  const Batch& batch = read.outcome->points.batch();
  ASSERT_EQ(batch.ids.size(), 4U);
  EXPECT_EQ(batch.ids[1].to_string(), "550e8400-e29b-41d4-a716-446655440000");
  EXPECT_EQ(batch.ids[2].number(), UINT64_MAX);
  ASSERT_EQ(batch.payloads.size(), 4U);
  EXPECT_EQ(batch.payloads[0], R"({"a": [1, 2.50]})");
  EXPECT_EQ(batch.payloads[2], "");
  ASSERT_EQ(batch.columns.size(), 2U);
  EXPECT_EQ(batch.columns[0].name, "");
  EXPECT_EQ(std::vector<float>(batch.columns[0].vectors.begin(), batch.columns[0].vectors.end()),
            (std::vector<float>{0.5F, -2e-3F, 1, 2}));
  EXPECT_EQ(std::vector<std::uint8_t>(batch.columns[0].present.begin(), batch.columns[0].present.end()),
            (std::vector<std::uint8_t>{1, 0, 1, 0}));
  EXPECT_EQ(batch.columns[1].vectors.size(), 3U);
  ASSERT_EQ(batch.sparse_columns.size(), 1U);
  EXPECT_EQ(batch.sparse_columns[0].vectors[1].indices[0], 9U);
  EXPECT_EQ(batch.sparse_columns[0].vectors[2].values[0], 3.0F);
  EXPECT_EQ(batch.sparse_columns[0].vectors[2].values.size(), 1U);
}

TEST(PointsReader, ReadsColumnsAsWell) {
  Read read(
      R"({"batch": {"ids": [1, 2], "vectors": {"": [[1, 2], [3, 4]], "image": [[1, 2, 3], [4, 5, 6]]}, "payloads": [null, {"a": 1}]}})");
  ASSERT_TRUE(read.outcome.ok()) << read.outcome.error().text;
  const Batch& batch = read.outcome->points.batch();
  EXPECT_EQ(batch.ids.size(), 2U);
  EXPECT_EQ(batch.columns[1].vectors[5], 6);
  EXPECT_EQ(batch.payloads[1], R"({"a": 1})");
}

TEST(PointsReader, ReadsHowToPutThem) {
  Read read(
      R"({"update_mode": "insert_only", "points": [], "update_filter": {"must": [{"key": "a", "match": {"value": 1}}]}, "shard_key": null})");
  ASSERT_TRUE(read.outcome.ok()) << read.outcome.error().text;
  EXPECT_EQ(read.outcome->mode, UpsertMode::InsertOnly);
  ASSERT_TRUE(read.outcome->update_filter.has_value());
  EXPECT_EQ(read.outcome->update_filter->must.size(), 1U);
}

TEST(PointsReader, AVectorGivenTwiceIsTheLast) {
  Read read(R"({"points": [{"id": 1, "vector": {"": [1, 2], "": [3, 4]}}]})");
  ASSERT_TRUE(read.outcome.ok());
  EXPECT_EQ(read.outcome->points.batch().columns[0].vectors.size(), 2U);
  EXPECT_EQ(read.outcome->points.batch().columns[0].vectors[0], 3);
}

TEST(PointsReader, RefusesWhatIsNotRight) {
  struct Case {
    const char* json;
    int status;
    const char* text;  // its beginning
  };
  const Case cases[] = {
      {"", 400, "Format error in JSON body: "},
      {"[]", 400, "Format error in JSON body: "},
      {"{}", 400, "Format error in JSON body: data did not match any variant"},
      {R"({"points": [{"id": 1, "vector": [1, 2]})", 400, "Format error in JSON body: "},
      {R"({"points": [{"id": 1, "vector": [1, 2]}]} x)", 400, "Format error in JSON body: "},
      {R"({"points": [{"id": 1, "vector": [1, 2]}], "points": []})", 400,
       "Format error in JSON body: points are given twice"},
      {R"({"points": [{"id": "1", "vector": [1, 2]}]})", 400,
       "Format error in JSON body: value 1 is not a valid point ID"},
      {R"({"points": [{"id": -1, "vector": [1, 2]}]})", 400, "Format error in JSON body: value number -1"},
      {R"({"points": [{"id": 1.5, "vector": [1, 2]}]})", 400, "Format error in JSON body: value number 1.5"},
      {R"({"points": [{"vector": [1, 2]}]})", 400, "Format error in JSON body: missing field `id` (points[0])"},
      {R"({"points": [{"id": 1, "vector": [1, 2]}, {"id": 1}]})", 400,
       "Format error in JSON body: missing field `vector` (points[1])"},
      {R"({"points": [{"id": 1, "vector": [1, 2, 3]}]})", 400,
       "Wrong input: Vector dimension error: expected dim: 2, got 3"},
      {R"({"points": [{"id": 1, "vector": [1]}]})", 400, "Wrong input: Vector dimension error: expected dim: 2, got 1"},
      {R"({"points": [{"id": 1, "vector": [1, null]}]})", 400, "Format error in JSON body: "},
      {R"({"points": [{"id": 1, "vector": [1, "2"]}]})", 400, "Format error in JSON body: "},
      {R"({"points": [{"id": 1, "vector": [[1, 2]]}]})", 400, "Bad request: multivectors are not supported"},
      {R"({"points": [{"id": 1, "vector": {"b": [1, 2]}}]})", 400, "Wrong input: Not existing vector name error: b"},
      {R"({"points": [{"id": 1, "vector": {"text": "cat", "model": "m"}}]})", 400,
       "Bad request: this server has no models"},
      {R"({"points": [{"id": 1, "vector": {"words": {"text": "cat", "model": "bm25"}}}]})", 400,
       "Bad request: this server has no models"},
      {R"({"points": [{"id": 1, "vector": {"words": [1]}}]})", 400, "Wrong input: "},
      {R"({"points": [{"id": 1, "vector": {"image": {"indices": [1], "values": [1]}}}]})", 400,
       "Wrong input: Conversion"},
      {R"({"points": [{"id": 1, "vector": {"words": {"indices": [1, 2], "values": [1]}}}]})", 422,
       "Validation error in JSON body: ["},
      {R"({"points": [{"id": 1, "vector": {"words": {"indices": [2, 2], "values": [1, 2]}}}]})", 422,
       "Validation error in JSON body: [indices: must be unique"},
      {R"({"points": [{"id": 1, "vector": {"words": {"indices": [4294967296], "values": [1]}}}]})", 400,
       "Format error in JSON body: "},
      {R"({"points": [{"id": 1, "vector": [1, 2], "payload": [1]}]})", 400, "Format error in JSON body: "},
      {R"({"points": [{"id": 1, "vector": [1, 2], "payload": nu\ll}]})", 400, "Format error in JSON body: "},
      {R"({"batch": {"ids": [1], "vectors": [[1, 2]], "payloads": nulL}})", 400, "Format error in JSON body: "},
      {R"({"batch": {"ids": [1, 2], "vectors": [[1, 2]]}})", 422,
       "Validation error in JSON body: [batch: number of ids (2) and vectors (1)"},
      {R"({"batch": {"ids": [1], "vectors": [[1, 2]], "payloads": []}})", 422,
       "Validation error in JSON body: [batch: number of ids (1) and payloads (0)"},
      {R"({"points": [], "update_mode": "upsurt"})", 400, "Format error in JSON body: unknown variant `upsurt`"},
      {R"({"points": [], "update_filter": {"nust": []}})", 400, "Format error in JSON body: filter: "},
      {R"({"points": [], "shard_key": "a"})", 400, "Bad request: shard_key is not supported"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.json);
    const Read read(c.json);
    ASSERT_FALSE(read.outcome.ok());
    EXPECT_EQ(read.outcome.error().status, c.status);
    EXPECT_EQ(read.outcome.error().text.substr(0, std::string_view(c.text).size()), c.text);
  }
}

}  // namespace
}  // namespace omendb
