// View: what one reader may see. Taken once a query, kept as long as needed, never changed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/row.h"
#include "graph/graph.h"
#include "payload/field_index.h"
#include "search/code_table.h"
#include "search/row_filter.h"
#include "search/sparse_index.h"
#include "storage/generation.h"

namespace omendb {

// The derived structures of one vector field.
struct FieldView {
  std::shared_ptr<CodeTable> codes;    // readers touch only rows below View::visible
  std::shared_ptr<const Graph> graph;  // null: nothing is covered
  std::uint64_t live = 0;              // points that have the vector

  bool gets_graph() const { return codes->code_dimensions() != 0; }
  std::uint32_t covered() const { return graph ? graph->covered() : 0; }
  SearchEffort effort() const { return graph ? graph->effort() : SearchEffort{}; }
};

// The same of one sparse vector field.
struct SparseFieldView {
  std::shared_ptr<const SparseIndex> index;  // never null; rows beyond what it covers are compared themselves
  std::uint64_t live = 0;                    // points that have the vector
};

// Invariants: covered() <= visible for every field; rows below visible are complete; the graph, the codes and the rows
// belong to one generation.
struct View {
  std::shared_ptr<const Generation> generation;
  std::uint32_t visible = 0;  // rows
  std::uint64_t live = 0;     // points
  Lsn lsn = 0;
  std::vector<FieldView> fields;
  std::vector<SparseFieldView> sparse;
  std::shared_ptr<const FieldIndexes> field_indexes;  // never null; rows beyond what they cover are asked themselves

  std::uint64_t graph_fields() const {
    return static_cast<std::uint64_t>(std::ranges::count_if(fields, &FieldView::gets_graph));
  }

  RowFilter live_rows() const { return {live == visible ? nullptr : generation->erased_at(), lsn}; }

  // Those that have the vector.
  RowFilter live_rows(std::size_t field) const {
    return {fields[field].live == visible ? nullptr : generation->erased_at(field), lsn};
  }
  RowFilter live_sparse_rows(std::size_t field) const {
    return {sparse[field].live == visible ? nullptr : generation->erased_at(fields.size() + field), lsn};
  }
};

}  // namespace omendb
