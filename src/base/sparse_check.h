// What a sparse vector must be, whoever sends it.
#pragma once

#include "omendb/result.h"
#include "omendb/sparse_vector.h"

namespace omendb {

// InvalidArgument unless there are as many values as indices, each index comes once and each value is finite.
Result<void> check_sparse(SparseView vector);

// The same vector with its indices ascending, as every search wants it.
SparseVector sorted_by_index(SparseView vector);

}  // namespace omendb
