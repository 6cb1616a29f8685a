// The layout of a FastScan block: 32 rows, one nibble a row and group (simd/kernels.h, fastscan_32).
#pragma once

#include <cstddef>
#include <cstdint>

namespace omendb::simd {

constexpr std::size_t kFastScanRows = 32;

constexpr std::size_t fastscan_bytes(std::size_t groups) { return groups * (kFastScanRows / 2); }

// `nibbles`: 32 rows x `groups`, row by row, one nibble (0 to 15) in each byte. `codes`: fastscan_bytes(groups).
void pack_32(const std::uint8_t* nibbles, std::size_t groups, std::uint8_t* codes);
void unpack_32(const std::uint8_t* codes, std::size_t groups, std::uint8_t* nibbles);

}  // namespace omendb::simd
