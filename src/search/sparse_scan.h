// Exact search by sparse vectors: the rows with the largest dot products among those that share an index with the query.
//
// Products are added up in double, where a product of two float32 is exact, from the lowest index to the highest: a row
// has the same score wherever it lies and however it is reached. Its distance is the negated score.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/function_ref.h"
#include "base/row.h"
#include "omendb/sparse_vector.h"
#include "search/row_filter.h"
#include "search/sparse_index.h"
#include "search/top_k.h"

namespace omendb {

// One sparse vector of a View's rows [0, visible). Borrows all it names.
struct SparseRows {
  using Vectors = FunctionRef<SparseView(Row)>;

  const SparseIndex& index;   // covers rows from 0 on, and none beyond `visible`; those it does not are the tail
  const Vectors& vector_of;   // by index; empty if the row has none. Valid until the next call.
  std::uint32_t visible = 0;
};

// Offers the wanted rows that share an index with the query. Says how many products were computed.
// In all that follows, queries are sorted by index (base/sparse_check.h).
std::uint64_t sparse_scan(const SparseRows& rows, SparseView query, const RowFilter& wanted, TopK& nearest);

// The same of single rows, each once, that are wanted.
std::uint64_t sparse_listed_scan(const SparseRows& rows, std::span<const Row> listed, SparseView query, TopK& nearest);

// SparseModifier::Idf: each value times ln((points - n + 0.5) / (n + 0.5) + 1), where n of the live rows have its index.
// `points`: how many live rows have a vector. Whatever else `live` leaves out is counted.
SparseVector weighed_by_rarity(const SparseRows& rows, SparseView query, std::uint64_t points, const RowFilter& live);

// The dot product as a float32, an overflow as the largest one; nullopt if no index is shared. Both sorted by index.
std::optional<float> sparse_product(SparseView a, SparseView b);

}  // namespace omendb
