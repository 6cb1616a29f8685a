#include "server/json.h"

#include <gtest/gtest.h>

#include "server/http/body.h"

namespace omendb {
namespace {

// A body with its document.
struct Parsed {
  explicit Parsed(std::string_view text) { body.append(text); }
  HttpBody body;
  Outcome<JsonDocument> document = JsonDocument::parse("");
  const Json& root() {
    document = JsonDocument::parse(body.text());
    EXPECT_TRUE(document.ok()) << document.error().text;
    return document->root();
  }
};

TEST(Json, FindsValuesOfEveryKindWithTheirTexts) {
  Parsed parsed(R"( {"s": "a\"b", "i": -3, "u": 18446744073709551615, "d": 1.50, "n": null, "t": true,
                     "a": [1, [2, 3] ], "o": {"x": {"y": [] } , "z":""} } )");
  const Json& root = parsed.root();
  EXPECT_EQ(root.find("s")->text(), "a\"b");
  EXPECT_EQ(root.find("i")->as_double(), -3);
  EXPECT_EQ(root.find("u")->as_bits(), 18446744073709551615U);
  EXPECT_EQ(root.find("d")->text(), "1.50");
  EXPECT_EQ(root.find("n"), nullptr);
  EXPECT_TRUE(root.find("t")->as_bool());
  EXPECT_EQ(root.find("a")->text(), "[1, [2, 3] ]");
  EXPECT_EQ(root.find("a")->items()[1].text(), "[2, 3]");
  EXPECT_EQ(root.find("o")->text(), R"({"x": {"y": [] } , "z":""})");
  EXPECT_EQ(root.find("o")->find("x")->text(), R"({"y": [] })");
  EXPECT_EQ(root.find("missing"), nullptr);
}

TEST(Json, RefusesWhatDoesNotParse) {
  const char* cases[] = {"",        "  ",    "{",   "[1,]",       "{\"a\" 1}", "tru", "{\"a\": 1} x",
                         "\"\\x\"", "[1 2]", "nul", "{\"a\": 01}"};
  for (const char* text : cases) {
    SCOPED_TRACE(text);
    HttpBody body;
    body.append(text);
    const auto document = JsonDocument::parse(body.text());
    ASSERT_FALSE(document.ok());
    EXPECT_EQ(document.error().status, 400);
    EXPECT_TRUE(document.error().text.starts_with("Format error in JSON body: ")) << document.error().text;
  }
}

TEST(Json, RefusesDepthsBeyondItsLimit) {
  for (const std::size_t depth : {std::size_t{64}, std::size_t{65}}) {
    HttpBody body;
    body.append(std::string(depth, '[') + std::string(depth, ']'));
    EXPECT_EQ(JsonDocument::parse(body.text()).ok(), depth == 64);
  }
}

TEST(Json, SaysWhatItExpected) {
  Parsed parsed(R"({"a": "x", "b": -1, "c": 1.5, "id": "1"})");
  const Json& root = parsed.root();
  EXPECT_EQ(need(root, "d").error().text, "Format error in JSON body: missing field `d`");
  EXPECT_EQ(read_unsigned(*root.find("a"), "a").error().text,
            "Format error in JSON body: a: invalid type: string \"x\", expected an unsigned integer");
  EXPECT_EQ(read_unsigned(*root.find("b"), "b").error().text,
            "Format error in JSON body: b: invalid value: integer `-1`, expected an unsigned integer");
  EXPECT_FALSE(read_unsigned(*root.find("c"), "c").ok());
  EXPECT_FALSE(read_point_id(*root.find("id"), "id").ok());
}

TEST(Json, BoundsAreToldTheWayTheyAreTested) {
  EXPECT_EQ(in_bounds(65'537, "vectors.size", 1, 65'536).error().text,
            "Validation error in JSON body: [vectors.size: value 65537 invalid, must be from 1 to 65536]");
  EXPECT_EQ(in_bounds(65'537, "vectors.size", 1, 65'536).error().status, 422);
  EXPECT_EQ(in_bounds(0, "limit", 1, UINT64_MAX).error().text,
            "Validation error in JSON body: [limit: value 0 invalid, must be 1 or larger]");
  EXPECT_TRUE(in_bounds(1, "limit", 1, 1).ok());
}

TEST(Json, ReadsIdsAndFloats) {
  Parsed parsed(R"({"ids": [1, "550e8400e29b41d4a716446655440000"], "v": [1, 0.5, -2e-3]})");
  const Json& root = parsed.root();
  const auto ids = read_point_ids(*root.find("ids"), "ids");
  ASSERT_TRUE(ids.ok());
  EXPECT_EQ((*ids)[1].to_string(), "550e8400-e29b-41d4-a716-446655440000");
  EXPECT_EQ(*read_floats(*root.find("v"), "v"), (std::vector<float>{1, 0.5F, -2e-3F}));
}

TEST(Json, IsReadOnlyWhereMemoryCoversIt) {
  RequestMemory memory(std::size_t{1} << 20);
  std::string text = "[1";
  while (text.size() < 65'536) text += ",1";
  text += "]";
  HttpBody body;
  body.append(text);
  {
    MemoryLease lease(memory);
    const Outcome<JsonDocument> tree = JsonDocument::parse(body.text(), &lease);
    ASSERT_FALSE(tree.ok());
    EXPECT_EQ(tree.error().status, 413) << "32,768 values are larger than all there is";
  }
  {
    RequestMemory for_the_tree_alone(3'500'000);
    MemoryLease lease(for_the_tree_alone);
    EXPECT_FALSE(JsonDocument::parse(body.text(), &lease).ok()) << "its text and its parser need some, too";
  }
  RequestMemory enough(std::size_t{8} << 20);
  MemoryLease lease(enough);
  EXPECT_TRUE(JsonDocument::parse(body.text(), &lease).ok());
  MemoryLease other(enough);
  EXPECT_TRUE(other.cover(enough.limit() - enough.used()));
  MemoryLease late(enough);
  const Outcome<JsonDocument> refused = JsonDocument::parse(body.text(), &late);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().status, 429);
}

}  // namespace
}  // namespace omendb
