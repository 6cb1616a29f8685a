// The router: which rows of a View are answered by which search. Pure: it sees numbers and returns a plan.
#pragma once

#include <cstdint>
#include <optional>

#include "base/row.h"
#include "graph/beam_search.h"
#include "graph/search_effort.h"
#include "omendb/types.h"

namespace omendb {

// What decides, of a query and of the View it runs on.
struct RouterInput {
  std::uint32_t visible = 0;
  std::uint32_t covered = 0;  // by the graph
  std::uint32_t settled = 0;  // as progress() counts: covered, or all of a small collection without a graph
  std::uint32_t k = 10;
  std::uint32_t ef = 0;  // 0: the default
  SearchEffort effort = {};  // as the graph was measured
  bool exact = false;
  Freshness freshness = Freshness::All;
  std::uint32_t code_dimensions = 0;  // 0: there are no codes
  double wanted_share = 1;  // of the visible rows: those that live and match the filter
  bool filtered = false;
  std::optional<std::uint64_t> candidates = std::nullopt;  // rows that may match the filter, if indexes can list them
  std::optional<std::uint64_t> known_rows_cost = std::nullopt;  // rows looked up to know all that match, if indexes can
};

// The row ranges do not overlap, and together they are everything the query asked for.
struct Plan {
  RowRange exact;  // compared one by one
  RowRange graph;  // answered by the walk; always [0, covered) or empty
  RowRange scan;   // by codes, in three stages
  RowRange listed;  // of these, the rows that indexes list, by codes; then the other ranges are empty
  std::uint32_t ef = 0;
  // With a filter, a walk that turns out dear is left: for one over two hops where wanted rows are near, else for the list
  // if it is cheaper than a scan, else for that.
  WalkLimits limits;
  bool two_hop = false;
  bool list_is_cheaper = false;
};

// For `k` neighbours, of a query that names no `ef`: what was measured for 10 and 100 of them, in proportion in between
// and beyond.
std::uint32_t default_ef(const SearchEffort& effort, std::uint32_t k);

// Wider walks than that are slower than a scan of all the rows.
std::uint32_t widest_walk(double live_rows);

// So few that listing them is faster than any walk, whatever their share turns out to be.
bool few_candidates(const RouterInput& input);

// Of so many listed rows, as a set, blocks of one-bit codes are faster to scan than their 8-bit codes.
bool dense(std::uint64_t listed, std::uint32_t visible, std::uint32_t code_dimensions);

// The steps after which a filtered walk has seen whether rows around the query match, of which `share` do elsewhere.
std::uint32_t look_after(double share);

Plan route(const RouterInput& input);

// Up to this many rows a scan answers as fast as a graph would: smaller collections have none, and are settled without.
std::uint32_t rows_settled_without_graph(std::uint32_t code_dimensions);

// The rows the indexer is done with: those the graph covers, or all of a small collection.
std::uint32_t settled_rows(std::uint32_t visible, std::uint32_t covered, std::uint32_t code_dimensions);

}  // namespace omendb
