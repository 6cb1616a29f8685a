#include "graph/search_effort.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <random>
#include <span>
#include <vector>

#include "base/try.h"
#include "graph/beam_search.h"
#include "graph/graph.h"
#include "graph/rerank.h"
#include "search/code_query.h"
#include "search/exact_scorer.h"
#include "search/scan.h"
#include "search/top_k.h"
#include "search/vector_values.h"

namespace omendb {
namespace {

// A recall that varies by 0.1 from query to query is then known to 0.01.
constexpr std::uint32_t kQueries = 128;

constexpr std::uint32_t kTriesPerQuery = 16;  // erased rows are passed over

constexpr std::uint32_t kNeighborsMax = 100;

// A scan of so many rows takes about two milliseconds; so does a query of the widest walks.
constexpr std::uint32_t kRowsAtOnce = 1u << 20;
constexpr std::size_t kQueriesOfAThread = 2;

// One-sided, at 95 % confidence (of a normal distribution).
constexpr double kConfidence = 1.645;

// A row that asks for its neighbours.
struct Probe {
  Row row;
  std::vector<float> vector;
  TopK nearest{kNeighborsMax + 1};  // exact, itself among them
  std::vector<float> wanted{};      // the distances of its nearest neighbours, itself left out
};

// What is to be reached for one k.
struct Goal {
  std::uint32_t k;
  EffortForK& effort;
  std::vector<double> recalls{};  // of the walk before, by probe
  bool reached = false;

  // By distances: any of several equally near rows is as good as another.
  void judge(std::size_t probe, std::span<const Candidate> found, std::span<const float> wanted) {
    const std::size_t count = std::min<std::size_t>(k, wanted.size());
    const auto right = std::ranges::count_if(found.first(std::min(count, found.size())), [&](const Candidate& have) {
      return have.distance <= wanted[count - 1];
    });
    recalls[probe] = count == 0 ? 1.0 : static_cast<double>(right) / static_cast<double>(count);
  }

  // Takes the walk before into account; the first wide enough decides.
  void conclude(std::uint32_t ef) {
    if (reached) return;
    const auto count = static_cast<double>(recalls.size());
    const double mean = std::accumulate(recalls.begin(), recalls.end(), 0.0) / count;
    double squares = 0;
    for (const double recall : recalls) squares += (recall - mean) * (recall - mean);
    const double error = std::sqrt(squares) / count;  // of the mean
    effort = {ef, static_cast<float>(mean)};
    reached = mean - kConfidence * error >= kRecallWanted;
  }
};

class Measurement {
 public:
  Measurement(const Graph& graph, const EffortSample& sample, Executor& executor, FunctionRef<bool()> pause)
      : graph_(graph), sample_(sample), executor_(executor), pause_(pause), scratches_(executor.threads()) {}

  Result<SearchEffort> run(std::uint32_t ef_max) {
    choose_probes();
    if (probes_.empty()) return SearchEffort{};
    OMEN_TRY(find_wanted());
    ef_max = std::clamp(ef_max, kEfMin, kEfMax);
    SearchEffort effort;
    effort.covered = graph_.covered();
    effort.queries = static_cast<std::uint32_t>(probes_.size());
    std::array<Goal, 2> goals{{{10, effort.for_10}, {kNeighborsMax, effort.for_100}}};
    for (std::uint32_t ef = kEfMin;; ef = std::min(ef + ef / 4, ef_max)) {
      OMEN_TRY(walk(ef, goals));
      for (Goal& goal : goals) goal.conclude(ef);
      if (ef == ef_max || (goals[0].reached && goals[1].reached)) return effort;
    }
  }

 private:
  // With the covered rows as the seed: others each time.
  void choose_probes() {
    std::mt19937 random(graph_.covered());
    std::uniform_int_distribution<std::uint32_t> any(0, graph_.covered() - 1);
    for (std::uint32_t tries = 0; tries < kQueries * kTriesPerQuery && probes_.size() < kQueries; ++tries) {
      const Row row = row_at(any(random));
      if (!sample_.live.contains(row)) continue;
      const std::byte* vector = sample_.vectors + std::uint64_t{index(row)} * sample_.field.row_bytes();
      probes_.push_back({.row = row, .vector = to_floats(sample_.field, vector)});
    }
  }

  Result<void> find_wanted() {
    for (RowRange rows{0, 0}; rows.end < graph_.covered();) {
      rows = {rows.end, rows.end + std::min(kRowsAtOnce, graph_.covered() - rows.end)};
      OMEN_TRY(for_probes([&](std::size_t place, WalkScratch&) {
        Probe& probe = probes_[place];
        const CodeQuery query(sample_.codes, probe.vector);
        tail_scan(sample_.codes, query, scorer_of(probe), sample_.live, rows, probe.nearest);
      }));
    }
    for (Probe& probe : probes_) {
      for (const Candidate& candidate : probe.nearest.take_sorted()) {
        if (candidate.row == probe.row || probe.wanted.size() == kNeighborsMax) continue;
        probe.wanted.push_back(candidate.distance);
      }
    }
    return {};
  }

  // One walk a probe, judged for each goal.
  Result<void> walk(std::uint32_t ef, std::span<Goal> goals) {
    for (Goal& goal : goals) goal.recalls.resize(probes_.size());
    return for_probes([&](std::size_t place, WalkScratch& scratch) {
      const Probe& probe = probes_[place];
      const CodeQuery query(sample_.codes, probe.vector);
      std::vector<Candidate> found;
      beam_search(graph_, sample_.codes, query, sample_.live, ef, scratch, found, probe.row);
      TopK nearest(kNeighborsMax);
      std::uint64_t distances = 0;
      rerank(scorer_of(probe), query, sample_.codes, found, nearest, distances);
      const std::vector<Candidate> sorted = nearest.take_sorted();
      for (Goal& goal : goals) goal.judge(place, sorted, probe.wanted);
    });
  }

  Result<void> for_probes(FunctionRef<void(std::size_t place, WalkScratch& scratch)> body) {
    const std::size_t piece = kQueriesOfAThread * executor_.threads();
    for (std::size_t first = 0; first < probes_.size(); first += piece) {
      if (!pause_()) return Error{ErrorCode::Cancelled, "measuring the recall was given up"};
      const auto part = [&](std::size_t begin, std::size_t end, std::size_t thread) {
        for (std::size_t place = begin; place < end; ++place) body(first + place, scratches_[thread]);
      };
      executor_.parallel_for(std::min(piece, probes_.size() - first), 1, part);
    }
    return {};
  }

  ExactScorer scorer_of(const Probe& probe) const { return {sample_.field, sample_.vectors, probe.vector}; }

  const Graph& graph_;
  const EffortSample& sample_;
  Executor& executor_;
  FunctionRef<bool()> pause_;
  std::vector<WalkScratch> scratches_;  // one a thread
  std::vector<Probe> probes_;
};

}  // namespace

Result<SearchEffort> measure_effort(const Graph& graph, const EffortSample& sample, std::uint32_t ef_max,
                                    Executor& executor, FunctionRef<bool()> pause) {
  if (graph.covered() == 0) return SearchEffort{};
  return Measurement(graph, sample, executor, pause).run(ef_max);
}

}  // namespace omendb
