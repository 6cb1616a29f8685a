// Inner products of codes. Included by simd/portable.cc, once a target.

HWY_BEFORE_NAMESPACE();
namespace omendb::simd::HWY_NAMESPACE {
namespace {

using Products32 = hn::ScalableTag<std::int32_t>;
using Codes16 = hn::Repartition<std::int16_t, Products32>;
using ProductVector = hn::Vec<Products32>;
constexpr std::size_t kCodes = hn::MaxLanes(Codes16());

HWY_INLINE hn::Vec<Codes16> load_codes(const std::int16_t* codes) { return hn::LoadU(Codes16(), codes); }

HWY_INLINE hn::Vec<Codes16> load_codes(const std::int8_t* codes) {
  return hn::PromoteTo(Codes16(), hn::LoadU(hn::Rebind<std::int8_t, Codes16>(), codes));
}

// Adds the products of the next kCodes codes: two neighbours in each 32-bit lane on x86, spread over both sums on NEON.
struct ProductSum {
  ProductVector sum = hn::Zero(Products32());
  ProductVector spread = hn::Zero(Products32());

  HWY_INLINE ProductSum() {}
  HWY_INLINE void add(hn::Vec<Codes16> a, hn::Vec<Codes16> b) {
    sum = hn::ReorderWidenMulAccumulate(Products32(), a, b, sum, spread);
  }
  HWY_INLINE ProductVector total() const { return hn::Add(sum, spread); }
};

// The steps through 64 codes, written out: the loop would cost as much as the arithmetic.
constexpr auto kSteps = std::make_index_sequence<64 / kCodes>();

template <class T, std::size_t... kStep>
HWY_INLINE void add_64(const T* a, const std::int8_t* b, ProductSum sums[2], std::index_sequence<kStep...>) {
  (sums[kStep % 2].add(load_codes(a + kStep * kCodes), load_codes(b + kStep * kCodes)), ...);
}

template <class T>
std::int32_t dot_codes(const T* a, const std::int8_t* b, std::size_t n) {
  ProductSum sums[2];
  for (std::size_t i = 0; i < n; i += 64) add_64(a + i, b + i, sums, kSteps);
  return hn::GetLane(hn::SumOfLanes(Products32(), hn::Add(sums[0].total(), sums[1].total())));
}

template <class T, std::size_t... kStep>
HWY_INLINE void add_64_x4(const T* a, const std::int8_t* const codes[4], std::size_t start, ProductSum sums[4],
                          std::index_sequence<kStep...>) {
  const auto add = [&](std::size_t i) {
    const hn::Vec<Codes16> wide = load_codes(a + i);
    sums[0].add(wide, load_codes(codes[0] + i));
    sums[1].add(wide, load_codes(codes[1] + i));
    sums[2].add(wide, load_codes(codes[2] + i));
    sums[3].add(wide, load_codes(codes[3] + i));
  };
  (add(start + kStep * kCodes), ...);
}

// The totals of four blocks, as the lanes of one.
template <class V>
HWY_INLINE V transpose_and_add(V a, V b, V c, V d) {
  const hn::DFromV<V> lanes;
  const hn::Repartition<std::int64_t, decltype(lanes)> pairs;
  const auto ab = hn::BitCast(pairs, hn::Add(hn::InterleaveLower(lanes, a, b), hn::InterleaveUpper(lanes, a, b)));
  const auto cd = hn::BitCast(pairs, hn::Add(hn::InterleaveLower(lanes, c, d), hn::InterleaveUpper(lanes, c, d)));
  return hn::Add(hn::BitCast(lanes, hn::InterleaveLower(pairs, ab, cd)),
                 hn::BitCast(lanes, hn::InterleaveUpper(pairs, ab, cd)));
}

template <class T>
void dot_codes_x4(const T* a, const std::int8_t* const codes[4], std::size_t n, std::int32_t out[4]) {
  ProductSum sums[4];
  for (std::size_t i = 0; i < n; i += 64) add_64_x4(a, codes, i, sums, kSteps);
  const auto totals = transpose_and_add(fold(Products32(), sums[0].total()), fold(Products32(), sums[1].total()),
                                        fold(Products32(), sums[2].total()), fold(Products32(), sums[3].total()));
  hn::StoreU(totals, hn::DFromV<decltype(totals)>(), out);
}

}  // namespace
}  // namespace omendb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
