// CRC-32C (Castagnoli), the checksum of every byte at rest. Hardware where the CPU has it, tables where not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace omendb {

// Continues `seed` (0 to start): crc32c(b, crc32c(a)) is the checksum of a followed by b.
std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t seed = 0);

// The same on a CPU without the instruction; for comparison in tests.
std::uint32_t crc32c_by_tables(std::span<const std::byte> bytes, std::uint32_t seed = 0);

}  // namespace omendb
