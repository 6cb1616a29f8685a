// Values in, as many values out; and what all values have in common. Included by simd/portable.cc, once a target.

HWY_BEFORE_NAMESPACE();
namespace omendb::simd::HWY_NAMESPACE {
namespace {

// convert(from, to) turns a whole vector. The last one may overlap the one before: it writes the same values again.
template <std::size_t kLanes, class From, class To, class Convert>
HWY_INLINE void convert_all(const From* from, To* to, std::size_t n, const Convert& convert) {
  if (n < kLanes) {
    To padded[kLanes];
    convert(Padded<From, kLanes>(from, n).values, padded);
    std::memcpy(to, padded, n * sizeof(To));
    return;
  }
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) convert(from + i, to + i);
  if (i < n) convert(from + n - kLanes, to + n - kLanes);
}

void u8_to_f32(const std::uint8_t* from, float* to, std::size_t n) {
  convert_all<kFloats>(from, to, n,
                       [](const std::uint8_t* in, float* out) { hn::StoreU(load_row(in), Floats(), out); });
}

// SSE4 has no instruction for halves, and Highway's replacement neither rounds to even nor knows infinities.
constexpr bool kConvertsHalves = HWY_TARGET != HWY_SSE4;

void f16_to_f32(const std::uint16_t* from, float* to, std::size_t n) {
  if (!kConvertsHalves) return kScalarKernels.f16_to_f32(from, to, n);
  convert_all<kFloats>(from, to, n,
                       [](const std::uint16_t* in, float* out) { hn::StoreU(load_row(in), Floats(), out); });
}

void f32_to_f16(const float* from, std::uint16_t* to, std::size_t n) {
  if (!kConvertsHalves) return kScalarKernels.f32_to_f16(from, to, n);
  convert_all<kFloats>(from, to, n, [](const float* in, std::uint16_t* out) {
    const hn::Rebind<hwy::float16_t, Floats> halves;
    hn::StoreU(hn::DemoteTo(halves, hn::LoadU(Floats(), in)), halves, reinterpret_cast<hwy::float16_t*>(out));
  });
}

// Clamped first, so that the rounded value always fits; the limits are whole numbers, so the order makes no difference.
template <class T>
HWY_INLINE void quantise(const float* from, float scale, float limit, T* to, std::size_t n) {
  const FloatVector scales = hn::Set(Floats(), scale);
  const FloatVector most = hn::Set(Floats(), limit);
  const FloatVector least = hn::Set(Floats(), -limit);
  convert_all<kFloats>(from, to, n, [=](const float* in, T* out) {
    const FloatVector scaled = hn::Mul(hn::LoadU(Floats(), in), scales);
    const hn::Rebind<T, Floats> narrow;
    hn::StoreU(hn::DemoteTo(narrow, hn::NearestInt(hn::Max(hn::Min(scaled, most), least))), narrow, out);
  });
}

void quantise_i8(const float* from, float scale, std::int8_t* to, std::size_t n) { quantise(from, scale, 127, to, n); }

void quantise_i16(const float* from, float scale, std::int16_t limit, std::int16_t* to, std::size_t n) {
  quantise(from, scale, limit, to, n);
}

// The largest magnitude. Looking at a value twice changes nothing, so the last vector may overlap the one before.
template <class D, class Magnitude>
HWY_INLINE hn::TFromD<D> largest(D d, std::size_t n, const Magnitude& magnitude) {
  hn::Vec<D> found = magnitude(0);
  std::size_t i = kFloats;
  for (; i + kFloats <= n; i += kFloats) found = hn::Max(found, magnitude(i));
  if (i < n) found = hn::Max(found, magnitude(n - kFloats));
  return hn::GetLane(hn::MaxOfLanes(d, found));
}

float max_abs(const float* values, std::size_t n) {
  if (n < kFloats) return kScalarKernels.max_abs(values, n);
  return largest(Floats(), n, [=](std::size_t i) { return hn::Abs(hn::LoadU(Floats(), values + i)); });
}

// Without the sign, the bits of finite numbers are integers below those of infinity, those of NaNs above.
bool all_finite(const float* values, std::size_t n) {
  if (n < kFloats) return kScalarKernels.all_finite(values, n);
  const hn::Rebind<std::int32_t, Floats> bits;
  const std::int32_t most = largest(bits, n, [=](std::size_t i) {
    return hn::BitCast(bits, hn::Abs(hn::LoadU(Floats(), values + i)));
  });
  return most < 0x7f80'0000;
}

}  // namespace
}  // namespace omendb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
