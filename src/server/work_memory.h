// Memory for what is made of a request (http/memory.h), or the refusal.
#pragma once

#include <cstddef>
#include <string>

#include "server/http/memory.h"
#include "server/refusal.h"

namespace omendb {

// A body lies in memory once, up to twice while it grows, and its parser needs six bytes for each of its bytes. Points are
// read into columns of floats: four bytes for two of JSON at worst.
constexpr std::size_t kBytesPerBodyByte = 10;

// 429 if there is not so much now, 413 if there never is.
inline Outcome<void> cover(MemoryLease& memory, std::size_t bytes) {
  if (memory.cover(bytes)) return {};
  if (memory.can_cover(bytes)) return Refusal(429, "there is no memory for this request now");
  return Refusal(413, "this request needs " + std::to_string(bytes >> 20) +
                          " MiB, which is more than all requests may have: send it in parts");
}

}  // namespace omendb
