#include "db/router.h"

#include <algorithm>

#include "search/code_table.h"

namespace omendb {
namespace {

// One-bit codes that a scan reads in the time of a walk, some 25 microseconds: 512 KiB, out of the second-level cache.
constexpr std::uint64_t kScanBitsMax = 4ull << 20;

// What the parts of a filtered search cost, in rows of a scan: measured with 128 dimensions, where such a row takes
// 3.3 ns; more dimensions make all of them longer (filter_bench).
constexpr double kListedRowCost = 25;  // its code, out of some cache misses
constexpr double kDenseRowCost = 4;    // to be found in an index, beside a scan of all blocks
constexpr double kStepCost = 360;      // of a walk: a dozen codes, and asking the filter
constexpr double kAskedRowCost = 2;    // of a scan of all rows with the filter asked late, where many rows match

// A walk reads 10 to 20 codes for each place of its pool, one cache miss each; a scan streams them. On this side of where
// they take the same time, since a walk leaves memory bandwidth to other queries (decision 0015).
constexpr double kRowsPerEfMin = 100;

double cost_of_list(std::uint64_t listed, std::uint32_t visible) {
  const auto rows = static_cast<double>(listed);
  return dense(listed, visible) ? visible + kDenseRowCost * rows : kListedRowCost * rows;
}

}  // namespace

std::uint32_t rows_settled_without_graph(std::uint32_t code_dimensions) {
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

bool dense(std::uint64_t listed, std::uint32_t visible) {
  return static_cast<double>(listed) * (kListedRowCost - kDenseRowCost) > visible;
}

bool few_candidates(const RouterInput& input) {
  const double shortest_walk = kStepCost * kEfMin;
  return input.candidates && cost_of_list(*input.candidates, input.visible) <= shortest_walk;
}

Plan route(const RouterInput& input) {
  Plan plan;
  plan.ef = std::max(input.ef == 0 ? default_ef(input.effort, input.k) : input.ef, input.k);

  const std::uint32_t end = input.freshness == Freshness::Indexed ? input.settled : input.visible;
  if (few_candidates(input)) {
    plan.listed = {0, end};
    return plan;
  }
  if (input.exact || !CodeTable::coded(input.visible)) {
    plan.exact = {0, end};
    return plan;
  }
  bool walk_pays = input.covered > 0 && plan.ef <= widest_walk(input.covered * input.wanted_share);
  if (input.filtered) {
    const double scan = kAskedRowCost * input.visible;
    const double list = input.candidates ? cost_of_list(*input.candidates, input.visible) : scan;
    plan.list_is_cheaper = list < scan;
    const double otherwise = std::min(list, scan);
    walk_pays = walk_pays && kStepCost * plan.ef <= otherwise * input.wanted_share;
    plan.steps_max = static_cast<std::uint32_t>(otherwise / kStepCost);
    if (!walk_pays && plan.list_is_cheaper) {
      plan.listed = {0, end};
      return plan;
    }
  }
  const std::uint32_t covered = walk_pays ? input.covered : 0;
  plan.graph = {0, covered};
  plan.scan = {covered, end};
  return plan;
}

}  // namespace omendb
