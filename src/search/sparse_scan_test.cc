#include "search/sparse_scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <map>
#include <random>

#include "base/sparse_check.h"

namespace omendb {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

using Answer = std::vector<std::pair<std::uint32_t, float>>;  // rows and scores, best first

Answer take_answer(TopK& nearest) {
  Answer answer;
  for (const Candidate& candidate : nearest.take_sorted()) answer.emplace_back(index(candidate.row), -candidate.distance);
  return answer;
}

// Vectors of rows, the first of them in parts that end at `part_ends`.
class Rows {
 public:
  explicit Rows(std::vector<SparseVector> vectors, const std::vector<std::uint32_t>& part_ends = {})
      : vectors_(std::move(vectors)), erased_at_(vectors_.size()) {
    for (SparseVector& vector : vectors_) vector = sorted_by_index(vector);
    for (const std::uint32_t end : part_ends) {
      SparsePartBuilder builder(Row{index_.covered()});
      for (std::uint32_t row = index_.covered(); row < end; ++row) builder.add(vectors_[row]);
      index_ = index_.with(std::move(builder).build());
    }
  }

  void erase(std::uint32_t row) { erased_at_[row] = 1; }
  RowFilter live() const { return RowFilter(erased_at_.data(), 2); }
  std::uint32_t size() const { return static_cast<std::uint32_t>(vectors_.size()); }
  const SparseIndex& index() const { return index_; }
  const SparseVector& operator[](std::uint32_t row) const { return vectors_[row]; }

  Answer search(const SparseVector& query, const RowFilter& wanted, std::size_t k = 10) const {
    TopK nearest(k);
    with_rows([&](const SparseRows& rows) { sparse_scan(rows, sorted_by_index(query), wanted, nearest); });
    return take_answer(nearest);
  }
  Answer search(const SparseVector& query) const { return search(query, live()); }

  Answer search_listed(const SparseVector& query, const std::vector<Row>& listed, std::size_t k = 10) const {
    TopK nearest(k);
    with_rows([&](const SparseRows& rows) { sparse_listed_scan(rows, listed, sorted_by_index(query), nearest); });
    return take_answer(nearest);
  }

  std::vector<float> weigh(const SparseVector& query, std::uint64_t points, const RowFilter& live) const {
    SparseVector weighed;
    with_rows([&](const SparseRows& rows) { weighed = weighed_by_rarity(rows, sorted_by_index(query), points, live); });
    return weighed.values;
  }

 private:
  template <class Use>
  void with_rows(Use use) const {
    const auto vector_of = [&](Row row) { return SparseView(vectors_[omendb::index(row)]); };
    const SparseRows::Vectors vectors(vector_of);
    use(SparseRows{index_, vectors, size()});
  }

  std::vector<SparseVector> vectors_;
  std::vector<std::atomic<std::uint64_t>> erased_at_;
  SparseIndex index_;
};

// What a search is meant to answer, without any of its means.
Answer naive_answer(const Rows& rows, const SparseVector& query, const RowFilter& wanted, std::size_t k) {
  Answer answer;
  for (std::uint32_t row = 0; row < rows.size(); ++row) {
    std::map<std::uint32_t, double> values;
    for (std::size_t i = 0; i < rows[row].indices.size(); ++i) {
      values[rows[row].indices[i]] = static_cast<double>(rows[row].values[i]);
    }
    const SparseVector sorted = sorted_by_index(query);
    bool shares = false;
    double score = 0;
    for (std::size_t i = 0; i < sorted.indices.size(); ++i) {
      const auto found = values.find(sorted.indices[i]);
      if (found == values.end()) continue;
      shares = true;
      score += static_cast<double>(sorted.values[i]) * found->second;
    }
    if (shares && wanted.contains(Row{row})) answer.emplace_back(row, static_cast<float>(score));
  }
  std::ranges::sort(answer, {}, [](const auto& entry) { return std::pair(-entry.second, entry.first); });
  answer.resize(std::min(answer.size(), k));
  return answer;
}

// Few values and few indices, so that ties, zeros and rows without a shared index are common.
class Random {
 public:
  explicit Random(std::uint64_t seed) : random_(seed) {}

  std::uint32_t below(std::uint64_t bound) { return static_cast<std::uint32_t>(random_() % bound); }

