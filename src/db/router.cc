#include "db/router.h"

#include <algorithm>
#include <limits>

#include "search/code_table.h"

namespace omendb {
namespace {

// One-bit codes that a scan reads in the time of a walk, some 25 microseconds: 512 KiB, out of the second-level cache.
constexpr std::uint64_t kScanBitsMax = 4ull << 20;

// What the parts of a filtered search cost, in nanoseconds: measured with 128 dimensions and 784 (filter_bench). What waits
// for a cache miss costs little more with many dimensions, what streams costs as much more.
struct Prices {
  double scanned;       // a row, by its one-bit code
  double scanned_late;  // the same with the filter asked of rows that are near enough
  double listed;        // a row, by its 8-bit code, out of some cache misses
  double step;          // of a walk: a dozen codes, and asking the filter
  double two_hop_step;  // up to 32 codes, the links of up to 32 rows, a thousand bits
  double in_set = 1.5;  // a row, found in an index and put into a set
};

Prices prices(std::uint32_t code_dimensions) {
  const double dimensions = code_dimensions;
  const double scanned = 0.026 * dimensions;
  return {.scanned = scanned,
          .scanned_late = 2 * scanned,
          .listed = 70 + 0.08 * dimensions,
          .step = 800 + 3 * dimensions,
          .two_hop_step = 6'500 + 3 * dimensions};
}

// A walk reads 10 to 20 codes for each place of its pool, one cache miss each; a scan streams them. On this side of where
// they take the same time, since a walk leaves memory bandwidth to other queries (decision 0015).
constexpr double kRowsPerEfMin = 100;

// Where a walk looks around: past the way to the query, and where a filter that has nothing to do with the query has let
// three rows through: none is then seen one time in twenty.
constexpr double kApproachSteps = 32;
constexpr double kWantedToSee = 3;

double cost_of_set(const Prices& price, std::uint64_t listed, std::uint32_t visible) {
  return price.scanned * visible + 2 * price.in_set * static_cast<double>(listed);
}

double cost_of_list(const Prices& price, std::uint64_t listed, std::uint32_t visible) {
  return std::min(cost_of_set(price, listed, visible), price.listed * static_cast<double>(listed));
}

// Prices the plans for a filtered query: whether to begin with a walk, and in `plan` what else there is and when the walk
// is left for it.
bool filtered_walk_pays(const RouterInput& input, Plan& plan) {
  constexpr double kNever = std::numeric_limits<double>::infinity();
  const Prices price = prices(input.code_dimensions);
  const double scan = price.scanned_late * input.visible;
  const bool listable = input.candidates || input.known_rows_cost;
  const double list = listable ? cost_of_list(price, input.candidates.value_or(input.visible), input.visible) : scan;
  const double far = std::min(list, scan);  // whether wanted rows are near or far
  const double two_hop = input.known_rows_cost
                             ? price.in_set * static_cast<double>(*input.known_rows_cost) + price.two_hop_step * plan.ef
                             : kNever;
  plan.list_is_cheaper = list < scan;
  plan.two_hop = two_hop < far;

  const double near = std::min(two_hop, far);
  const double walk_at_most = price.step * plan.ef;  // where all rows are wanted
  const std::uint32_t look = look_after(input.wanted_share);
  plan.limits.steps_max = static_cast<std::uint32_t>(near / price.step);
  plan.limits.look_after = std::min(look, plan.limits.steps_max);
  plan.limits.near_share_min = walk_at_most / near;
  return walk_at_most <= far * input.wanted_share || price.step * look + near < far;
}

}  // namespace

std::uint32_t rows_settled_without_graph(std::uint32_t code_dimensions) {
  if (code_dimensions == 0) return kRowsMax;
  const auto rows = static_cast<std::uint32_t>(kScanBitsMax / std::max(code_dimensions, 64u));
  return std::max(rows, kFirstCodedRows);
}

std::uint32_t settled_rows(std::uint32_t visible, std::uint32_t covered, std::uint32_t code_dimensions) {
  if (covered != 0) return covered;
  return visible <= rows_settled_without_graph(code_dimensions) ? visible : 0;
}

std::uint32_t default_ef(const SearchEffort& effort, std::uint32_t k) {
  if (effort.covered == 0) return std::max(kEfMin, k);
  const double for_10 = effort.for_10.ef;
  const double for_100 = std::max(effort.for_100.ef, effort.for_10.ef);
  if (k <= 10) return effort.for_10.ef;
  if (k >= 100) return static_cast<std::uint32_t>(for_100 * k / 100);
  return static_cast<std::uint32_t>(for_10 + (for_100 - for_10) * (k - 10) / 90);
}

std::uint32_t widest_walk(double live_rows) { return static_cast<std::uint32_t>(live_rows / kRowsPerEfMin); }

bool dense(std::uint64_t listed, std::uint32_t visible, std::uint32_t code_dimensions) {
  const Prices price = prices(code_dimensions);
  return price.listed * static_cast<double>(listed) > cost_of_set(price, listed, visible);
}

bool few_candidates(const RouterInput& input) {
  const Prices price = prices(input.code_dimensions);
  const double shortest_walk = price.step * kEfMin;
  return input.candidates && cost_of_list(price, *input.candidates, input.visible) <= shortest_walk;
}

std::uint32_t look_after(double share) {
  return static_cast<std::uint32_t>(kApproachSteps + kWantedToSee / std::max(share, 1e-6));
}

Plan route(const RouterInput& input) {
  Plan plan;
  plan.ef = std::max(input.ef == 0 ? default_ef(input.effort, input.k) : input.ef, input.k);

  const std::uint32_t end = input.freshness == Freshness::Indexed ? input.settled : input.visible;
  if (few_candidates(input)) {
    plan.listed = {0, end};
    return plan;
  }
  const bool coded = input.code_dimensions != 0 && input.visible >= kFirstCodedRows;
  if (input.exact || !coded) {
    plan.exact = {0, end};
    return plan;
  }
  const bool walk_pays = input.covered > 0 && (input.filtered ? filtered_walk_pays(input, plan)
                                                              : plan.ef <= widest_walk(input.covered * input.wanted_share));
  if (!walk_pays && plan.list_is_cheaper) {
    plan.listed = {0, end};
    return plan;
  }
  const std::uint32_t covered = walk_pays ? input.covered : 0;
  plan.graph = {0, covered};
  plan.scan = {covered, end};
  return plan;
}

}  // namespace omendb
