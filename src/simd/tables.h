// The kernel tables behind simd/kernels.h. For src/simd only.
#pragma once

#include <span>
#include <vector>

#include "simd/kernels.h"

namespace omendb::simd {

// Plain C++: the reference that every other table is tested against.
extern const Kernels kScalarKernels;

// One table for each target of simd/portable.cc that this CPU runs, the best one last.
std::vector<Kernels> portable_kernels();

// Puts hand-written kernels into the tables they fit, and appends a table for what the CPU has beyond those.
void add_x86_kernels(std::vector<Kernels>& tables);

// The table of that name, else the last and best one. `name` may be nullptr.
const Kernels& named_or_best(std::span<const Kernels* const> tables, const char* name);

}  // namespace omendb::simd
