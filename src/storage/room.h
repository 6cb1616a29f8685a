// How much room to ask the disk for at once: few calls, little waste.
#pragma once

#include <algorithm>
#include <cstdint>

namespace omendb {

// The length to reserve so that `needed` bytes fit: an eighth more than that, at least 256 KiB, at most 64 MiB ahead.
constexpr std::uint64_t room_for(std::uint64_t needed) {
  return needed + std::clamp<std::uint64_t>(needed / 8, 256ull << 10, 64ull << 20);
}

}  // namespace omendb
