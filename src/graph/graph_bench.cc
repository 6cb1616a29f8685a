// Builds a graph over a set of vectors, and prints how fast it was and what a search costs at which recall:
//   graph_bench BASE.fvecs QUERIES.fvecs TRUTH.ivecs l2|dot|cosine [--threads N] [--ef 10,20,...] [--build-ef N]
//               [--alpha A] [--save FILE] [--load FILE]
// Recall is recall@10 after exact reranking, as the database answers; one thread, the best of three rounds. Times are
// of the processor, so that a busy machine disturbs less.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "graph/beam_search.h"
#include "graph/graph_builder.h"
#include "graph/graph_file.h"
#include "graph/rerank.h"
#include "os/executor.h"
#include "search/code_query.h"
#include "search/code_table.h"
#include "search/exact_scorer.h"

namespace omendb {
namespace {

constexpr std::size_t kNearest = 10;

template <class T>
T checked(Result<T> result) {
  if (result.ok()) return std::move(result).value();
  std::fprintf(stderr, "graph_bench: %s\n", result.error().message.c_str());
  std::exit(1);
}

void check(Result<void> result) {
  if (result.ok()) return;
  std::fprintf(stderr, "graph_bench: %s\n", result.error().message.c_str());
  std::exit(1);
}

// Of *.fvecs and *.ivecs: a row is its width, then its values, all of 32 bits.
template <class T>
struct Matrix {
  std::uint32_t width = 0;
  std::vector<T> values;

