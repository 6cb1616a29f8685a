// Field indexes against payloads: whatever the values, the tests and the parts, an index never changes an answer.
#include "payload/indexed_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>
#include <set>

#include "payload/field_part_builder.h"

namespace omendb {
namespace {

using ::testing::ElementsAre;

FieldIndex index_of(const std::vector<std::string>& payloads, std::string_view key, FieldType type,
                    const std::vector<std::uint32_t>& part_ends) {
  FieldIndex index = FieldIndex::create(key, type).value();
  simdjson::dom::parser parser;
  std::uint32_t row = 0;
  for (const std::uint32_t end : part_ends) {
    FieldPartBuilder builder(type, Row{row});
    for (; row < end; ++row) {
      if (payloads[row].empty()) {
        builder.add_nothing();
      } else {
        builder.add(index.path(), parser.parse(payloads[row]).value());
      }
    }
    index = index.with(std::move(builder).build());
  }
  return index;
}

class Point final : public FilterSubject {
 public:
  Point(const std::vector<std::string>& payloads, std::uint32_t row, const IndexedFilter* indexed)
      : payloads_(payloads), row_(row), indexed_(indexed) {}
  PointId id() const override { return row_; }
  std::string_view payload() const override {
    ++payloads_read;
    return payloads_[row_];
  }
  bool has_vector(std::string_view) const override { return false; }
  std::optional<bool> meets(std::size_t condition) const override {
    return indexed_ == nullptr ? std::nullopt : indexed_->meets(condition, Row{row_});
  }

  static inline std::uint64_t payloads_read = 0;

 private:
  const std::vector<std::string>& payloads_;
  std::uint32_t row_;
  const IndexedFilter* indexed_;
};

class Source final : public RowSource {
 public:
  explicit Source(const IndexedFilter& indexed) : indexed_(indexed) {}
  std::optional<std::uint64_t> rows_max(std::size_t condition) const override { return indexed_.rows_max(condition); }
  void for_each_row(std::size_t condition, FunctionRef<void(Row, bool)> visit) const override {
    indexed_.for_each_row(condition, visit);
  }
  void for_each_row(PointId id, FunctionRef<void(Row, bool)> visit) const override { visit(row_at(id.number()), true); }
  KnownRows known_rows(std::size_t condition) const override { return indexed_.known_rows(condition); }
  std::uint32_t rows_end() const override { return indexed_.rows_end(); }