  SparseVector vector(std::uint32_t indices, std::uint32_t size_max) {
    std::map<std::uint32_t, float> values;
    for (std::uint32_t i = below(size_max + 1); i > 0; --i) {
      const std::uint32_t place = std::min(below(indices), below(indices));
      values[place * 77'000'000] = static_cast<float>(below(17)) / 4 - 2;
    }
    SparseVector vector;
    for (auto value = values.rbegin(); value != values.rend(); ++value) {
      vector.indices.push_back(value->first);
      vector.values.push_back(value->second);
    }
    return vector;
  }

 private:
  std::mt19937_64 random_;
};

TEST(SparseScan, FindsTheLargestProductsAmongRowsThatShareAnIndex) {
  const Rows rows({{{1, 5}, {1, 2}}, {{2}, {9}}, {}, {{5}, {3}}, {{7, 1}, {8, 0.5f}}}, {3});
  EXPECT_THAT(rows.search({{5, 1}, {2, 1}}), ElementsAre(Pair(3, 6), Pair(0, 5), Pair(4, 0.5f)));
  EXPECT_THAT(rows.search({{5, 1}, {2, 1}}, rows.live(), 1), ElementsAre(Pair(3, 6)));
  EXPECT_THAT(rows.search({{4}, {1}}), IsEmpty());
  EXPECT_THAT(rows.search({}), IsEmpty());
  EXPECT_THAT(Rows({}).search({{1}, {1}}), IsEmpty());
}

TEST(SparseScan, AnswersWithProductsOfZeroAndLess) {
  const std::vector<SparseVector> vectors = {{{1}, {0}}, {{1}, {-0.0f}}, {{1, 2}, {3, -3}}, {{1}, {-2}}, {{3}, {1}}};
  for (const std::uint32_t covered : {0u, 5u}) {
    SCOPED_TRACE(covered == 0 ? "in the tail" : "in a part");
    const Rows rows = covered == 0 ? Rows(vectors) : Rows(vectors, {covered});
    EXPECT_THAT(rows.search({{1, 2}, {1, 1}}), ElementsAre(Pair(0, 0), Pair(1, 0), Pair(2, 0), Pair(3, -2)));
    EXPECT_THAT(rows.search({{1, 2}, {-1, -1}}), ElementsAre(Pair(3, 2), Pair(0, 0), Pair(1, 0), Pair(2, 0)));
    EXPECT_THAT(rows.search({{1, 2}, {0, 0}}), ElementsAre(Pair(0, 0), Pair(1, 0), Pair(2, 0), Pair(3, 0)));
  }
}

TEST(SparseScan, NeitherLosesTinyProductsNorOverflows) {
  constexpr float kTiny = std::numeric_limits<float>::denorm_min();
  constexpr float kHuge = std::numeric_limits<float>::max();
  const std::vector<SparseVector> vectors = {{{1, 2}, {kHuge, kHuge}}, {{1}, {-kTiny}}, {{2}, {-kHuge}}, {{3}, {1}}};
  for (const Rows& rows : {Rows(vectors), Rows(vectors, {4})}) {
    EXPECT_THAT(rows.search({{1, 2}, {kHuge, kHuge}}), ElementsAre(Pair(0, kHuge), Pair(1, testing::FloatEq(-kTiny * kHuge)),
                                                                   Pair(2, -kHuge)));
    EXPECT_THAT(rows.search({{1}, {kTiny}}), ElementsAre(Pair(0, testing::FloatEq(kTiny * kHuge)), Pair(1, 0)));
    EXPECT_THAT(rows.search({{1, 2}, {kHuge, -kHuge}}), ElementsAre(Pair(2, kHuge), Pair(0, 0), Pair(1, testing::_)));
  }
}

TEST(SparseScan, EqualsANaiveScan) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  for (int turn = 0; turn < 200; ++turn) {
    const std::uint32_t indices = 1 + random.below(50);
    std::vector<SparseVector> vectors(random.below(2'000));
    for (SparseVector& vector : vectors) vector = random.vector(indices, 8);
    std::vector<std::uint32_t> ends;
    for (std::uint32_t end = 0; random.below(6) != 0;) {
      end += random.below(500);
      if (end > vectors.size()) break;
      ends.push_back(end);
    }
    Rows rows(vectors, ends);
    for (std::uint32_t i = random.below(3) * rows.size() / 4; i > 0; --i) rows.erase(random.below(rows.size()));

    RowSet set(rows.size());
    for (std::uint32_t row = 0; row < rows.size(); ++row) {
      if (random.below(3) == 0) set.insert(Row{row});
    }
    const auto is_odd = [](Row row) { return index(row) % 2 == 1; };
    const RowFilter::Predicate predicate(is_odd);
    const RowFilter live = rows.live();
    for (const RowFilter& wanted : {live, live.within(set), live.where(predicate)}) {
      const SparseVector query = random.vector(indices, 8);
      const std::size_t k = 1 + random.below(30);
      const Answer want = naive_answer(rows, query, wanted, k);
      ASSERT_EQ(rows.search(query, wanted, k), want) << "turn " << turn;
      std::vector<Row> listed;
      for (std::uint32_t row = 0; row < rows.size(); ++row) {
        if (wanted.contains(Row{row})) listed.push_back(Row{row});
      }
      ASSERT_EQ(rows.search_listed(query, listed, k), want) << "turn " << turn << ", listed";
    }
  }
}

// Scores of the parts are those of the tail to the last bit, so it does not show when the index grows.
TEST(SparseScan, ScoresARowTheSameInAPartAndInTheTail) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal;
  std::vector<SparseVector> vectors(3'000);
  for (SparseVector& vector : vectors) {
    for (std::uint32_t i = 0; i < 100; ++i) {
      if (random() % 3 != 0) continue;
      vector.indices.push_back(i);
      vector.values.push_back(normal(random) * std::exp(5 * normal(random)));
    }
  }
  const SparseVector query = vectors.back();
  const Rows tail(vectors);
  EXPECT_EQ(tail.search(query, tail.live(), 3'000), Rows(vectors, {3'000}).search(query, tail.live(), 3'000));
  EXPECT_EQ(tail.search(query), Rows(vectors, {2'000, 2'500}).search(query));
}

TEST(SparseScan, AsksAFilterOnlyForRowsThatCanEnter) {
  std::vector<SparseVector> vectors;
  for (std::uint32_t row = 0; row < 1'000; ++row) vectors.push_back({{1}, {static_cast<float>(1'000 - row)}});
  const Rows rows(vectors, {800});
  int asked = 0;
  const auto count = [&](Row) { return ++asked > 0; };
  const RowFilter::Predicate predicate(count);
  EXPECT_THAT(rows.search({{1}, {1}}, rows.live().where(predicate), 2), ElementsAre(Pair(0, 1'000), Pair(1, 999)));
  EXPECT_EQ(asked, 2);
}

// ln((N - n + 0.5) / (n + 0.5) + 1) for N points, n of which have the index.
TEST(SparseScan, WeighsByRarityAmongLiveRows) {
  Rows rows({{{1, 2}, {1, 1}}, {{1}, {1}}, {{1, 3}, {1, 1}}, {{1}, {1}}, {{2}, {1}}, {}}, {2, 3});
  rows.erase(3);
  const std::vector<float> weights = rows.weigh({{4, 3, 1, 2}, {1, 2, -1, 1}}, 4, rows.live());
  EXPECT_THAT(weights, testing::Pointwise(testing::FloatEq(), {-std::log(1.5f / 3.5f + 1),      // 3 of 4 have index 1
                                                               std::log(2.5f / 2.5f + 1),       // 2 of 4
                                                               2 * std::log(3.5f / 1.5f + 1),   // 1 of 4, put twice as high
                                                               std::log(4.5f / 0.5f + 1)}));    // none
}

TEST(SparseScan, CountsTheRowsAFilterLeavesOut) {
  Rows rows({{{1}, {1}}, {{1}, {1}}, {{2}, {1}}, {{1}, {1}}}, {3});
  rows.erase(0);
  const RowSet none(rows.size());
  EXPECT_EQ(rows.weigh({{1, 2}, {1, 1}}, 3, rows.live().within(none)), rows.weigh({{1, 2}, {1, 1}}, 3, rows.live()));
  EXPECT_FLOAT_EQ(rows.weigh({{1}, {1}}, 3, rows.live())[0], std::log(1.5f / 2.5f + 1));
}

TEST(SparseIndex, MergedPartsEqualAPartMadeAtOnce) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  std::vector<SparseVector> vectors(1'000);
  for (SparseVector& vector : vectors) vector = random.vector(50, 8);
  const Rows merged(vectors, {100, 101, 101, 250, 400, 600, 1'000});
  const Rows whole(vectors, {1'000});
  ASSERT_EQ(merged.index().parts().size(), 1u);
  const SparsePart& a = *merged.index().parts()[0];
  const SparsePart& b = *whole.index().parts()[0];
  EXPECT_EQ(a.postings(), b.postings());
  EXPECT_EQ(a.memory_bytes(), b.memory_bytes());
  for (std::uint32_t place = 0; place < 50; ++place) {
    const Postings of_a = a.postings_of(place * 77'000'000);
    const Postings of_b = b.postings_of(place * 77'000'000);
    EXPECT_TRUE(std::ranges::equal(of_a.rows, of_b.rows)) << place;
    EXPECT_TRUE(std::ranges::equal(of_a.values, of_b.values)) << place;
  }
}

TEST(SparseIndex, KeepsFewPartsOfNotTooManyRows) {
  const std::vector<SparseVector> vectors(200'000, SparseVector{{1}, {1}});
  std::vector<std::uint32_t> ends;
  for (std::uint32_t end = 1'000; end <= vectors.size(); end += 1'000) ends.push_back(end);
  const Rows rows(vectors, ends);
  EXPECT_EQ(rows.index().covered(), 200'000u);
  EXPECT_LE(rows.index().parts().size(), 10u);
  std::uint32_t begin = 0;
  for (const auto& part : rows.index().parts()) {
    EXPECT_EQ(part->rows().begin, begin);
    EXPECT_LE(part->rows().size(), kSparsePartRowsMax);
    begin = part->rows().end;
  }
  EXPECT_EQ(rows.search({{1}, {1}}, rows.live(), 200'000).size(), 200'000u);
}

TEST(SparseIndex, SharesItsPartsWithTheIndexItGrewFrom) {
  const auto part = [](std::uint32_t begin, std::uint32_t end) {
    SparsePartBuilder builder(Row{begin});
    for (std::uint32_t row = begin; row < end; ++row) builder.add(SparseVector{{1}, {1}});
    return std::move(builder).build();
  };
  const SparseIndex before = SparseIndex().with(part(0, 100));
  const SparseIndex after = before.with(part(100, 110));
  EXPECT_EQ(before.covered(), 100u);
  EXPECT_EQ(after.covered(), 110u);
  EXPECT_EQ(after.parts()[0], before.parts()[0]);
}

TEST(SparsePart, CostsSixBytesAPostingAndEightAnIndex) {
  SparsePartBuilder builder(Row{7});
  for (int row = 0; row < 1'000; ++row) builder.add(SparseVector{{3, 1, 2}, {1, 2, 3}});
  const SparsePart part = std::move(builder).build();
  EXPECT_EQ(part.rows().begin, 7u);
  EXPECT_EQ(part.rows().end, 1'007u);
  EXPECT_EQ(part.memory_bytes(), 6u * 3'000 + 8u * 3);
}

TEST(SparsePartBuilder, IsFullOnceItsEntriesTakeFiftyMegabytes) {
  SparseVector wide;
  for (std::uint32_t index = 0; index < 4'096; ++index) wide.indices.push_back(index);
  wide.values.resize(wide.indices.size());
  SparsePartBuilder builder(Row{0});
  for (std::uint32_t row = 0; row < 1'024; ++row) {
    ASSERT_FALSE(builder.full()) << row;
    builder.add(wide);
  }
  EXPECT_TRUE(builder.full());
}

TEST(SparsePartBuilder, IsFullOnceSixteenBitsCountNoMoreRows) {
  SparsePartBuilder builder(Row{0});
  for (std::uint32_t row = 0; row < kSparsePartRowsMax; ++row) {
    ASSERT_FALSE(builder.full()) << row;
    builder.add({});
  }
  EXPECT_TRUE(builder.full());
}

}  // namespace
}  // namespace omendb
