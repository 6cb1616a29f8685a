// Answers queries by means of the engine: which points, in which order, with which scores.
#pragma once

#include <optional>
#include <vector>

#include "omendb/collection.h"
#include "server/call.h"
#include "server/example_scores.h"
#include "server/query.h"

namespace omendb {

struct Hit {
  PointId id;
  float score = 0;
  std::optional<OrderValue> order_value = std::nullopt;
};

class QueryRunner {
 public:
  // Both outlive the runner.
  QueryRunner(const Call& call, const Collection& collection) : call_(call), collection_(collection) {}

  Outcome<std::vector<Hit>> run(const Query& query) { return run(query, {}); }

  // The sum of all searches so far, and the plan of the slowest.
  const Explanation& explanation() const { return explanation_; }

 private:
  using Hits = std::vector<Hit>;

  // `outer`: the filters of the queries that this one is a prefetch of.
  Outcome<Hits> run(const Query& query, const Filter& outer);
  Outcome<Hits> merge(const Query& query, const Filter& filter);
  Outcome<Hits> run_alone(const Query& query, Filter filter, bool exact);

  Outcome<Hits> scroll(const Query& query, const Filter& filter);
  Outcome<Hits> sample(const Query& query, const Filter& filter);
  Outcome<Hits> nearest(const Query& query, Filter filter, bool exact);
  Outcome<Hits> diversify(const Query& query, const Hits& hits);
  Outcome<Hits> recommend(const Query& query, Filter filter, bool exact);
  Outcome<Hits> recommend_by_scores(const Query& query, const Filter& filter, const std::vector<VectorInput>& positive,
                                    const std::vector<VectorInput>& negative);
  Outcome<Hits> discover(const Query& query, Filter filter);

  // Of queries that compare every candidate with every example.
  struct Candidates {
    std::vector<PointId> ids;  // sorted
    std::vector<bool> lost;    // erased since
  };
  Outcome<Candidates> candidates_of(const Query& query, Filter filter);
  Outcome<std::vector<Similarities>> compare_all(const std::vector<VectorInput>& examples, const Query& query,
                                                 const Filter& filter, Candidates& candidates);
  static Hits best_of(const Query& query, const Candidates& candidates, const std::vector<float>& scores);

  Outcome<std::vector<Neighbor>> search(const VectorInput& vector, const SearchOptions& options);
  void add(const Explanation& one);
  SearchOptions options_of(const Query& query, const Filter& filter, bool exact) const;

  // The vector itself, where the input is an id; the id is then left out of the answer.
  Outcome<VectorInput> resolve(const VectorInput& input, const Query& query, std::vector<PointId>& mentioned);
  Outcome<std::vector<VectorInput>> resolve_all(const std::vector<VectorInput>& inputs, const Query& query,
                                                std::vector<PointId>& mentioned);

  const Call& call_;
  const Collection& collection_;
  Explanation explanation_;
  std::uint64_t slowest_microseconds_ = 0;
};

// The vector of that name that a point of the collection has. Under cosine it has a length of 1.
Outcome<VectorInput> vector_of(const Collection& collection, PointId id, std::string_view name);

void require_ids(Filter& filter, std::vector<PointId> ids);

}  // namespace omendb
