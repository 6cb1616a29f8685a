#include "db/router.h"

#include <algorithm>

#include "search/code_table.h"

namespace omendb {
namespace {

// One-bit codes that a scan reads in the time of a walk, some 25 microseconds: 512 KiB, out of the second-level cache.
constexpr std::uint64_t kScanBitsMax = 4ull << 20;

// A walk that keeps a tenth of the rows it could find visits most of them, one cache miss each; a scan streams them.
constexpr std::uint32_t kRowsPerEfMin = 10;

}  // namespace

std::uint32_t rows_settled_without_graph(std::uint32_t code_dimensions) {
  const auto rows = static_cast<std::uint32_t>(kScanBitsMax / std::max(code_dimensions, 64u));
  return std::max(rows, kFirstCodedRows);
}

std::uint32_t settled_rows(std::uint32_t visible, std::uint32_t covered, std::uint32_t code_dimensions) {
  if (covered != 0) return covered;
  return visible <= rows_settled_without_graph(code_dimensions) ? visible : 0;
}

Plan route(const RouterInput& input) {
  Plan plan;
  plan.ef = std::max(input.ef == 0 ? kDefaultEf : input.ef, input.k);

  const std::uint32_t end = input.freshness == Freshness::Indexed ? input.settled : input.visible;
  if (input.exact || !CodeTable::coded(input.visible)) {
    plan.exact = {0, end};
    return plan;
  }
  const bool walk_pays = double{kRowsPerEfMin} * plan.ef <= input.covered * input.live_share;
  const std::uint32_t covered = walk_pays ? input.covered : 0;
  plan.graph = {0, covered};
  plan.scan = {covered, end};
  return plan;
}

}  // namespace omendb
