// Inner products of codes by x86 instructions that Highway 1.0.3 does not emit. On other processors there is nothing here.
#include "simd/tables.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include <string_view>

namespace omendb::simd {
namespace {

// vpmaddubsw multiplies unsigned by signed bytes and adds neighbours: |a| and b with the sign of a. Two products of codes
// are at most 2 * 127 * 127 = 32258, which fits its 16-bit lanes.
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
  const __m256i sum = _mm256_add_epi32(even, odd);
  __m128i block = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
  block = _mm_add_epi32(block, _mm_unpackhi_epi64(block, block));
  block = _mm_add_epi32(block, _mm_shuffle_epi32(block, 1));
  return _mm_cvtsi128_si32(block);
}

}  // namespace

void add_x86_kernels(std::vector<Kernels>& tables) {
  for (Kernels& table : tables) {
    if (std::string_view(table.name) == "avx2") table.dot_i8 = dot_i8_avx2;
  }
}

}  // namespace omendb::simd

#else

namespace omendb::simd {

void add_x86_kernels(std::vector<Kernels>&) {}

}  // namespace omendb::simd

#endif
