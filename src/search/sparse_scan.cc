#include "search/sparse_scan.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "base/assert.h"

namespace omendb {
namespace {

// The sum of no products. No other sum is -0: kNothing + 0 is 0, and so is x + -x.
constexpr double kNothing = -0.0;
bool is_nothing(double sum) { return std::bit_cast<std::uint64_t>(sum) == std::bit_cast<std::uint64_t>(kNothing); }

// Never -0; exact, as 24 + 24 bits fit into 53.
double product(float a, float b) { return static_cast<double>(a) * static_cast<double>(b) + 0.0; }

// A sum of finite products may be more than a float32 holds.
float score_of(double sum) {
  constexpr double kLargest = std::numeric_limits<float>::max();
  return static_cast<float>(std::clamp(sum, -kLargest, kLargest));
}

// Visits the places (i, j) where a.indices[i] == b.indices[j], ascending.
template <class Visit>
void for_each_shared(SparseView a, SparseView b, Visit visit) {
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.indices.size() && j < b.indices.size()) {
    const std::uint32_t at_a = a.indices[i];
    const std::uint32_t at_b = b.indices[j];
    if (at_a == at_b) visit(i, j);
    i += at_a <= at_b;
    j += at_b <= at_a;
  }
}

void offer_if_shared(SparseView query, SparseView vector, const RowFilter& wanted, Row row, TopK& nearest) {
  const std::optional<float> score = sparse_product(query, vector);
  if (!score || -*score > nearest.threshold() || !wanted.contains(row)) return;
  nearest.offer({-*score, row});
}

// Adds the products of one part after another up, a sum a row: as many random writes as there are postings, into half a
// megabyte. Merging the postings row by row instead (a heap of the query's indices) costs several branches a posting.
class PartScan {
 public:
  PartScan(SparseView query, const RowFilter& wanted, TopK& nearest)
      : query_(query), wanted_(wanted), nearest_(nearest) {}

  std::uint64_t scan(const SparsePart& part) {
    const std::uint64_t products = gather(part);
    if (products == 0) return 0;
    begin_ = part.rows().begin;
    if (sums_.size() < part.rows().size()) sums_.resize(part.rows().size(), kNothing);
    for (const Term& term : terms_) add(term);
    update_floor();
    if (products < part.rows().size() / kRowsAPosting) {
      offer_by_postings();
    } else {
      offer_by_rows(part.rows().size());
    }
    return products;
  }

 private:
  struct Term {
    float weight;
    Postings postings;
  };

  // Looking at a row's sum in passing costs a fraction of looking it up.
  static constexpr std::uint32_t kRowsAPosting = 8;
  static constexpr std::uint32_t kRowsAtOnce = 16;

  std::uint64_t gather(const SparsePart& part) {
    terms_.clear();
    std::uint64_t products = 0;
    for (std::size_t i = 0; i < query_.indices.size(); ++i) {
      const Postings postings = part.postings_of(query_.indices[i]);
      if (postings.size() == 0) continue;
      terms_.push_back({query_.values[i], postings});
      products += postings.size();
    }
    return products;
  }

  void add(const Term& term) {
    double* sums = sums_.data();
    const std::uint16_t* rows = term.postings.rows.data();
    const float* values = term.postings.values.data();
    for (std::size_t i = 0; i < term.postings.size(); ++i) sums[rows[i]] += product(term.weight, values[i]);
  }

  void offer_by_postings() {
    for (const Term& term : terms_) {
      for (const std::uint16_t row : term.postings.rows) {
        if (!is_nothing(sums_[row])) offer(row);
        sums_[row] = kNothing;
      }
    }
  }

  void offer_by_rows(std::uint32_t rows) {
    std::uint32_t row = 0;
    for (; row + kRowsAtOnce <= rows; row += kRowsAtOnce) {
      if (any_above_floor(&sums_[row])) offer_range(row, row + kRowsAtOnce);
    }
    offer_range(row, rows);
    std::fill_n(sums_.begin(), rows, kNothing);
  }

  bool any_above_floor(const double* sums) const {
    unsigned above = 0;
    for (std::uint32_t i = 0; i < kRowsAtOnce; ++i) above |= static_cast<unsigned>(sums[i] >= floor_);
    return above != 0;
  }

