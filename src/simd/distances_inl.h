// Sums over a float32 query and a row as it is kept. Included by simd/portable.cc, once a target.

HWY_BEFORE_NAMESPACE();
namespace omendb::simd::HWY_NAMESPACE {
namespace {

using Floats = hn::ScalableTag<float>;
using FloatVector = hn::Vec<Floats>;
constexpr std::size_t kFloats = hn::MaxLanes(Floats());

// The next kFloats values of a row, widened.
HWY_INLINE FloatVector load_row(const float* row) { return hn::LoadU(Floats(), row); }

HWY_INLINE FloatVector load_row(const std::uint16_t* row) {
  const hn::Rebind<hwy::float16_t, Floats> halves;
  return hn::PromoteTo(Floats(), hn::LoadU(halves, reinterpret_cast<const hwy::float16_t*>(row)));
}

HWY_INLINE FloatVector load_row(const std::uint8_t* row) {
  const hn::Rebind<std::uint8_t, Floats> bytes;
  const hn::Rebind<std::int32_t, Floats> integers;
  return hn::ConvertTo(Floats(), hn::PromoteTo(integers, hn::LoadU(bytes, row)));
}

HWY_INLINE float total(FloatVector sum) { return hn::GetLane(hn::SumOfLanes(Floats(), sum)); }

// What a kernel adds up, in kFloats lanes. The constructors are written out because one that the compiler makes is not
// compiled for the target.
struct AbsoluteDifferences {
  FloatVector sum = hn::Zero(Floats());

  HWY_INLINE AbsoluteDifferences() {}
  HWY_INLINE void add(FloatVector query, FloatVector row) { sum = hn::Add(sum, hn::AbsDiff(query, row)); }
  HWY_INLINE void add(const AbsoluteDifferences& other) { sum = hn::Add(sum, other.sum); }
  HWY_INLINE float result() const { return total(sum); }
};

struct SquaredDifferences {
  FloatVector sum = hn::Zero(Floats());

  HWY_INLINE SquaredDifferences() {}
  HWY_INLINE void add(FloatVector query, FloatVector row) {
    const FloatVector difference = hn::Sub(query, row);
    sum = hn::MulAdd(difference, difference, sum);
  }
  HWY_INLINE void add(const SquaredDifferences& other) { sum = hn::Add(sum, other.sum); }
  HWY_INLINE float result() const { return total(sum); }
};

struct Products {
  FloatVector sum = hn::Zero(Floats());

  HWY_INLINE Products() {}
  HWY_INLINE void add(FloatVector query, FloatVector row) { sum = hn::MulAdd(query, row, sum); }
  HWY_INLINE void add(const Products& other) { sum = hn::Add(sum, other.sum); }
  HWY_INLINE float result() const { return total(sum); }
};

struct ProductsAndSquares {
  Products products;
  Products squares;

  HWY_INLINE ProductsAndSquares() {}
  HWY_INLINE void add(FloatVector query, FloatVector row) {
    products.add(query, row);
    squares.add(row, row);
  }
  HWY_INLINE void add(const ProductsAndSquares& other) {
    products.add(other.products);
    squares.add(other.squares);
  }
  HWY_INLINE DotAndNorm result() const { return {products.result(), squares.result()}; }
};

// Four sums at a time: an FMA takes four cycles, and the next one into the same sum waits for it.
template <class Sum, class T>
auto sum_over(const float* query, const T* row, std::size_t n) {
  Sum sum, second, third, fourth;
  if (n < kFloats) {
    sum.add(load_row(Padded<float, kFloats>(query, n).values), load_row(Padded<T, kFloats>(row, n).values));
    return sum.result();
  }

  std::size_t i = 0;
  for (; i + 4 * kFloats <= n; i += 4 * kFloats) {
    sum.add(load_row(query + i), load_row(row + i));
    second.add(load_row(query + i + kFloats), load_row(row + i + kFloats));
    third.add(load_row(query + i + 2 * kFloats), load_row(row + i + 2 * kFloats));
    fourth.add(load_row(query + i + 3 * kFloats), load_row(row + i + 3 * kFloats));
  }
  for (; i + kFloats <= n; i += kFloats) second.add(load_row(query + i), load_row(row + i));
  if (i < n) {
    // The rest is the end of a whole vector whose first lanes were added already.
    const std::size_t start = n - kFloats;
    const auto added = hn::FirstN(Floats(), i - start);
    third.add(hn::IfThenZeroElse(added, load_row(query + start)), hn::IfThenZeroElse(added, load_row(row + start)));
  }

  sum.add(second);
  third.add(fourth);
  sum.add(third);
  return sum.result();
}

}  // namespace
}  // namespace omendb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
