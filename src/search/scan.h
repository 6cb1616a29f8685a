// Searching rows without a graph: exactly, or in three stages by codes.
#pragma once

#include <cstdint>
#include <span>

#include "base/row.h"
#include "os/executor.h"
#include "search/code_query.h"
#include "search/code_table.h"
#include "search/exact_scorer.h"
#include "search/row_filter.h"
#include "search/top_k.h"

namespace omendb {

struct ScanCount {
  std::uint64_t distances = 0;  // exact ones and 8-bit ones
  bool missed = false;          // fewer than k were found, though k are there: a bound that holds nearly always did not
};

// Offers every wanted row of the range with its exact distance.
ScanCount exact_scan(const ExactScorer& scorer, const RowFilter& wanted, RowRange rows, TopK& nearest);

// The same answer from a fraction of the bytes: one-bit estimates minus their error against the threshold, then 8-bit
// bounds, then the exact distance. `nearest` may hold candidates already (the graph's): its threshold is where the scan
// starts. `rows` lie in a View in which the table is coded. Rows of a partly filled block, and rows without one-bit
// codes, are compared by their 8-bit codes.
ScanCount tail_scan(const CodeTable& table, const CodeQuery& query, const ExactScorer& scorer, const RowFilter& wanted,
                    RowRange rows, TopK& nearest);

// The nearest of single rows, each once: by 8-bit bounds, then exact distances. The table is coded.
ScanCount listed_scan(const CodeTable& table, const CodeQuery& query, const ExactScorer& scorer,
                      std::span<const Row> rows, TopK& nearest);

// tail_scan() with the rows dealt out over the executor's threads; the same answer.
ScanCount parallel_tail_scan(const CodeTable& table, const CodeQuery& query, const ExactScorer& scorer,
                             const RowFilter& wanted, RowRange rows, TopK& nearest, Executor& executor);

}  // namespace omendb
