// What the graph's tests have in common: rows of vectors with their codes, and exact answers to compare with.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <span>
#include <vector>

#include "base/assert.h"
#include "graph/beam_search.h"
#include "graph/graph_builder.h"
#include "graph/rerank.h"
#include "os/executor.h"
#include "search/code_query.h"
#include "search/code_table.h"
#include "search/exact_scorer.h"
#include "search/row_filter.h"
#include "search/scan.h"

namespace omendb {

// Clustered points on a plane of few dimensions, bent into many: what embeddings look like.
inline std::vector<float> low_rank_vectors(std::uint32_t rows, std::uint32_t dimensions, std::uint32_t rank,
                                           std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal;
  constexpr std::uint32_t kClusters = 50;
  std::vector<float> axes(std::size_t{rank} * dimensions);
  std::vector<float> centres(std::size_t{kClusters} * rank);
  std::ranges::generate(axes, [&] { return normal(random); });
  std::ranges::generate(centres, [&] { return 2 * normal(random); });
  std::vector<float> vectors(std::size_t{rows} * dimensions, 0.0f);
  for (std::uint32_t row = 0; row < rows; ++row) {
    const std::size_t cluster = random() % kClusters;
    const float length = std::exp(0.5f * normal(random));  // spread norms: inner products care
    for (std::uint32_t axis = 0; axis < rank; ++axis) {
      const float along = length * (centres[cluster * rank + axis] + normal(random));
      for (std::uint32_t i = 0; i < dimensions; ++i) {
        vectors[std::size_t{row} * dimensions + i] += along * axes[std::size_t{axis} * dimensions + i];
      }
    }
    for (std::uint32_t i = 0; i < dimensions; ++i) vectors[std::size_t{row} * dimensions + i] += 0.3f * normal(random);
  }
  return vectors;
}

// The points (x, y) of a square grid, y by y: row y * side + x. At least 64 a side, or there are no codes yet.
inline std::vector<float> grid_vectors(std::uint32_t side) {
  std::vector<float> vectors;
  for (std::uint32_t y = 0; y < side; ++y) {
    for (std::uint32_t x = 0; x < side; ++x) {
      vectors.push_back(static_cast<float>(x));
      vectors.push_back(static_cast<float>(y));
    }
  }
  return vectors;
}

// Rows of one field, their codes, and which of them are erased.
class World {
 public:
  World(std::uint32_t dimensions, Metric metric, std::vector<float> vectors)
      : field_{.name = "", .dimensions = dimensions, .metric = metric, .datatype = Datatype::Float32},
        vectors_(std::move(vectors)),
        erased_at_(vectors_.size() / dimensions) {
    auto codes = CodeTable::create(field_, 7);
    OMEN_ASSERT(codes.ok());
    codes_ = std::move(codes).value();
    OMEN_ASSERT(codes_->append(std::as_bytes(std::span(vectors_))).ok());
  }

  std::uint32_t rows() const { return static_cast<std::uint32_t>(erased_at_.size()); }
  std::span<const float> vector(std::uint32_t row) const {
    return std::span(vectors_).subspan(std::size_t{row} * field_.dimensions, field_.dimensions);
  }
  const VectorField& field() const { return field_; }
  const CodeTable& codes() const { return *codes_; }

  void erase(std::uint32_t row) { erased_at_[row].store(1); }
  RowFilter live() const { return RowFilter(erased_at_.data(), 1); }

  ExactScorer scorer(std::span<const float> query) const {
    return ExactScorer(field_, std::as_bytes(std::span(vectors_)).data(), query);
  }

  EffortSample effort_sample() const {
    return {.codes = *codes_, .field = field_, .vectors = std::as_bytes(std::span(vectors_)).data(), .live = live()};
  }

  std::shared_ptr<const Graph> build(std::uint32_t end, std::size_t threads = 1, const Graph* base = nullptr) const {
    auto executor = make_executor(threads, Priority::Normal);
    auto builder = GraphBuilder::extend(base, *codes_, BuildOptions{});
    OMEN_ASSERT(builder.ok());
    OMEN_ASSERT(builder->add_batch(end, live(), *executor, [] { return true; }).ok());
    return std::move(*builder).build();
  }

  // As the database answers: by codes, then exactly.
  std::vector<Candidate> search(const Graph& graph, std::span<const float> query, std::uint32_t k,
                                std::uint32_t ef) const {
    WalkScratch scratch;
    std::vector<Candidate> found;
    const CodeQuery bound(*codes_, query);
    beam_search(graph, *codes_, bound, live(), ef, scratch, found);
    TopK nearest(k);
    std::uint64_t distances = 0;
    rerank(scorer(query), bound, *codes_, found, nearest, distances);
    return nearest.take_sorted();
  }

  std::vector<Candidate> exact(std::span<const float> query, std::uint32_t k, std::uint32_t end) const {
    TopK nearest(k);
    exact_scan(scorer(query), live(), {0, end}, nearest);
    return nearest.take_sorted();
  }

 private:
  VectorField field_;
  std::vector<float> vectors_;
  std::vector<std::atomic<std::uint64_t>> erased_at_;
  std::unique_ptr<CodeTable> codes_;
};

// The share of the wanted rows that were found.
inline double recall(std::span<const Candidate> found, std::span<const Candidate> wanted) {
  const auto right = std::ranges::count_if(wanted, [&](const Candidate& want) {
    return std::ranges::any_of(found, [&](const Candidate& have) { return have.row == want.row; });
  });
  return static_cast<double>(right) / static_cast<double>(wanted.size());
}

inline std::vector<std::uint32_t> reached_from_entries(const Graph& graph) {
  std::vector<bool> seen(graph.covered());
  std::vector<std::uint32_t> reached;
  const auto reach = [&](Row row) {
    if (seen[index(row)]) return;
    seen[index(row)] = true;
    reached.push_back(index(row));
  };
  for (const Row entry : graph.entries()) reach(entry);
  for (std::size_t i = 0; i < reached.size(); ++i) {
    for (const Row link : graph.links(Row{reached[i]})) {
      if (link != kNoRow) reach(link);
    }
  }
  return reached;
}

inline bool same_graph(const Graph& a, const Graph& b) {
  if (a.covered() != b.covered() || !std::ranges::equal(a.entries(), b.entries())) return false;
  if (std::memcmp(&a.effort(), &b.effort(), sizeof(SearchEffort)) != 0) return false;
  if (!std::ranges::equal(a.batch_ends(), b.batch_ends())) return false;
  for (std::uint32_t row = 0; row < a.covered(); ++row) {
    if (!std::ranges::equal(a.links(Row{row}), b.links(Row{row}))) return false;
  }
  return true;
}

}  // namespace omendb