 private:
  const IndexedFilter& indexed_;
};

// Rows that match, asked one by one; as the index lists them if it can.
std::set<std::uint32_t> matching(const std::vector<std::string>& payloads, const Filter& filter,
                                 const FieldIndexes* indexes) {
  const FilterCheck check = FilterCheck::compile(filter).value();
  const auto rows = static_cast<std::uint32_t>(payloads.size());
  std::set<std::uint32_t> found;
  std::optional<IndexedFilter> indexed;
  if (indexes != nullptr) indexed.emplace(check, *indexes, rows);
  const auto ask = [&](Row row) {
    if (check.matches(Point(payloads, index(row), indexed ? &*indexed : nullptr))) found.insert(index(row));
  };
  for (std::uint32_t row = 0; row < rows; ++row) ask(Row{row});
  if (!indexed) return found;

  const Source source(*indexed);
  const std::set<std::uint32_t> one_by_one = std::exchange(found, {});
  const KnownRows known = check.known_rows(source);
  known.possible.for_each([&](Row row) {
    if (known.unsure.contains(row)) {
      ask(row);
    } else {
      found.insert(index(row));
    }
  });
  EXPECT_EQ(std::exchange(found, {}), one_by_one) << "as sets, and asked one by one";

  const std::optional<std::uint64_t> rows_max = check.candidates_max(source);
  if (!rows_max) return one_by_one;
  std::uint64_t listed = 0;
  check.for_each_candidate(source, [&](Row row, bool certain) {
    ++listed;
    if (certain) {
      found.insert(index(row));
    } else {
      ask(row);
    }
  });
  EXPECT_LE(listed, *rows_max);
  EXPECT_EQ(found, one_by_one) << "listed, and asked one by one";
  return found;
}

TEST(IndexedFilter, AnswersWithoutReadingPayloads) {
  std::vector<std::string> payloads;
  for (int i = 0; i < 100; ++i) payloads.push_back("{\"city\": \"c" + std::to_string(i % 10) + "\", \"n\": " + std::to_string(i) + "}");
  const FieldIndexes indexes = {index_of(payloads, "city", FieldType::Keyword, {30, 60, 100}),
                                index_of(payloads, "n", FieldType::Integer, {100})};
  const Filter filter = parse_filter(R"({"must": [{"key": "city", "match": {"value": "c3"}}],
                                         "must_not": [{"key": "n", "range": {"gte": 20, "lt": 90}}]})").value();
  Point::payloads_read = 0;
  EXPECT_THAT(matching(payloads, filter, &indexes), ElementsAre(3, 13, 93));
  EXPECT_EQ(Point::payloads_read, 0u);
}

TEST(IndexedFilter, ListsTheFewestRows) {
  std::vector<std::string> payloads;
  for (int i = 0; i < 1'000; ++i) {
    payloads.push_back("{\"city\": \"c" + std::to_string(i % 10) + "\", \"n\": " + std::to_string(i) + "}");
  }
  const FieldIndexes indexes = {index_of(payloads, "city", FieldType::Keyword, {1'000}),
                                index_of(payloads, "n", FieldType::Integer, {1'000})};
  const auto rows_max = [&](const char* json) {
    const FilterCheck check = FilterCheck::compile(parse_filter(json).value()).value();
    const IndexedFilter indexed(check, indexes, 1'000);
    return check.candidates_max(Source(indexed));
  };
  EXPECT_EQ(rows_max(R"({"must": [{"key": "city", "match": {"value": "c3"}}, {"key": "n", "range": {"lt": 7}}]})"), 7u);
  EXPECT_EQ(rows_max(R"({"should": [{"key": "n", "match": {"any": [1, 2]}}, {"key": "n", "range": {"lt": 7}}]})"), 9u);
  EXPECT_EQ(rows_max(R"({"must": [{"has_id": [1, 2, 3]}, {"key": "n", "range": {"lt": 7}}]})"), 3u);
  EXPECT_EQ(rows_max(R"({"must_not": [{"key": "n", "range": {"lt": 7}}]})"), std::nullopt);
  EXPECT_EQ(rows_max(R"({"should": [{"key": "n", "range": {"lt": 7}}, {"key": "m", "range": {"lt": 7}}]})"),
            std::nullopt);
}

// A View may be older than the indexes.
TEST(IndexedFilter, KnowsRowsOfItsViewAlone) {
  std::vector<std::string> payloads(100, R"({"n": 1})");
  const FieldIndexes indexes = {index_of(payloads, "n", FieldType::Integer, {100})};
  const FilterCheck check = FilterCheck::compile(parse_filter(R"({"must": {"key": "n", "match": {"value": 1}}})").value()).value();
  const IndexedFilter indexed(check, indexes, 40);
  const KnownRows known = check.known_rows(Source(indexed));
  EXPECT_EQ(known.possible.size(), 40u);
  EXPECT_EQ(known.unsure.size(), 0u);
}

TEST(IndexedFilter, KnowsNothingOfWhatIsNested) {
  const std::vector<std::string> payloads = {R"({"f": [{"g": 1}], "g": 2})", R"({"f": [{"g": 2}], "g": 1})"};
  const FieldIndexes indexes = {index_of(payloads, "g", FieldType::Integer, {2})};
  const Filter filter = parse_filter(R"({"must": {"nested": {"key": "f", "filter": {
      "must": {"key": "g", "match": {"value": 1}}}}}})").value();
  EXPECT_THAT(matching(payloads, filter, &indexes), ElementsAre(0));
}

TEST(FieldPart, IsAtRestWhatItWas) {
  const std::vector<std::string> payloads = {R"({"f": ["b", "a"]})", "", R"({"f": 1})", R"({"f": "b"})"};
  const FieldIndex index = index_of(payloads, "f", FieldType::Keyword, {4});
  const FieldPart& written = *index.parts()[0];
  const FieldPartIdentity identity{.collection = 1, .generation = 2, .field = 3};
  const Bytes bytes = written.encode(identity);
  const FieldPart read = FieldPart::decode(bytes, identity).value();
  EXPECT_EQ(read.encode(identity), bytes);
  EXPECT_EQ(read.rows().end, 4u);
  const FieldTest is_b = MatchValue{std::string("b")};
  for (std::uint32_t row = 0; row < 4; ++row) {
    EXPECT_EQ(read.passes(*read.match(is_b), Row{row}), row == 0 || row == 3) << row;
  }
  EXPECT_EQ(FieldPart::decode(bytes, {.collection = 1, .generation = 2, .field = 4}).error().code, ErrorCode::Corruption);
  for (std::size_t place = 0; place < bytes.size(); ++place) {
    Bytes damaged = bytes;
    damaged[place] ^= std::byte{1};
    EXPECT_FALSE(FieldPart::decode(damaged, identity).ok()) << place;
    EXPECT_FALSE(FieldPart::decode(std::span(bytes).first(place), identity).ok()) << place;
  }
}

TEST(FieldIndex, KeepsFewParts) {
  const std::vector<std::string> payloads(40'000, R"({"n": 1})");
  std::vector<std::uint32_t> ends;
  for (std::uint32_t end = 100; end <= 40'000; end += 100) ends.push_back(end);
  const FieldIndex index = index_of(payloads, "n", FieldType::Integer, ends);
  EXPECT_EQ(index.covered(), 40'000u);
  EXPECT_LE(index.parts().size(), 10u);
  std::uint32_t begin = 0;
  for (const auto& part : index.parts()) {
    EXPECT_EQ(part->rows().begin, begin);
    begin = part->rows().end;
  }
}

// Values and tests of every kind, from vocabularies so small that they often meet.
class Random {
 public:
  explicit Random(std::uint64_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  template <class T>
  const T& one_of(const std::vector<T>& list) {
    return list[below(list.size())];
  }

  std::string scalar() {
    switch (below(8)) {
      case 0: return "null";
      case 1: return below(2) ? "true" : "false";
      case 2: case 3: return std::to_string(static_cast<int>(below(9)) - 4);
      case 4: return one_of<std::string>({"0.5", "-1.0", "1.0", "2.25", "-0.0", "1e300", "9007199254740993",
                                          "9223372036854775807", "18446744073709551615"});
      case 5: return "{\"lon\": " + std::to_string(static_cast<int>(below(20)) * 18 - 180) +
                     ", \"lat\": " + std::to_string(static_cast<int>(below(11)) * 18 - 90) + "}";
      default: return "\"" + text() + "\"";
    }
  }

  std::string text() {
    return one_of<std::string>({"", "a", "ab", "b", "red fox", "Fox, red!", "red", "2024-01-01", "2024-06-15T12:30:00Z",
                                "2024-06-15T14:30:00+02:00", "zebra", "\xc3\xbf"});
  }

  std::string value() {
    if (below(4) != 0) return scalar();
    std::string list;
    for (std::uint64_t i = below(4); i > 0; --i) list += (list.empty() ? "" : ", ") + scalar();
    return "[" + list + "]";
  }

  std::string payload() {
    if (below(10) == 0) return "";
    if (below(10) == 0) return "{}";
    return "{\"f\": " + value() + "}";
  }

  std::string number() { return one_of<std::string>({"-4", "-1", "-0.5", "0", "1", "1.5", "2", "3", "9007199254740992"}); }

  std::string bounds(std::string (Random::*make)()) {
    std::string fields;
    for (const char* name : {"gt", "gte", "lt", "lte"}) {
      if (below(3) == 0) fields += (fields.empty() ? "\"" : ", \"") + std::string(name) + "\": " + (this->*make)();
    }
    return fields;
  }

  std::string time() { return one_of<std::string>({"\"2024-01-01\"", "\"2024-03-01\"", "\"2024-06-15T12:30:00Z\""}); }

  std::string test() {
    const std::string quoted = "\"" + text() + "\"";
    const std::string place = R"("center": {"lon": 0, "lat": )" + std::to_string(static_cast<int>(below(10)) * 18 - 90) + "}";
    switch (below(14)) {
      case 0: return R"("match": {"value": )" + quoted + "}";
      case 1: return R"("match": {"value": )" + std::to_string(static_cast<int>(below(9)) - 4) + "}";
      case 2: return R"("match": {"value": true})";
      case 3: return R"("match": {"any": [)" + quoted + ", \"red\"]}";
      case 4: return R"("match": {"any": [1, -2, 9223372036854775807]})";
      case 5: return R"("match": {"except": [)" + quoted + "]}";
      case 6: return R"("match": {"except": [1, 2]})";
      case 7: return std::string(R"("match": {")") + one_of<std::string>({"text", "text_any", "phrase"}) + "\": " + quoted + "}";
      case 8: return std::string(R"("match": {")") + one_of<std::string>({"prefix", "substring"}) + "\": " + quoted + "}";
      case 9: return R"("range": {)" + bounds(&Random::number) + "}";
      case 10: return R"("range": {"gte": )" + time() + ", \"lt\": " + time() + "}";
      case 11: return R"("geo_radius": {)" + place + R"(, "radius": )" + std::to_string(below(8) * 1'000'000) + "}";
      case 12: return R"("geo_bounding_box": {"top_left": {"lon": -90, "lat": 72}, "bottom_right": {"lon": 90, "lat": -36}})";
      default: return one_of<std::string>({R"("is_empty": true)", R"("is_null": true)", R"("values_count": {"gt": 1})"});
    }
  }

  std::string filter() {
    std::string filter;
    for (const char* name : {"must", "should", "must_not"}) {
      if (below(2) == 0) continue;
      std::string list;
      for (std::uint64_t i = 1 + below(2); i > 0; --i) list += (list.empty() ? "" : ", ") + condition();
      filter += (filter.empty() ? "\"" : ", \"") + std::string(name) + "\": [" + list + "]";
    }
    return "{" + filter + "}";
  }

  std::string condition() {
    if (below(8) == 0) return "{\"has_id\": [" + std::to_string(below(60)) + ", " + std::to_string(below(60)) + "]}";
    if (below(8) == 0) return "{\"must_not\": [{\"key\": \"f\", " + test() + "}, {\"key\": \"f\", " + test() + "}]}";
    return "{\"key\": \"f\", " + test() + "}";
  }

 private:
  std::mt19937_64 random_;
};

TEST(IndexedFilter, NeverChangesAnAnswer) {
  const char* given = std::getenv("OMENDB_SEED");
  const std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  std::cout << "OMENDB_SEED=" << seed << "\n";
  Random random(seed);
  for (const FieldType type : {FieldType::Keyword, FieldType::Integer, FieldType::Float, FieldType::Bool,
                               FieldType::Datetime, FieldType::Uuid, FieldType::Geo, FieldType::Text}) {
    SCOPED_TRACE(std::string(name_of(type)));
    std::uint64_t payloads_saved = 0;
    for (int round = 0; round < 40; ++round) {
      std::vector<std::string> payloads;
      for (int i = 0; i < 60; ++i) payloads.push_back(random.payload());
      std::vector<std::uint32_t> ends;
      for (std::uint32_t end = 0; end < 50; ends.push_back(end)) end += 1 + static_cast<std::uint32_t>(random.below(10));
      const FieldIndexes indexes = {index_of(payloads, "f", type, ends)};
      for (int i = 0; i < 20; ++i) {
        const std::string json = random.filter();
        SCOPED_TRACE(json);
        const Filter filter = parse_filter(json).value();
        Point::payloads_read = 0;
        const std::set<std::uint32_t> plain = matching(payloads, filter, nullptr);
        const std::uint64_t plainly_read = std::exchange(Point::payloads_read, 0);
        ASSERT_EQ(matching(payloads, filter, &indexes), plain);
        payloads_saved += Point::payloads_read < plainly_read;
      }
    }
    EXPECT_GT(payloads_saved, 0u) << "no index was of use";
  }
}

TEST(FieldIndex, PartsThatNoChangeHasMetAreAsGoodAsNew) {
  FieldIndex index = FieldIndex::create("n", FieldType::Integer).value();
  for (const std::uint32_t begin : {0u, 30u}) {  // the second is so small that they are not merged
    FieldPartBuilder builder(FieldType::Integer, Row{begin}, 5);
    for (std::uint32_t row = begin; row < (begin == 0 ? 30u : 32u); ++row) builder.add_nothing();
    index = index.with(std::move(builder).build());
  }
  ASSERT_EQ(index.parts().size(), 2u);
  const FieldIndex newer = index.with_changes_seen(9, {Row{31}});
  EXPECT_EQ(newer.changes_seen(0), 9u);
  EXPECT_EQ(newer.changes_seen(1), 5u);
  EXPECT_EQ(newer.changes_seen(), 5u);
  EXPECT_EQ(newer.parts(), index.parts());  // nothing was read
  EXPECT_EQ(index.with_changes_seen(9, {}).changes_seen(), 9u);
}

}  // namespace
}  // namespace omendb
