// How wide walks through a graph must be for good answers: measured, since it depends on the data.
//
// Some rows of the collection are asked for their neighbours, each as if it were not there, and the answers compared
// with exact ones, which the codes give in a moment; walks get wider until enough of the neighbours are found.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/function_ref.h"
#include "omendb/result.h"
#include "os/executor.h"
#include "search/code_table.h"
#include "search/row_filter.h"
#include "storage/schema.h"

namespace omendb {

class Graph;

// The recall that a search gets which asks for nothing else.
constexpr double kRecallWanted = 0.95;

constexpr std::uint32_t kEfMin = 64;       // tried first: below it there is little time to be saved
constexpr std::uint32_t kEfMax = 16'384;  // tried last

// The narrowest walk tried that found enough, or the widest tried if none did.
struct EffortForK {
  std::uint32_t ef = 0;  // 0: never measured
  float recall = 0;      // what it found of the k nearest, in the mean
};

// Kept in graph files as it is (docs/file_format.md, section Graph).
struct SearchEffort {
  std::uint32_t covered = 0;  // by the graph when this was measured; 0: never
  std::uint32_t queries = 0;  // asked
  EffortForK for_10;
  EffortForK for_100;
};

// What is measured on: rows of `field`, whose vectors lie at `vectors` and have been checked.
struct EffortSample {
  const CodeTable& codes;
  const VectorField& field;
  const std::byte* vectors;
  RowFilter live;
};

// Widens walks until, with 95 % confidence, the mean recall is kRecallWanted, both at 10 and at 100 neighbours; gives up
// at `ef_max`. The same rows, erasures and graph give the same effort. `pause` is called every few milliseconds, on the
// calling thread: GraphBuilder::add_batch. Cancelled if it returned false. Reads some 100 exact vectors a query at
// random.
Result<SearchEffort> measure_effort(const Graph& graph, const EffortSample& sample, std::uint32_t ef_max,
                                    Executor& executor, FunctionRef<bool()> pause);

}  // namespace omendb
