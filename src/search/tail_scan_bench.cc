// How long a scan takes and what it finds: tail_scan_bench BASE.fvecs QUERIES.fvecs [l2|dot|cosine] [k] [queries]
// Prints the time to encode a row, then the 10th, 50th and 99th percentile of a query, one after another, the recall of
// the first ones against an exact scan, and the code and exact distances computed.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "search/scan.h"

namespace omendb {
namespace {

constexpr std::size_t kJudgedQueries = 100;  // an exact scan each

struct Matrix {
  std::size_t dimensions = 0;
  std::vector<float> values;
  std::size_t rows() const { return values.size() / dimensions; }
  std::span<const float> row(std::size_t r) const { return std::span(values).subspan(r * dimensions, dimensions); }
};

// Each row: its number of dimensions as a 32-bit number, then the float32 values.
Matrix read_fvecs(const char* path, std::size_t rows_max) {
  Matrix matrix;
  std::ifstream file(path, std::ios::binary);
  std::int32_t dimensions = 0;
  for (std::size_t row = 0; row < rows_max; ++row) {
    if (!file.read(reinterpret_cast<char*>(&dimensions), sizeof dimensions)) break;
    matrix.dimensions = static_cast<std::size_t>(dimensions);
    matrix.values.resize(matrix.values.size() + matrix.dimensions);
    float* values = matrix.values.data() + matrix.values.size() - matrix.dimensions;
    file.read(reinterpret_cast<char*>(values), static_cast<std::streamsize>(matrix.dimensions * sizeof(float)));
  }
  return matrix;
}

Metric metric_named(const std::string& name) {
  if (name == "dot") return Metric::Dot;
  return name == "cosine" ? Metric::Cosine : Metric::L2;
}

// Of processor time: others on the machine cost cache and bandwidth, not their turns.
double seconds_since(std::clock_t begin) {
  return static_cast<double>(std::clock() - begin) / static_cast<double>(CLOCKS_PER_SEC);
}

std::size_t common(std::vector<Candidate> a, std::vector<Candidate> b) {
  std::set<Row> rows;
  for (const Candidate& candidate : a) rows.insert(candidate.row);
  return static_cast<std::size_t>(std::ranges::count_if(b, [&](const Candidate& c) { return rows.contains(c.row); }));
}

int run(int argc, char** argv) {
  const Matrix base = read_fvecs(argv[1], kRowsMax);
  const std::size_t query_count = argc > 5 ? std::strtoul(argv[5], nullptr, 10) : 1000;
  const Matrix queries = read_fvecs(argv[2], query_count);
  if (base.values.empty() || queries.values.empty()) return 1;
  const Metric metric = metric_named(argc > 3 ? argv[3] : "l2");
  const std::size_t k = argc > 4 ? std::strtoul(argv[4], nullptr, 10) : 10;
  const VectorField field{.name = "", .dimensions = static_cast<std::uint32_t>(base.dimensions), .metric = metric};
  const auto rows = static_cast<std::uint32_t>(base.rows());

  const auto table = CodeTable::create(field, 1).value();
  auto begin = std::clock();
  const std::size_t batch = 1000 * base.dimensions;
  for (std::size_t at = 0; at < base.values.size(); at += batch) {
    const std::size_t size = std::min(batch, base.values.size() - at);
    table->append(std::as_bytes(std::span(base.values).subspan(at, size))).value();
  }
  std::printf("%u rows x %zu, %s: encode %.3f us a row\n", rows, base.dimensions, simd::kernels().name,
              1e6 * seconds_since(begin) / rows);

  std::vector<double> milliseconds;
  std::uint64_t distances = 0;
  const RowFilter live(nullptr, 0);
  const auto* vectors = reinterpret_cast<const std::byte*>(base.values.data());
  std::vector<std::vector<Candidate>> answers;
  for (std::size_t q = 0; q < queries.rows(); ++q) {
    begin = std::clock();
    const ExactScorer scorer(field, vectors, queries.row(q));
    const CodeQuery query(*table, queries.row(q));
    TopK nearest(k);
    distances += tail_scan(*table, query, scorer, live, {0, rows}, nearest).distances;
    milliseconds.push_back(1e3 * seconds_since(begin));
    answers.push_back(nearest.take_sorted());
  }
  std::size_t found = 0;
  for (std::size_t q = 0; q < std::min(kJudgedQueries, queries.rows()); ++q) {
    TopK exact(k);
    exact_scan(ExactScorer(field, vectors, queries.row(q)), live, {0, rows}, exact);
    found += common(exact.take_sorted(), answers[q]);
  }
  std::ranges::sort(milliseconds);
  std::printf("k %zu: p10 %.3f ms, p50 %.3f ms, p99 %.3f ms, recall %.4f, %.0f distances\n", k,
              milliseconds[milliseconds.size() / 10], milliseconds[milliseconds.size() / 2],
              milliseconds[milliseconds.size() * 99 / 100],
              static_cast<double>(found) / static_cast<double>(k * std::min(kJudgedQueries, queries.rows())),
              static_cast<double>(distances) / static_cast<double>(queries.rows()));
  return 0;
}

}  // namespace
}  // namespace omendb

int main(int argc, char** argv) {
  if (argc >= 3) return omendb::run(argc, argv);
  std::fprintf(stderr, "usage: %s BASE.fvecs QUERIES.fvecs [l2|dot|cosine] [k] [queries]\n", argv[0]);
  return 2;
}
