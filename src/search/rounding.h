// How far float32 arithmetic may be off.
#pragma once

namespace omendb {

// Relative to the sizes that go into a sum: 65,536 products summed in 8 lanes are off by some sqrt(8192) * 2^-24 =
// 5.4e-6, a rotation by less. Bounds give this much way, so that rounding alone never loses a row.
constexpr float kRounding = 0x1p-17f;

}  // namespace omendb
