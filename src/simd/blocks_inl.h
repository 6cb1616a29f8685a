// What the kernel families share. Included by simd/portable.cc, once a target.

HWY_BEFORE_NAMESPACE();
namespace omendb::simd::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// A vector is made of blocks of 16 bytes, which every target has.
template <class D>
constexpr bool kIsBlock = sizeof(hn::TFromD<D>) * hn::MaxLanes(D()) == 16;

// Adds up the blocks of a vector.
template <class D>
HWY_INLINE auto fold([[maybe_unused]] D d, hn::Vec<D> vector) {
  if constexpr (kIsBlock<D>) {
    return vector;
  } else {
    const hn::Half<D> half;
    return fold(half, hn::Add(hn::LowerHalf(half, vector), hn::UpperHalf(half, vector)));
  }
}

// An array that is shorter than a vector, followed by zeros.
template <class T, std::size_t kLanes>
struct Padded {
  alignas(64) T values[kLanes] = {};
  HWY_INLINE Padded(const T* from, std::size_t n) { std::memcpy(values, from, n * sizeof(T)); }
};

}  // namespace
}  // namespace omendb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