  std::size_t rows() const { return width == 0 ? 0 : values.size() / width; }
  std::span<const T> row(std::size_t row) const { return std::span(values).subspan(row * width, width); }
};

template <class T>
Matrix<T> read_matrix(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  Matrix<T> matrix;
  while (file.read(reinterpret_cast<char*>(&matrix.width), sizeof matrix.width)) {
    const std::size_t size = matrix.values.size();
    matrix.values.resize(size + matrix.width);
    file.read(reinterpret_cast<char*>(&matrix.values[size]), static_cast<std::streamsize>(matrix.width * sizeof(T)));
  }
  if (matrix.rows() > 0) return matrix;
  std::fprintf(stderr, "graph_bench: cannot read %s\n", path.c_str());
  std::exit(1);
}

struct Options {
  std::string base, queries, truth;
  Metric metric = Metric::L2;
  std::size_t threads = 2;
  std::vector<std::uint32_t> efs = {10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512};
  std::size_t queries_max = 2000;
  BuildOptions build;
  std::string save, load;
};

Options parse(int count, char** words) {
  Options options;
  if (count < 5) {
    std::fprintf(stderr, "usage: graph_bench BASE.fvecs QUERIES.fvecs TRUTH.ivecs l2|dot|cosine [--threads N] ...\n");
    std::exit(2);
  }
  options.base = words[1];
  options.queries = words[2];
  options.truth = words[3];
  const std::string metric = words[4];
  options.metric = metric == "dot" ? Metric::Dot : metric == "cosine" ? Metric::Cosine : Metric::L2;
  for (int i = 5; i + 1 < count; i += 2) {
    const std::string name = words[i];
    const char* value = words[i + 1];
    if (name == "--threads") options.threads = std::strtoul(value, nullptr, 10);
    if (name == "--build-ef") options.build.ef = static_cast<std::uint32_t>(std::strtoul(value, nullptr, 10));
    if (name == "--alpha") options.build.alpha = std::strtof(value, nullptr);
    if (name == "--queries") options.queries_max = std::strtoul(value, nullptr, 10);
    if (name == "--save") options.save = value;
    if (name == "--load") options.load = value;
    if (name != "--ef") continue;
    options.efs.clear();
    std::istringstream list(value);
    for (std::string ef; std::getline(list, ef, ',');) {
      options.efs.push_back(static_cast<std::uint32_t>(std::strtoul(ef.c_str(), nullptr, 10)));
    }
  }
  return options;
}

// Processor time of all threads.
double seconds_since(std::clock_t start) { return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC; }

std::shared_ptr<const Graph> build(const Options& options, const CodeTable& codes, std::uint32_t rows) {
  if (!options.load.empty()) return checked(GraphFile::load(real_disk(), options.load, {}, rows));
  const std::clock_t start = std::clock();
  auto executor = make_executor(options.threads, Priority::Normal);
  GraphBuilder builder = checked(GraphBuilder::extend(nullptr, codes, options.build));
  check(builder.add_batch(rows, RowFilter(nullptr, 0), *executor, [] { return true; }));
  std::shared_ptr<const Graph> graph = std::move(builder).build();
  const double seconds = seconds_since(start);
  std::printf("built in %.1f processor seconds, %.0f rows/s a thread\n", seconds, rows / seconds);
  return graph;
}

void describe(const Graph& graph) {
  std::uint64_t links = 0;
  std::vector<std::uint32_t> reached(graph.covered());
  for (std::uint32_t row = 0; row < graph.covered(); ++row) {
    for (const Row link : graph.links(Row{row})) {
      if (link == kNoRow) break;
      ++links;
      ++reached[index(link)];
    }
  }
  std::printf("%.1f links a row, at most %u to one, none to %td rows\n", static_cast<double>(links) / graph.covered(),
              *std::max_element(reached.begin(), reached.end()), std::count(reached.begin(), reached.end(), 0u));
}

struct Round {
  double seconds = 0;
  double recall = 0;
  std::uint64_t steps = 0, code_distances = 0, exact_distances = 0;
};

Round search_all(const Options& options, const VectorField& field, const Graph& graph, const CodeTable& codes,
                 const Matrix<float>& base, const Matrix<float>& queries, const Matrix<std::int32_t>& truth,
                 std::uint32_t ef) {
  const std::size_t count = std::min(queries.rows(), options.queries_max);
  const RowFilter live(nullptr, 0);
  WalkScratch scratch;
  std::vector<Candidate> found;
  std::vector<std::vector<Candidate>> answers(count);
  Round round;
  const std::clock_t start = std::clock();
  for (std::size_t i = 0; i < count; ++i) {
    const CodeQuery query(codes, queries.row(i));
    const ExactScorer scorer(field, std::as_bytes(std::span(base.values)).data(), queries.row(i));
    found.clear();
    const WalkCount walked = beam_search(graph, codes, query, live, ef, scratch, found);
    TopK nearest(kNearest);
    rerank(scorer, query, codes, found, nearest, round.exact_distances);
    answers[i] = nearest.take_sorted();
    round.steps += walked.steps;
    round.code_distances += walked.distances;
  }
  round.seconds = seconds_since(start);
  std::size_t right = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto wanted = truth.row(i).first(kNearest);
    for (const Candidate& answer : answers[i]) {
      right += std::count(wanted.begin(), wanted.end(), static_cast<std::int32_t>(index(answer.row))) > 0 ? 1u : 0u;
    }
  }
  round.recall = static_cast<double>(right) / static_cast<double>(count * kNearest);
  return round;
}

void run(const Options& options) {
  const Matrix<float> base = read_matrix<float>(options.base);
  const Matrix<float> queries = read_matrix<float>(options.queries);
  const Matrix<std::int32_t> truth = read_matrix<std::int32_t>(options.truth);
  const VectorField field{.name = "", .dimensions = base.width, .metric = options.metric};
  const auto rows = static_cast<std::uint32_t>(base.rows());

  auto codes = checked(CodeTable::create(field, 1));
  check(codes->append(std::as_bytes(std::span(base.values))));
  const std::shared_ptr<const Graph> graph = build(options, *codes, rows);
  describe(*graph);
  if (!options.save.empty()) check(GraphFile::save(real_disk(), options.save, {}, *graph));

  const double count = static_cast<double>(std::min(queries.rows(), options.queries_max));
  std::printf("%6s %8s %9s %8s %8s %8s\n", "ef", "recall", "queries/s", "steps", "codes", "exact");
  for (const std::uint32_t ef : options.efs) {
    Round best = search_all(options, field, *graph, *codes, base, queries, truth, ef);
    for (int i = 1; i < 3; ++i) {
      const Round again = search_all(options, field, *graph, *codes, base, queries, truth, ef);
      best.seconds = std::min(best.seconds, again.seconds);
    }
    std::printf("%6u %8.4f %9.0f %8.1f %8.1f %8.1f\n", ef, best.recall, count / best.seconds,
                static_cast<double>(best.steps) / count, static_cast<double>(best.code_distances) / count,
                static_cast<double>(best.exact_distances) / count);
  }
}

}  // namespace
}  // namespace omendb

int main(int count, char** words) {
  omendb::run(omendb::parse(count, words));
  return 0;
}
