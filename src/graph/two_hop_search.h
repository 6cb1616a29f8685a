// Walking the graph among wanted rows alone: where a link leads to a row that is not wanted, the wanted rows one link
// further are met in its place (ACORN-1: Patel and others, 2024). No distance is computed that is not wanted.
//
// What two links cannot reach is not found. That is so where wanted rows lie in small groups among many others: where the
// filter opposes the query, which beam_search() notices at a fraction of its cost.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/row.h"
#include "graph/beam_search.h"
#include "graph/graph.h"
#include "search/code_query.h"
#include "search/row_filter.h"
#include "search/top_k.h"

namespace omendb {

// Appends to `found` the up to `ef` nearest wanted rows met, nearest first by code distance. `wanted` is asked of every
// row within two links: it should have a set. The walk begins at `seeds`, rows of the graph.
WalkCount two_hop_search(const Graph& graph, const CodeTable& codes, const CodeQuery& query, const RowFilter& wanted,
                         std::span<const Row> seeds, std::uint32_t ef, WalkScratch& scratch,
                         std::vector<Candidate>& found);

}  // namespace omendb
