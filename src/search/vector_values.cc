#include "search/vector_values.h"

#include <cstdint>
#include <cstring>

#include "simd/kernels.h"

namespace omendb {

void copy_as_floats(const VectorField& field, const std::byte* row, float* values) {
  const simd::Kernels& kernels = simd::kernels();
  const std::size_t n = field.dimensions;
  switch (field.datatype) {
    case Datatype::Float32: std::memcpy(values, row, n * sizeof(float)); break;
    case Datatype::Float16: kernels.f16_to_f32(reinterpret_cast<const std::uint16_t*>(row), values, n); break;
    case Datatype::Uint8: kernels.u8_to_f32(reinterpret_cast<const std::uint8_t*>(row), values, n); break;
  }
}

std::vector<float> to_floats(const VectorField& field, const std::byte* row) {
  std::vector<float> values(field.dimensions);
  copy_as_floats(field, row, values.data());
  return values;
}

}  // namespace omendb
