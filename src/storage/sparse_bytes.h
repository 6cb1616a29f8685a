// How the sparse vectors of a field are written down, in the log and in its row files alike: the vectors one after the
// other, each its indices (4 bytes, ascending), then its values (float32); and beside them where each one ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "omendb/sparse_vector.h"

namespace omendb {

constexpr std::size_t kSparseValueBytes = sizeof(std::uint32_t) + sizeof(float);

// Where vector `i` ends; `ends` holds 8 bytes a vector.
inline std::uint64_t sparse_end(std::span<const std::byte> ends, std::size_t i) {
  std::uint64_t end;
  std::memcpy(&end, ends.data() + i * sizeof end, sizeof end);
  return end;
}

// `bytes` is one vector, and lies at a multiple of 8.
inline SparseView sparse_view(std::span<const std::byte> bytes) {
  const std::size_t count = bytes.size() / kSparseValueBytes;
  return {{reinterpret_cast<const std::uint32_t*>(bytes.data()), count},
          {reinterpret_cast<const float*>(bytes.data() + count * sizeof(std::uint32_t)), count}};
}

}  // namespace omendb