  void offer_range(std::uint32_t begin, std::uint32_t end) {
    for (std::uint32_t row = begin; row < end; ++row) {
      if (sums_[row] >= floor_ && !is_nothing(sums_[row])) offer(row);
    }
  }

  void offer(std::uint32_t row_in_part) {
    const Row row{begin_ + row_in_part};
    const float distance = -score_of(sums_[row_in_part]);
    if (distance > nearest_.threshold() || !wanted_.contains(row)) return;
    nearest_.offer({distance, row});
    update_floor();
  }

  // Sums below it cannot enter: one step below the threshold, which sums a little less may be rounded to.
  void update_floor() {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    floor_ = static_cast<double>(std::nextafter(-nearest_.threshold(), -kInfinity));
  }

  SparseView query_;
  const RowFilter& wanted_;
  TopK& nearest_;
  std::vector<Term> terms_;
  std::vector<double> sums_;  // all kNothing between parts
  std::uint32_t begin_ = 0;
  double floor_ = 0;
};

// Of the rows of a part, a bit each.
class LiveRows {
 public:
  LiveRows(RowRange rows, const RowFilter& live) : lives_(rows.size()) {
    for (std::uint32_t i = 0; i < rows.size(); ++i) {
      lives_[i] = live.lives(Row{rows.begin + i});
      all_ = all_ && lives_[i];
    }
  }

  std::uint64_t count(std::span<const std::uint16_t> rows) const {
    if (all_) return rows.size();
    return static_cast<std::uint64_t>(std::ranges::count_if(rows, [&](std::uint16_t row) { return lives_[row]; }));
  }

 private:
  std::vector<bool> lives_;
  bool all_ = true;
};

// How many live rows have each of the query's indices.
std::vector<std::uint64_t> count_live_rows(const SparseRows& rows, SparseView query, const RowFilter& live) {
  std::vector<std::uint64_t> counts(query.indices.size());
  for (const auto& part : rows.index.parts()) {
    const LiveRows alive(part->rows(), live);
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += alive.count(part->postings_of(query.indices[i]).rows);
  }
  for (std::uint32_t row = rows.index.covered(); row < rows.visible; ++row) {
    if (!live.lives(Row{row})) continue;
    for_each_shared(query, rows.vector_of(Row{row}), [&](std::size_t i, std::size_t) { ++counts[i]; });
  }
  return counts;
}

}  // namespace

std::optional<float> sparse_product(SparseView a, SparseView b) {
  double sum = kNothing;
  for_each_shared(a, b, [&](std::size_t i, std::size_t j) { sum += product(a.values[i], b.values[j]); });
  if (is_nothing(sum)) return std::nullopt;
  return score_of(sum);
}

std::uint64_t sparse_scan(const SparseRows& rows, SparseView query, const RowFilter& wanted, TopK& nearest) {
  OMEN_ASSERT(rows.index.covered() <= rows.visible);
  std::uint64_t products = 0;
  PartScan scan(query, wanted, nearest);
  for (const auto& part : rows.index.parts()) products += scan.scan(*part);

  for (std::uint32_t row = rows.index.covered(); row < rows.visible; ++row) {
    if (!wanted.lives(Row{row})) continue;
    const SparseView vector = rows.vector_of(Row{row});
    products += vector.indices.size();
    offer_if_shared(query, vector, wanted, Row{row}, nearest);
  }
  return products;
}

std::uint64_t sparse_listed_scan(const SparseRows& rows, std::span<const Row> listed, SparseView query, TopK& nearest) {
  std::uint64_t products = 0;
  const RowFilter all(nullptr, 0);
  for (const Row row : listed) {
    const SparseView vector = rows.vector_of(row);
    products += vector.indices.size();
    offer_if_shared(query, vector, all, row, nearest);
  }
  return products;
}

SparseVector weighed_by_rarity(const SparseRows& rows, SparseView query, std::uint64_t points, const RowFilter& live) {
  SparseVector weighed{{query.indices.begin(), query.indices.end()}, {query.values.begin(), query.values.end()}};
  const std::vector<std::uint64_t> counts = count_live_rows(rows, query, live);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const auto with_it = static_cast<double>(counts[i]);
    const double rarity = std::log((static_cast<double>(points) - with_it + 0.5) / (with_it + 0.5) + 1);
    weighed.values[i] = score_of(static_cast<double>(query.values[i]) * rarity);
  }
  return weighed;
}

}  // namespace omendb
