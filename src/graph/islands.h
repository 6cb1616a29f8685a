// Rows that no walk can reach, because every link to them was given up for a nearer one. Inside graph/ only.
#pragma once

#include "graph/graph_draft.h"
#include "graph/link_distance.h"
#include "search/code_table.h"

namespace omendb {

// Gives every row that has links a way from the entries: an unreached row gets a link from a reached one near it, and
// what it leads to is then reached as well. Reads every link once, some 50 ms for a million rows, and walks once for
// each island.
void connect_islands(GraphDraft& draft, const CodeTable& codes, const LinkDistance& distance);

}  // namespace omendb
