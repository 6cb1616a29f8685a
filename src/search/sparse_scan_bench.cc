// How long a sparse search takes: sparse_scan_bench [rows] [queries]
// Rows have 30 to 120 values at 30,000 indices, queries 5 to 40, drawn so that the i-th index is as frequent as 1 / i
// (Zipf). Prints the time to build and to merge a row, the memory, then for queries with even weights (as SPLADE's) and
// with weights by rarity (as BM25's) the percentiles of a query, the postings it read, and the time of a posting.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>
#include <vector>

#include "base/sparse_check.h"
#include "search/sparse_scan.h"

namespace omendb {
namespace {

constexpr std::uint32_t kIndices = 30'000;
constexpr std::uint32_t kBatchRows = 4096;

// Of processor time: others on the machine cost cache and bandwidth, not their turns.
double seconds_since(std::clock_t begin) {
  return static_cast<double>(std::clock() - begin) / static_cast<double>(CLOCKS_PER_SEC);
}

class Words {
 public:
  SparseVector vector(std::size_t values_min, std::size_t values_max) {
    const std::size_t size = values_min + random_() % (values_max - values_min + 1);
    SparseVector vector;
    ++turn_;
    while (vector.indices.size() < size) {
      const auto index = static_cast<std::uint32_t>(std::exp(uniform_(random_) * std::log(kIndices)));
      if (seen_[index] == turn_) continue;
      seen_[index] = turn_;
      vector.indices.push_back(index);
      vector.values.push_back(static_cast<float>(0.1 + 2 * uniform_(random_)));
    }
    return vector;
  }

 private:
  std::mt19937_64 random_{1};
  std::uniform_real_distribution<double> uniform_;
  std::vector<std::uint64_t> seen_ = std::vector<std::uint64_t>(kIndices + 1);
  std::uint64_t turn_ = 0;
};

void measure(const char* name, const SparseRows& rows, const std::vector<SparseVector>& queries, bool by_rarity) {
  const RowFilter live(nullptr, 0);
  std::vector<double> milliseconds;
  double seconds = 0;
  std::uint64_t products = 0;
  for (const SparseVector& query : queries) {
    const SparseVector weighed = by_rarity ? weighed_by_rarity(rows, query, rows.visible, live) : query;
    const std::clock_t begin = std::clock();
    TopK nearest(10);
    products += sparse_scan(rows, weighed, live, nearest);
    milliseconds.push_back(1e3 * seconds_since(begin));
    seconds += seconds_since(begin);
  }
  std::ranges::sort(milliseconds);
  const std::size_t size = milliseconds.size();
  std::printf("%s: p10 %.2f ms, p50 %.2f ms, p99 %.2f ms, %.0f postings a query, %.2f ns a posting\n", name,
              milliseconds[size / 10], milliseconds[size / 2], milliseconds[size * 99 / 100],
              static_cast<double>(products) / static_cast<double>(size), 1e9 * seconds / static_cast<double>(products));
}

int run(std::uint32_t row_count, std::size_t query_count) {
  Words words;
  SparseIndex index;
  double building = 0;
  double merging = 0;
  for (std::uint32_t row = 0; row < row_count;) {
    std::vector<SparseVector> batch(std::min(kBatchRows, row_count - row));
    for (SparseVector& vector : batch) vector = words.vector(30, 120);
    const std::clock_t begin = std::clock();
    SparsePartBuilder builder(Row{row});
    for (const SparseVector& vector : batch) builder.add(vector);
    SparsePart part = std::move(builder).build();
    const double built = seconds_since(begin);
    index = index.with(std::move(part));
    building += built;
    merging += seconds_since(begin) - built;
    row += static_cast<std::uint32_t>(batch.size());
  }
  std::uint64_t postings = 0;
  for (const auto& part : index.parts()) postings += part->postings();
  std::printf("%u rows, %zu parts, %.0f million postings: %.2f bytes a posting, build %.2f us a row, merge %.2f us a row\n",
              row_count, index.parts().size(), 1e-6 * static_cast<double>(postings),
              static_cast<double>(index.memory_bytes()) / static_cast<double>(postings), 1e6 * building / row_count,
              1e6 * merging / row_count);

  std::vector<SparseVector> queries(query_count);
  for (SparseVector& query : queries) query = sorted_by_index(words.vector(5, 40));
  const auto none = [](Row) { return SparseView(); };
  const SparseRows::Vectors vectors(none);
  const SparseRows rows{index, vectors, row_count};
  measure("even weights", rows, queries, false);
  measure("weights by rarity", rows, queries, true);
  return 0;
}

}  // namespace
}  // namespace omendb

int main(int argc, char** argv) {
  const auto rows = static_cast<std::uint32_t>(argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1'000'000);
  return omendb::run(rows, argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 200);
}
