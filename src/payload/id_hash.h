// A hash of point ids that every machine computes alike.
#pragma once

#include <cstdint>

#include "omendb/types.h"

namespace omendb {

// SipHash-2-4 (Aumasson and Bernstein, 2012) with the zero key, of a number's 8 bytes, little-endian, or a UUID's 16.
std::uint64_t id_hash(PointId id);

}  // namespace omendb
