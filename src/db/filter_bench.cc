// What each plan for a filtered query takes, and what the router chose: filter_bench DB COLLECTION QUERIES.fvecs [queries]
// with filters of many widths, as lines "name<tab>filter" on standard input (bench/filters.py makes them, and the payloads).
// Fields that the database has no index on are read from payloads. Prints, for each filter, the share of points it matches, then for each plan the
// milliseconds a query takes in the mean, the best of a few rounds for each, and the recall@10 against an exact search, then the router's; at
// the end the filter whose router's queries a second are the least share of the best plan's that finds 95 %.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "db/bench_queries.h"
#include "db/database_impl.h"
#include "db/query.h"
#include "os/clock.h"

namespace omendb {
namespace {

// The rounds of all plans alternate: on a shared machine the least of a query's times says most.
constexpr int kRounds = 3;
constexpr double kRecallMin = 0.95;

class Outcome {
 public:
  explicit Outcome(std::size_t queries) : milliseconds_(queries, std::numeric_limits<double>::infinity()) {}

  void add(std::size_t query, double milliseconds) {
    milliseconds_[query] = std::min(milliseconds_[query], milliseconds);
  }
  void add(std::size_t found, std::size_t wanted) {
    found_ += found;
    wanted_ += wanted;
  }

  double milliseconds() const {
    return std::accumulate(milliseconds_.begin(), milliseconds_.end(), 0.0) / static_cast<double>(milliseconds_.size());
  }
  double recall() const { return wanted_ == 0 ? 1.0 : static_cast<double>(found_) / static_cast<double>(wanted_); }

 private:
  std::vector<double> milliseconds_;  // of each query, the least
  std::size_t found_ = 0;
  std::size_t wanted_ = 0;
};

class Bench {
 public:
  Bench(std::shared_ptr<const View> view, std::vector<std::vector<float>> queries)
      : view_(std::move(view)), queries_(std::move(queries)) {}

  void run(const std::string& name, const Filter& filter) {
    const FilterCheck check = FilterCheck::compile(filter).value();
    indexed_.emplace(check, *view_->field_indexes, view_->visible);
    truth_.clear();
    for (const auto& query : queries_) {
      PointFilter point_filter(*view_, *indexed_);
      Plan exact;
      exact.exact = {0, view_->visible};
      truth_.push_back(carry_out(exact, *view_, 0, query, options_, &point_filter, nullptr).value().nearest);
    }
    PointFilter counted(*view_, *indexed_);
    const std::size_t matching = counted.list(view_->visible).size();
    std::printf("%-24s %7.3f %%", name.c_str(), 100.0 * static_cast<double>(matching) / view_->visible);

    const std::uint32_t covered = view_->fields[0].covered();
    const std::uint32_t ef = default_ef(view_->fields[0].effort(), options_.k);
    Plan walk;
    walk.graph = {0, covered};
    walk.scan = {covered, view_->visible};
    walk.ef = ef;
    walk.limits.steps_max = view_->visible / 20;
    Plan two_hop = walk;  // once the walk has seen whether the filter opposes the query, wherever it does not
    two_hop.two_hop = true;
    two_hop.list_is_cheaper = true;
    two_hop.limits.look_after = look_after(static_cast<double>(matching) / view_->visible);
    two_hop.limits.near_share_min = 2;
    Plan scan;
    scan.scan = {0, view_->visible};
    Plan listed;
    listed.listed = {0, view_->visible};
    const Plan* const plans[] = {&walk, &two_hop, &scan, &listed, nullptr};
    std::vector<Outcome> outcomes(std::size(plans), Outcome(queries_.size()));
    for (int round = 0; round < kRounds; ++round) {
      for (std::size_t i = 0; i < std::size(plans); ++i) measure(plans[i], outcomes[i]);
    }
    print(outcomes);
    note_worst(name, outcomes);
  }

  void print_worst() const {
    std::printf("worst: %.2f of the best plan's queries a second, %s\n", worst_share_, worst_.c_str());
  }

 private:
  static void print(const std::vector<Outcome>& outcomes) {
    const char* const names[] = {"walk", "two-hop", "scan", "list", "ROUTER"};
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      std::printf("  %s %8.3f ms %.3f", names[i], outcomes[i].milliseconds(), outcomes[i].recall());
    }
    std::printf("\n");
  }

  void note_worst(const std::string& name, const std::vector<Outcome>& outcomes) {
    double best = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i + 1 < outcomes.size(); ++i) {
      if (outcomes[i].recall() >= kRecallMin) best = std::min(best, outcomes[i].milliseconds());
    }
    const double share = best / outcomes.back().milliseconds();
    if (share >= worst_share_) return;
    worst_share_ = share;
    worst_ = name;
  }

  void measure(const Plan* forced, Outcome& outcome) {
    for (std::size_t i = 0; i < queries_.size(); ++i) {
      const auto begin = std::chrono::steady_clock::now();
      PointFilter filter(*view_, *indexed_);
      const Plan plan = forced != nullptr ? *forced : plan_query(*view_, 0, options_, &filter);
      const Answer answer = carry_out(plan, *view_, 0, queries_[i], options_, &filter, nullptr).value();
      outcome.add(i, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
      std::size_t found = 0;
      for (const Candidate& right : truth_[i]) {
        found += std::ranges::any_of(answer.nearest, [&](const Candidate& c) { return c.row == right.row; }) ? 1u : 0u;
      }
      outcome.add(found, truth_[i].size());
    }
  }

  std::shared_ptr<const View> view_;
  std::vector<std::vector<float>> queries_;
  SearchOptions options_;
  std::optional<IndexedFilter> indexed_;
  std::vector<std::vector<Candidate>> truth_;
  double worst_share_ = std::numeric_limits<double>::infinity();
  std::string worst_;
};

int run(int argc, char** argv) {
  const std::size_t count = argc > 4 ? std::strtoul(argv[4], nullptr, 10) : 50;
  auto database = DatabaseImpl::open(real_disk(), omendb::steady_clock(), argv[1], {.create_if_missing = false}).value();
  auto collection = database->find(argv[2]).value();
  if (!collection->wait_field_indexes(std::chrono::hours(1)).ok()) return 1;
  for (const FieldIndexInfo& field : collection->field_indexes()) {
    std::printf("%s: %llu rows, %.1f MB\n", field.key.c_str(), static_cast<unsigned long long>(field.rows),
                static_cast<double>(field.memory_bytes) / 1e6);
  }
  Bench bench(collection->view(), read_queries(argv[3], count));
  for (std::string line; std::getline(std::cin, line);) {
    const std::size_t tab = line.find('\t');
    const Result<Filter> filter = parse_filter(std::string_view(line).substr(tab + 1));
    if (!filter.ok()) {
      std::fprintf(stderr, "%s\n", filter.error().message.c_str());
      return 1;
    }
    bench.run(line.substr(0, tab), *filter);
    std::fflush(stdout);
  }
  bench.print_worst();
  return 0;
}

}  // namespace
}  // namespace omendb

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "filter_bench DB COLLECTION QUERIES.fvecs [queries] < FILTERS\n");
    return 2;
  }
  return omendb::run(argc, argv);
}
