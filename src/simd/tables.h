// The kernel tables behind simd/kernels.h. For src/simd only.
#pragma once

#include <vector>

#include "simd/kernels.h"

namespace omendb::simd {

// Plain C++: the reference that every other table is tested against.
extern const Kernels kScalarKernels;

}  // namespace omendb::simd
