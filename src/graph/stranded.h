// Rows that no link leads to: no walk would ever find them. Inside graph/ only.
#pragma once

#include <vector>

#include "base/function_ref.h"
#include "base/row.h"
#include "graph/graph.h"
#include "graph/graph_builder.h"
#include "graph/graph_draft.h"
#include "graph/link_distance.h"
#include "os/executor.h"
#include "search/code_table.h"
#include "search/live_rows.h"

namespace omendb {

// The live rows of the graph that no link leads to and that are no entries, ascending. Reads every link once: some 40 ms
// for a million rows on one thread.
Result<std::vector<Row>> find_stranded(const Graph& graph, const LiveRows& live, Executor& executor,
                                       FunctionRef<bool()> pause);

// Links them as if they had just come.
Result<void> relink_stranded(GraphDraft& draft, const CodeTable& codes, const LinkDistance& distance,
                             const BuildOptions& options, const LiveRows& live, Executor& executor,
                             FunctionRef<bool()> pause);

}  // namespace omendb
