// Every kernel in plain C++, written to be read: the definition of what the others compute.
#include <algorithm>
#include <bit>
#include <cmath>

#include "simd/tables.h"

namespace omendb::simd {
namespace {

float widen(float value) { return value; }
float widen(std::uint8_t value) { return value; }

float widen(std::uint16_t half) {
  const std::uint32_t sign = std::uint32_t{half} << 16 & 0x8000'0000;
  const std::uint32_t magnitude = half & 0x7fff;
  if (magnitude > 0x7c00) return std::bit_cast<float>(sign | 0x7fc0'0000 | magnitude << 13);  // a quiet NaN
  if (magnitude == 0x7c00) return std::bit_cast<float>(sign | 0x7f80'0000);
  // The exponents' biases differ by 127 - 15 = 112; as a product it is right for subnormal numbers too.
  const float value = std::bit_cast<float>(magnitude << 13) * 0x1p112f;
  return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(value));
}

std::uint16_t narrow(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = bits >> 16 & 0x8000;
  const std::uint32_t magnitude = bits & 0x7fff'ffff;
  std::uint32_t half;
  if (magnitude > 0x7f80'0000) {
    half = 0x7e00 | (magnitude >> 13 & 0x3ff);  // a quiet NaN
  } else if (magnitude >= 0x477f'f000) {        // 65520 and above round to infinity
    half = 0x7c00;
  } else if (magnitude < 0x3880'0000) {  // below 2^-14: subnormal, a multiple of 2^-24, which is the unit of 0.5f
    half = std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) + 0.5f) - std::bit_cast<std::uint32_t>(0.5f);
  } else {
    const std::uint32_t odd = magnitude >> 13 & 1;
    half = (magnitude - (112u << 23) + 0xfff + odd) >> 13;
  }
  return static_cast<std::uint16_t>(sign | half);
}

template <class T>
float l1(const float* query, const T* row, std::size_t n) {
  float sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += std::fabs(query[i] - widen(row[i]));
  return sum;
}

template <class T>
float l2_squared(const float* query, const T* row, std::size_t n) {
  float sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const float difference = query[i] - widen(row[i]);
    sum += difference * difference;
  }
  return sum;
}

template <class T>
float dot(const float* query, const T* row, std::size_t n) {
  float sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += query[i] * widen(row[i]);
  return sum;
}

template <class T>
DotAndNorm dot_and_norm(const float* query, const T* row, std::size_t n) {
  DotAndNorm sum{0, 0};
  for (std::size_t i = 0; i < n; ++i) {
    const float value = widen(row[i]);
    sum.dot += query[i] * value;
    sum.norm2 += value * value;
  }
  return sum;
}

template <class T>
void to_f32(const T* from, float* to, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) to[i] = widen(from[i]);
}

void f32_to_f16(const float* from, std::uint16_t* to, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) to[i] = narrow(from[i]);
}

bool all_finite(const float* values, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    if (!std::isfinite(values[i])) return false;
  }
  return true;
}

template <class A, class B>
std::int32_t dot_codes(const A* a, const B* b, std::size_t n) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

template <class A>
void dot_codes_x4(const A* a, const std::int8_t* const codes[4], std::size_t n, std::int32_t out[4]) {
  for (std::size_t k = 0; k < 4; ++k) out[k] = dot_codes(a, codes[k], n);
}

// Clamped first, so that the rounded value always fits; the limits are whole numbers, so the order makes no difference.
template <class T>
T quantise(float value, float scale, float limit) {
  return static_cast<T>(std::lrint(std::clamp(value * scale, -limit, limit)));
}

void quantise_i8(const float* from, float scale, std::int8_t* to, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) to[i] = quantise<std::int8_t>(from[i], scale, 127);
}

void quantise_i16(const float* from, float scale, std::int16_t limit, std::int16_t* to, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) to[i] = quantise<std::int16_t>(from[i], scale, limit);
}

float max_abs(const float* values, std::size_t n) {
  float largest = 0;
  for (std::size_t i = 0; i < n; ++i) largest = std::max(largest, std::fabs(values[i]));
  return largest;
}

void hadamard(float* values, std::size_t n) {
  for (std::size_t stride = 1; stride < n; stride *= 2) {
    for (std::size_t start = 0; start < n; start += 2 * stride) {
      for (std::size_t i = start; i < start + stride; ++i) {
        const float a = values[i];
        const float b = values[i + stride];
        values[i] = a + b;
        values[i + stride] = a - b;
      }
    }
  }
}

void fastscan_32(const std::uint8_t* codes, const std::uint8_t* tables, std::size_t groups, std::uint32_t* sums) {
  std::fill_n(sums, 32, 0u);
  for (std::size_t group = 0; group < groups; ++group, codes += 16, tables += 16) {
    for (std::size_t j = 0; j < 16; ++j) {
      sums[j] += tables[codes[j] & 15];
      sums[j + 16] += tables[codes[j] >> 4];
    }
  }
}

std::uint32_t fastscan_mask_32(const std::uint8_t* codes, const std::uint8_t* tables, std::size_t groups,
                               const float* add, const float* rescale, FastScanQuery query, float threshold) {
  std::uint32_t sums[32];
  fastscan_32(codes, tables, groups, sums);
  std::uint32_t mask = 0;
  for (std::size_t row = 0; row < 32; ++row) {
    const float factor = query.scale * static_cast<float>(sums[row]) + query.offset;
    if (add[row] + rescale[row] * factor < threshold) mask |= 1u << row;
  }
  return mask;
}

}  // namespace

constinit const Kernels kScalarKernels = {
    .name = "scalar",
    .l1_f32 = l1<float>,
    .l1_f16 = l1<std::uint16_t>,
    .l1_u8 = l1<std::uint8_t>,
    .l2_squared_f32 = l2_squared<float>,
    .dot_f32 = dot<float>,
    .dot_and_norm_f32 = dot_and_norm<float>,
    .l2_squared_f16 = l2_squared<std::uint16_t>,
    .dot_f16 = dot<std::uint16_t>,
    .dot_and_norm_f16 = dot_and_norm<std::uint16_t>,
    .l2_squared_u8 = l2_squared<std::uint8_t>,
    .dot_u8 = dot<std::uint8_t>,
    .dot_and_norm_u8 = dot_and_norm<std::uint8_t>,
    .f32_to_f16 = f32_to_f16,
    .f16_to_f32 = to_f32<std::uint16_t>,
    .u8_to_f32 = to_f32<std::uint8_t>,
    .all_finite = all_finite,
    .dot_i8 = dot_codes<std::int8_t, std::int8_t>,
    .dot_i16_i8 = dot_codes<std::int16_t, std::int8_t>,
    .dot_i8_x4 = dot_codes_x4<std::int8_t>,
    .dot_i16_i8_x4 = dot_codes_x4<std::int16_t>,
    .quantise_i8 = quantise_i8,
    .quantise_i16 = quantise_i16,
    .max_abs = max_abs,
    .hadamard = hadamard,
    .fastscan_32 = fastscan_32,
    .fastscan_mask_32 = fastscan_mask_32,
};

}  // namespace omendb::simd
