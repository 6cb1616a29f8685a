// The fast Walsh-Hadamard transform. Included by simd/portable.cc, once a target.
//
// Strides are taken in ascending order, as the scalar transform does, so that both round alike.

HWY_BEFORE_NAMESPACE();
namespace omendb::simd::HWY_NAMESPACE {
namespace {

// Brings the value of lane i ^ kStride to lane i.
template <std::size_t kStride, class V>
HWY_INLINE V partners(V v) {
  if constexpr (kStride == 1) {
    return hn::Shuffle2301(v);
  } else if constexpr (kStride == 2) {
    return hn::Shuffle1032(v);
  } else if constexpr (kStride == 4) {
    return hn::SwapAdjacentBlocks(v);
  } else {
    static_assert(kStride == 8, "vectors have at most 16 floats");
    return hn::SwapAdjacentBlocks(hn::ReverseBlocks(Floats(), v));
  }
}

// +1 for a lane that becomes a + b, -1 for its partner, which becomes a - b. Multiplying by them is exact.
template <std::size_t kStride>
struct Signs {
  alignas(64) float values[kFloats];
  constexpr Signs() : values() {
    for (std::size_t i = 0; i < kFloats; ++i) values[i] = (i & kStride) == 0 ? 1.0f : -1.0f;
  }
};
template <std::size_t kStride>
constexpr Signs<kStride> kSigns;

// The transform of the lanes of each vector.
template <std::size_t kStride = 1>
HWY_INLINE FloatVector transform_lanes(FloatVector v) {
  if constexpr (kStride == kFloats) {
    return v;
  } else {
    const FloatVector signs = hn::Load(Floats(), kSigns<kStride>.values);
    return transform_lanes<2 * kStride>(hn::MulAdd(v, signs, partners<kStride>(v)));
  }
}

HWY_INLINE void transform_pairs(float* values, std::size_t n, std::size_t stride) {
  for (std::size_t start = 0; start < n; start += 2 * stride) {
    for (float* at = values + start; at != values + start + stride; at += kFloats) {
      const FloatVector a = hn::LoadU(Floats(), at);
      const FloatVector b = hn::LoadU(Floats(), at + stride);
      hn::StoreU(hn::Add(a, b), Floats(), at);
      hn::StoreU(hn::Sub(a, b), Floats(), at + stride);
    }
  }
}

// Two strides in one pass over memory: `stride`, then twice that.
template <class Load>
HWY_INLINE void transform_quads(float* values, std::size_t n, std::size_t stride, const Load& load) {
  for (std::size_t start = 0; start < n; start += 4 * stride) {
    for (float* at = values + start; at != values + start + stride; at += kFloats) {
      const FloatVector a = load(at);
      const FloatVector b = load(at + stride);
      const FloatVector c = load(at + 2 * stride);
      const FloatVector d = load(at + 3 * stride);
      const FloatVector ab = hn::Add(a, b), a_b = hn::Sub(a, b);
      const FloatVector cd = hn::Add(c, d), c_d = hn::Sub(c, d);
      hn::StoreU(hn::Add(ab, cd), Floats(), at);
      hn::StoreU(hn::Add(a_b, c_d), Floats(), at + stride);
      hn::StoreU(hn::Sub(ab, cd), Floats(), at + 2 * stride);
      hn::StoreU(hn::Sub(a_b, c_d), Floats(), at + 3 * stride);
    }
  }
}

void hadamard(float* values, std::size_t n) {
  if (n < 4 * kFloats) return kScalarKernels.hadamard(values, n);
  const auto load = [](const float* at) { return hn::LoadU(Floats(), at); };
  const auto load_transformed = [](const float* at) { return transform_lanes(hn::LoadU(Floats(), at)); };

  std::size_t stride = kFloats;
  transform_quads(values, n, stride, load_transformed);
  for (stride *= 4; 4 * stride <= n; stride *= 4) transform_quads(values, n, stride, load);
  if (stride < n) transform_pairs(values, n, stride);
}

}  // namespace
}  // namespace omendb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
