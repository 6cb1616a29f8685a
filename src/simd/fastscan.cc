#include "simd/fastscan.h"

namespace omendb::simd {
namespace {

// A byte holds a row of the first half in its low nibble and its partner of the second half in its high one.
constexpr std::size_t kHalf = kFastScanRows / 2;

}  // namespace

void pack_32(const std::uint8_t* nibbles, std::size_t groups, std::uint8_t* codes) {
  for (std::size_t group = 0; group < groups; ++group) {
    for (std::size_t row = 0; row < kHalf; ++row) {
      const unsigned low = nibbles[row * groups + group];
      const unsigned high = nibbles[(row + kHalf) * groups + group];
      codes[group * kHalf + row] = static_cast<std::uint8_t>(low | high << 4);
    }
  }
}

void unpack_32(const std::uint8_t* codes, std::size_t groups, std::uint8_t* nibbles) {
  for (std::size_t group = 0; group < groups; ++group) {
    for (std::size_t row = 0; row < kHalf; ++row) {
      const unsigned code = codes[group * kHalf + row];
      nibbles[row * groups + group] = static_cast<std::uint8_t>(code & 15);
      nibbles[(row + kHalf) * groups + group] = static_cast<std::uint8_t>(code >> 4);
    }
  }
}

}  // namespace omendb::simd
