// Arithmetic on vectors and codes, in one table per instruction set, chosen once when the process starts.
//
// Pure: no I/O, no allocation, no state. One source (Google Highway) serves SSE4, AVX2, AVX-512 and NEON; hand-written
// kernels stand beside it where an instruction exists that Highway does not emit. The scalar table is plain C++, and
// every other one is tested against it on random and extreme input.
//
// Whatever ends up in a file is the same bit for bit from every table: conversions, quantise_*, max_abs, hadamard. So
// are the integer sums. Sums of floats differ by rounding: n / 16 + 12 times 2^-24 of the sum of the absolute products
// at most, n times that from the scalar table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace omendb::simd {

// An inner product and the squared norm of the right-hand side, in one pass over it: what cosine needs.
struct DotAndNorm {
  float dot;
  float norm2;
};

// Look-up tables of a FastScan hold no larger values: their bytes can then be added as bytes for a while.
constexpr std::uint8_t kFastScanEntryMax = 31;

// What turns the sum of a row's look-ups into a bound, the same for all blocks of a query:
//   bound[row] = add[row] + rescale[row] * (scale * sum[row] + offset)
struct FastScanQuery {
  float scale;
  float offset;
};

// Pointers need no alignment beyond their type's; nothing outside the arrays is read or written, and what is written
// overlaps nothing that is read. n >= 1 everywhere unless said otherwise.
struct Kernels {
  const char* name;  // "avx2", "avx512", "sse4", "scalar", "neon" ...

  // Exact distances of a float32 query to a row as it is kept. float16 is IEEE binary16, and finite here.
  float (*l1_f32)(const float* query, const float* row, std::size_t n);
  float (*l1_f16)(const float* query, const std::uint16_t* row, std::size_t n);
  float (*l1_u8)(const float* query, const std::uint8_t* row, std::size_t n);
  float (*l2_squared_f32)(const float* query, const float* row, std::size_t n);
  float (*dot_f32)(const float* query, const float* row, std::size_t n);
  DotAndNorm (*dot_and_norm_f32)(const float* query, const float* row, std::size_t n);
  float (*l2_squared_f16)(const float* query, const std::uint16_t* row, std::size_t n);
  float (*dot_f16)(const float* query, const std::uint16_t* row, std::size_t n);
  DotAndNorm (*dot_and_norm_f16)(const float* query, const std::uint16_t* row, std::size_t n);
  float (*l2_squared_u8)(const float* query, const std::uint8_t* row, std::size_t n);
  float (*dot_u8)(const float* query, const std::uint8_t* row, std::size_t n);
  DotAndNorm (*dot_and_norm_u8)(const float* query, const std::uint8_t* row, std::size_t n);

  // Conversions between float32 and the kept datatypes (round to nearest even; beyond 65504 to infinity).
  void (*f32_to_f16)(const float* from, std::uint16_t* to, std::size_t n);
  void (*f16_to_f32)(const std::uint16_t* from, float* to, std::size_t n);
  void (*u8_to_f32)(const std::uint8_t* from, float* to, std::size_t n);
  bool (*all_finite)(const float* values, std::size_t n);

  // Inner products of 8-bit codes; n is a multiple of 64. Codes lie in [-127, 127], so two codes fit 32 bits up to
  // n = 131,072. The wide query's values must satisfy |q| * 127 * n < 2^31.
  std::int32_t (*dot_i8)(const std::int8_t* a, const std::int8_t* b, std::size_t n);
  std::int32_t (*dot_i16_i8)(const std::int16_t* query, const std::int8_t* code, std::size_t n);
  // Four codes at once: they are waited for together.
  void (*dot_i8_x4)(const std::int8_t* a, const std::int8_t* const codes[4], std::size_t n, std::int32_t out[4]);
  void (*dot_i16_i8_x4)(const std::int16_t* query, const std::int8_t* const codes[4], std::size_t n,
                        std::int32_t out[4]);

  // round(x * scale) clamped to [-127, 127], or to [-limit, limit] with limit > 0; ties to even. Values are finite.
  void (*quantise_i8)(const float* from, float scale, std::int8_t* to, std::size_t n);
  void (*quantise_i16)(const float* from, float scale, std::int16_t limit, std::int16_t* to, std::size_t n);
  float (*max_abs)(const float* values, std::size_t n);

  // In-place fast Walsh-Hadamard transform, not normalised; n is a power of two >= 1.
  void (*hadamard)(float* values, std::size_t n);

  // FastScan: sums of 4-bit table look-ups for a block of 32 rows (Andre, Kermarrec, Le Scouarnec, VLDB 2015).
  // `codes`: `groups` x 16 bytes; byte j of a group holds row j in its low and row j + 16 in its high nibble
  // (simd/fastscan.h packs them).
  // `tables`: `groups` x 16 bytes of at most kFastScanEntryMax. sums[row] = sum over groups of table[nibble];
  // groups <= 16,384 and an even number. Sums are exact (narrow accumulators are widened before they can overflow).
  void (*fastscan_32)(const std::uint8_t* codes, const std::uint8_t* tables, std::size_t groups, std::uint32_t* sums);

  // The same sums, turned into bounds: bit `row` of the answer is set if bound[row] < threshold (FastScanQuery).
  // `add` and `rescale` have 32 values. Rows within a rounding error of the threshold may fall on either side.
  std::uint32_t (*fastscan_mask_32)(const std::uint8_t* codes, const std::uint8_t* tables, std::size_t groups,
                                    const float* add, const float* rescale, FastScanQuery query, float threshold);
};

// The best table this CPU runs. The environment variable OMENDB_SIMD names another one; ignored if not supported.
const Kernels& kernels();

// Every table this CPU runs, from "scalar" to the best: for tests.
std::span<const Kernels* const> supported_kernels();

}  // namespace omendb::simd
