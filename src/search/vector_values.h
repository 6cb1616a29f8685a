// Kept vectors as numbers.
#pragma once

#include <cstddef>
#include <vector>

#include "storage/schema.h"

namespace omendb {

// A kept row as float32: field.dimensions values to `values`.
void copy_as_floats(const VectorField& field, const std::byte* row, float* values);

std::vector<float> to_floats(const VectorField& field, const std::byte* row);

}  // namespace omendb
