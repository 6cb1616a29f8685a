// The kernels for every instruction set, from one source: Google Highway compiles this file once a target.
//
// The families of kernels are in the *_inl.h files beside it. They have no include guard: each target includes them
// again. A function for one target must not be called where another's code is compiled; Highway's macros see to that.

// The build's minimum is x86-64-v2, which has SSE4.2 but not PCLMUL and AES; no kernel uses those two.
#define HWY_DISABLE_PCLMUL_AES

#include <algorithm>
#include <cstring>
#include <utility>

#include "simd/tables.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/portable.cc"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include "simd/blocks_inl.h"
#include "simd/code_dots_inl.h"
#include "simd/distances_inl.h"
#include "simd/fastscan_inl.h"

#include "simd/conversions_inl.h"  // these two use distances_inl.h
#include "simd/hadamard_inl.h"

HWY_BEFORE_NAMESPACE();
namespace omendb::simd::HWY_NAMESPACE {
namespace {

constexpr const char* target_name() {
  switch (HWY_TARGET) {
    case HWY_SSE4: return "sse4";
    case HWY_AVX2: return "avx2";
    case HWY_AVX3: return "avx512";
    case HWY_NEON: return "neon";
    default: return "other";
  }
}

}  // namespace

Kernels make_table() {
  return {
      .name = target_name(),
      .l1_f32 = sum_over<AbsoluteDifferences, float>,
      .l1_f16 = sum_over<AbsoluteDifferences, std::uint16_t>,
      .l1_u8 = sum_over<AbsoluteDifferences, std::uint8_t>,
      .l2_squared_f32 = sum_over<SquaredDifferences, float>,
      .dot_f32 = sum_over<Products, float>,
      .dot_and_norm_f32 = sum_over<ProductsAndSquares, float>,
      .l2_squared_f16 = sum_over<SquaredDifferences, std::uint16_t>,
      .dot_f16 = sum_over<Products, std::uint16_t>,
      .dot_and_norm_f16 = sum_over<ProductsAndSquares, std::uint16_t>,
      .l2_squared_u8 = sum_over<SquaredDifferences, std::uint8_t>,
      .dot_u8 = sum_over<Products, std::uint8_t>,
      .dot_and_norm_u8 = sum_over<ProductsAndSquares, std::uint8_t>,
      .f32_to_f16 = f32_to_f16,
      .f16_to_f32 = f16_to_f32,
      .u8_to_f32 = u8_to_f32,
      .all_finite = all_finite,
      .dot_i8 = dot_codes<std::int8_t>,
      .dot_i16_i8 = dot_codes<std::int16_t>,
      .dot_i8_x4 = dot_codes_x4<std::int8_t>,
      .dot_i16_i8_x4 = dot_codes_x4<std::int16_t>,
      .quantise_i8 = quantise_i8,
      .quantise_i16 = quantise_i16,
      .max_abs = max_abs,
      .hadamard = hadamard,
      .fastscan_32 = fastscan_32,
      .fastscan_mask_32 = fastscan_mask_32,
  };
}

}  // namespace omendb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace omendb::simd {

std::vector<Kernels> portable_kernels() {
  const auto targets = hwy::SupportedTargets() | HWY_STATIC_TARGET;
  std::vector<Kernels> tables;
#if HWY_TARGETS & HWY_SSE4
  if (targets & HWY_SSE4) tables.push_back(N_SSE4::make_table());
#endif
#if HWY_TARGETS & HWY_AVX2
  if (targets & HWY_AVX2) tables.push_back(N_AVX2::make_table());
#endif
#if HWY_TARGETS & HWY_AVX3
  if (targets & HWY_AVX3) tables.push_back(N_AVX3::make_table());
#endif
#if HWY_TARGETS & HWY_NEON
  if (targets & HWY_NEON) tables.push_back(N_NEON::make_table());
#endif
  return tables;
}

}  // namespace omendb::simd
#endif
