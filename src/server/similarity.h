// How alike two vectors are, in the measure that Qdrant ranks by: larger is more alike.
#pragma once

#include "omendb/types.h"
#include "server/query.h"

namespace omendb {

// Of a score as the engine gives it. Euclidean distances count by their squares.
float similarity_of(Metric metric, float score);

// Of two dense vectors as wide as each other, or of two sparse ones, whose indices are sorted.
float similarity(const VectorInput& left, const VectorInput& right, Metric metric);

}  // namespace omendb
