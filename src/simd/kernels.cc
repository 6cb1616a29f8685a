#include "simd/kernels.h"

#include <cstdlib>
#include <string_view>
#include <vector>

#include "simd/tables.h"

namespace omendb::simd {
namespace {

std::vector<const Kernels*> tables_of_this_cpu() { return {&kScalarKernels}; }

const Kernels& choose() {
  const std::span<const Kernels* const> tables = supported_kernels();
  const char* wanted = std::getenv("OMENDB_SIMD");
  if (wanted == nullptr) return *tables.back();
  for (const Kernels* table : tables) {
    if (std::string_view(wanted) == table->name) return *table;
  }
  return *tables.back();
}

}  // namespace

const Kernels& kernels() {
  static const Kernels& chosen = choose();
  return chosen;
}

std::span<const Kernels* const> supported_kernels() {
  static const std::vector<const Kernels*> tables = tables_of_this_cpu();
  return tables;
}

}  // namespace omendb::simd
