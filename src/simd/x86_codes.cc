// Inner products of codes by x86 instructions that Highway 1.0.3 does not emit. Other processors get nothing here.
#include "simd/tables.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include <string_view>

namespace omendb::simd {
namespace {

[[gnu::target("avx2")]] inline std::int32_t add_lanes(__m256i sum) {
  __m128i block = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
  block = _mm_add_epi32(block, _mm_unpackhi_epi64(block, block));
  block = _mm_add_epi32(block, _mm_shuffle_epi32(block, 1));
  return _mm_cvtsi128_si32(block);
}

// vpmaddubsw multiplies unsigned by signed bytes and adds neighbours: |a| and b with the sign of a. Two products of
// codes are at most 2 * 127 * 127 = 32258, which fits its 16-bit lanes.
[[gnu::target("avx2")]] inline __m256i add_products(__m256i sum, const std::int8_t* a, const std::int8_t* b) {
  const __m256i left = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(a));
  const __m256i right = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(b));
  const __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(left), _mm256_sign_epi8(right, left));
  return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

[[gnu::target("avx2")]] std::int32_t dot_i8_avx2(const std::int8_t* a, const std::int8_t* b, std::size_t n) {
  __m256i even = _mm256_setzero_si256();
  __m256i odd = _mm256_setzero_si256();
  for (std::size_t i = 0; i < n; i += 64) {
    even = add_products(even, a + i, b + i);
    odd = add_products(odd, a + i + 32, b + i + 32);
  }
  return add_lanes(_mm256_add_epi32(even, odd));
}

[[gnu::target("avx2")]] void dot_i8_x4_avx2(const std::int8_t* a, const std::int8_t* const codes[4], std::size_t n,
                                            std::int32_t out[4]) {
  __m256i sums[4] = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256()};
  for (std::size_t i = 0; i < n; i += 32) {
    for (std::size_t k = 0; k < 4; ++k) sums[k] = add_products(sums[k], a + i, codes[k] + i);
  }
  const __m256i halves = _mm256_hadd_epi32(_mm256_hadd_epi32(sums[0], sums[1]), _mm256_hadd_epi32(sums[2], sums[3]));
  const __m128i dots = _mm_add_epi32(_mm256_castsi256_si128(halves), _mm256_extracti128_si256(halves, 1));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), dots);
}

#define OMEN_VNNI [[gnu::target("avx512f,avx512bw,avx512vl,avx512vnni")]]

// Through memory: GCC 12 warns of uninitialised operands inside its own intrinsics that halve a vector.
OMEN_VNNI inline std::int32_t add_lanes(__m512i sum) {
  alignas(64) __m256i halves[2];
  _mm512_store_si512(halves, sum);
  return add_lanes(_mm256_add_epi32(halves[0], halves[1]));
}

// VNNI multiplies and adds to 32-bit lanes at once, without saturating. A sum is ready for the next step after five
// cycles, hence several of them. vpdpbusd wants unsigned times signed bytes: signs move from a to b as above.
OMEN_VNNI inline __m512i add_products(__m512i sum, const std::int8_t* a, const std::int8_t* b) {
  const __m512i left = _mm512_loadu_si512(a);
  const __m512i right = _mm512_loadu_si512(b);
  const __m512i signed_right = _mm512_mask_sub_epi8(right, _mm512_movepi8_mask(left), _mm512_setzero_si512(), right);
  return _mm512_dpbusd_epi32(sum, _mm512_abs_epi8(left), signed_right);
}

OMEN_VNNI std::int32_t dot_i8_vnni(const std::int8_t* a, const std::int8_t* b, std::size_t n) {
  __m512i even = _mm512_setzero_si512();
  __m512i odd = _mm512_setzero_si512();
  std::size_t i = 0;
  for (; i + 128 <= n; i += 128) {
    even = add_products(even, a + i, b + i);
    odd = add_products(odd, a + i + 64, b + i + 64);
  }
  if (i < n) even = add_products(even, a + i, b + i);
  return add_lanes(_mm512_add_epi32(even, odd));
}

OMEN_VNNI inline __m512i add_products(__m512i sum, const std::int16_t* query, const std::int8_t* code) {
  const __m256i narrow = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(code));
  return _mm512_dpwssd_epi32(sum, _mm512_loadu_si512(query), _mm512_cvtepi8_epi16(narrow));
}

OMEN_VNNI std::int32_t dot_i16_i8_vnni(const std::int16_t* query, const std::int8_t* code, std::size_t n) {
  __m512i first = _mm512_setzero_si512();
  __m512i second = _mm512_setzero_si512();
  __m512i third = _mm512_setzero_si512();
  __m512i fourth = _mm512_setzero_si512();
  std::size_t i = 0;
  for (; i + 128 <= n; i += 128) {
    first = add_products(first, query + i, code + i);
    second = add_products(second, query + i + 32, code + i + 32);
    third = add_products(third, query + i + 64, code + i + 64);
    fourth = add_products(fourth, query + i + 96, code + i + 96);
  }
  if (i < n) {
    first = add_products(first, query + i, code + i);
    second = add_products(second, query + i + 32, code + i + 32);
  }
  return add_lanes(_mm512_add_epi32(_mm512_add_epi32(first, second), _mm512_add_epi32(third, fourth)));
}

OMEN_VNNI void dot_i8_x4_vnni(const std::int8_t* a, const std::int8_t* const codes[4], std::size_t n,
                              std::int32_t out[4]) {
  for (std::size_t k = 0; k < 4; ++k) out[k] = dot_i8_vnni(a, codes[k], n);
}

OMEN_VNNI void dot_i16_i8_x4_vnni(const std::int16_t* query, const std::int8_t* const codes[4], std::size_t n,
                                  std::int32_t out[4]) {
  for (std::size_t k = 0; k < 4; ++k) out[k] = dot_i16_i8_vnni(query, codes[k], n);
}

#undef OMEN_VNNI

}  // namespace

void add_x86_kernels(std::vector<Kernels>& tables) {
  for (Kernels& table : tables) {
    if (std::string_view(table.name) != "avx2") continue;
    table.dot_i8 = dot_i8_avx2;
    table.dot_i8_x4 = dot_i8_x4_avx2;
  }
  // The last table is the CPU's best. There is no VNNI of 512 bits without the rest of AVX-512.
  if (!__builtin_cpu_supports("avx512vnni") || std::string_view(tables.back().name) != "avx512") return;
  Kernels vnni = tables.back();
  vnni.name = "avx512vnni";
  vnni.dot_i8 = dot_i8_vnni;
  vnni.dot_i8_x4 = dot_i8_x4_vnni;
  vnni.dot_i16_i8 = dot_i16_i8_vnni;
  vnni.dot_i16_i8_x4 = dot_i16_i8_x4_vnni;
  tables.push_back(vnni);
}

}  // namespace omendb::simd

#else

namespace omendb::simd {

void add_x86_kernels(std::vector<Kernels>&) {}

}  // namespace omendb::simd

#endif
