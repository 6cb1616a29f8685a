#include "simd/kernels.h"

#include <cstdlib>
#include <string_view>
#include <vector>

#include "simd/tables.h"

namespace omendb::simd {
namespace {

std::vector<Kernels> tables_of_this_cpu() {
  std::vector<Kernels> tables = {kScalarKernels};
  for (const Kernels& table : portable_kernels()) tables.push_back(table);
  add_x86_kernels(tables);
  return tables;
}

}  // namespace

const Kernels& named_or_best(std::span<const Kernels* const> tables, const char* name) {
  if (name == nullptr) return *tables.back();
  for (const Kernels* table : tables) {
    if (std::string_view(name) == table->name) return *table;
  }
  return *tables.back();
}

const Kernels& kernels() {
  static const Kernels& chosen = named_or_best(supported_kernels(), std::getenv("OMENDB_SIMD"));
  return chosen;
}

std::span<const Kernels* const> supported_kernels() {
  static const std::vector<Kernels> tables = tables_of_this_cpu();
  static const std::vector<const Kernels*> pointers = [] {
    std::vector<const Kernels*> result;
    for (const Kernels& table : tables) result.push_back(&table);
    return result;
  }();
  return pointers;
}

}  // namespace omendb::simd
