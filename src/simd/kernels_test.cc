// Every table computes what the scalar one does, and touches nothing outside its arrays: all arrays here lie between
// two pages that end the program when touched.
#include "simd/kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <numeric>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "simd/fastscan.h"
#include "simd/guarded_array_test.h"
#include "simd/tables.h"

namespace omendb::simd {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr std::size_t kSizeMax = 65'536;

std::vector<std::size_t> sizes() {
  std::vector<std::size_t> result(300);
  std::iota(result.begin(), result.end(), 1u);
  result.insert(result.end(), {768, 784, 960, 1536, 3072, kSizeMax});
  return result;
}

std::vector<std::size_t> code_sizes() {
  std::vector<std::size_t> result;
  for (std::size_t n = 64; n <= 1536; n += 64) result.push_back(n);
  result.insert(result.end(), {3072, kSizeMax});
  return result;
}

std::vector<std::size_t> group_counts() {
  std::vector<std::size_t> result;
  for (std::size_t groups = 2; groups <= 64; groups += 2) result.push_back(groups);
  // After every 2,048 groups the 16-bit sums are widened.
  result.insert(result.end(), {192, 254, 384, 1022, 2046, 2048, 2050, 4094, 4096, 4098, 16'384});
  return result;
}

// Where an array lies between the guard pages.
enum class Place { First, Last };
constexpr Place kPlaces[] = {Place::First, Place::Last};

template <class T>
std::span<T> place(GuardedArray<T>& array, std::size_t n, Place where) {
  return where == Place::First ? array.first(n) : array.last(n);
}

// The seed is printed with every failure; OMENDB_TEST_SEED repeats it.
class KernelsTest : public testing::TestWithParam<const Kernels*> {
 protected:
  const Kernels& table() const { return *GetParam(); }

  int whole(int least, int most) { return std::uniform_int_distribution<int>(least, most)(random_); }
  float real(float least, float most) { return std::uniform_real_distribution<float>(least, most)(random_); }

  template <class T, class Value>
  static void fill(std::span<T> values, const Value& value) {
    for (T& v : values) v = static_cast<T>(value());
  }

 private:
  static unsigned choose_seed() {
    const char* wanted = std::getenv("OMENDB_TEST_SEED");
    return wanted == nullptr ? std::random_device()() : static_cast<unsigned>(std::strtoul(wanted, nullptr, 10));
  }

  const unsigned seed_ = choose_seed();
  std::mt19937 random_{seed_};
  testing::ScopedTrace trace_{__FILE__, __LINE__, "OMENDB_TEST_SEED=" + std::to_string(seed_)};
};

// --- Exact distances.

// One datatype of rows with its kernels, so that all are tested alike.
template <class T>
struct Distances {
  float (*l1)(const float*, const T*, std::size_t);
  float (*l2_squared)(const float*, const T*, std::size_t);
  float (*dot)(const float*, const T*, std::size_t);
  DotAndNorm (*dot_and_norm)(const float*, const T*, std::size_t);
};

template <class T>
Distances<T> distances(const Kernels& k);
template <>
Distances<float> distances(const Kernels& k) {
  return {k.l1_f32, k.l2_squared_f32, k.dot_f32, k.dot_and_norm_f32};
}
template <>
Distances<std::uint16_t> distances(const Kernels& k) {
  return {k.l1_f16, k.l2_squared_f16, k.dot_f16, k.dot_and_norm_f16};
}
template <>
Distances<std::uint8_t> distances(const Kernels& k) {
  return {k.l1_u8, k.l2_squared_u8, k.dot_u8, k.dot_and_norm_u8};
}

float widened(float value) { return value; }
float widened(std::uint8_t value) { return value; }
float widened(std::uint16_t value) {
  float result;
  kScalarKernels.f16_to_f32(&value, &result, 1);
  return result;
}

template <class T>
T kept(float value) {
  return static_cast<T>(value);
}
template <>
std::uint16_t kept<std::uint16_t>(float value) {
  std::uint16_t result;
  kScalarKernels.f32_to_f16(&value, &result, 1);
  return result;
}

// Sums in double precision, with the sums of magnitudes that rounding errors are measured by.
struct Expected {
  double l1 = 0, l2 = 0, dot = 0, norm2 = 0, dot_magnitude = 0;
};

template <class T>
Expected expected(std::span<const float> query, std::span<const T> row) {
  Expected sums;
  for (std::size_t i = 0; i < query.size(); ++i) {
    const double q = query[i], r = widened(row[i]);
    sums.l1 += std::fabs(q - r);
    sums.l2 += (q - r) * (q - r);
    sums.dot += q * r;
    sums.norm2 += r * r;
    sums.dot_magnitude += std::fabs(q * r);
  }
  return sums;
}

// What one addition may lose, as a share of the sum of magnitudes: half a unit in the last place.
constexpr double kNothing = 0;
constexpr double kRounding = 0x1p-24;

// The additions into one sum. Lanes keep at least 16 sums; a few more additions bring them together.
double additions(const Kernels& table, std::size_t n) {
  const std::size_t sums = table.dot_f32 == kScalarKernels.dot_f32 ? 1 : 16;
  return static_cast<double>(n / sums + 12);
}

template <class T>
void expect_distances(const Kernels& table, std::span<const float> query, std::span<const T> row, double loss) {
  const Distances<T> kernels = distances<T>(table);
  const Expected want = expected(query, row);
  const std::size_t n = query.size();
  const double tolerance = loss * additions(table, n);
  // Denormal results are rounded to whole steps.
  const double step = static_cast<double>(n) * static_cast<double>(std::numeric_limits<float>::denorm_min());
  EXPECT_NEAR(kernels.l1(query.data(), row.data(), n), want.l1, tolerance * want.l1 + step);
  EXPECT_NEAR(kernels.l2_squared(query.data(), row.data(), n), want.l2, tolerance * want.l2 + step);
  EXPECT_NEAR(kernels.dot(query.data(), row.data(), n), want.dot, tolerance * want.dot_magnitude + step);
  const DotAndNorm both = kernels.dot_and_norm(query.data(), row.data(), n);
  EXPECT_NEAR(both.dot, want.dot, tolerance * want.dot_magnitude + step);
  EXPECT_NEAR(both.norm2, want.norm2, tolerance * want.norm2 + step);
}

template <class T, class QueryValue, class RowValue>
void check_distances(const Kernels& table, double loss, const QueryValue& query_value, const RowValue& row_value) {
  GuardedArray<float> query_memory(kSizeMax);
  GuardedArray<T> row_memory(kSizeMax);
  for (const std::size_t n : sizes()) {
    for (const Place where : kPlaces) {
      const std::span<float> query = place(query_memory, n, where);
      const std::span<T> row = place(row_memory, n, where);
      for (float& q : query) q = query_value();
      for (T& r : row) r = kept<T>(row_value());
      SCOPED_TRACE(n);
      expect_distances<T>(table, query, row, loss);
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST_P(KernelsTest, DistancesOfSmallWholeNumbersAreExact) {
  // All sums stay below 2^24, so nothing is rounded, and one lost or doubled value shows.
  const auto query = [&] { return static_cast<float>(whole(-5, 5)); };
  const auto row = [&] { return static_cast<float>(whole(-8, 8)); };
  const auto byte = [&] { return static_cast<float>(whole(0, 10)); };
  check_distances<float>(table(), kNothing, query, row);
  check_distances<std::uint16_t>(table(), kNothing, query, row);
  check_distances<std::uint8_t>(table(), kNothing, query, byte);
}

TEST_P(KernelsTest, DistancesOfRealNumbersAreOffByRoundingOnly) {
  const auto value = [&] { return real(-1, 1); };
  const auto byte = [&] { return static_cast<float>(whole(0, 255)); };
  check_distances<float>(table(), kRounding, value, value);
  check_distances<std::uint16_t>(table(), kRounding, value, value);
  check_distances<std::uint8_t>(table(), kRounding, byte, byte);
}

TEST_P(KernelsTest, DistancesOfExtremeNumbersAreOffByRoundingOnly) {
  const auto huge = [&] { return real(-1e16f, 1e16f); };        // 65,536 squares stay below the largest float
  const auto tiny = [&] { return real(-1e-20f, 1e-20f); };      // squares are denormal
  const auto denormal = [&] { return real(-1e-39f, 1e-39f); };  // and so are these themselves
  const auto half_most = [&] { return whole(0, 1) == 0 ? 65504.0f : -65504.0f; };
  const auto half_tiny = [&] { return real(-6e-5f, 6e-5f); };  // subnormal halves
  const auto byte_end = [&] { return whole(0, 1) == 0 ? 0.0f : 255.0f; };
  check_distances<float>(table(), kRounding, huge, huge);
  check_distances<float>(table(), kRounding, huge, tiny);
  check_distances<float>(table(), kRounding, tiny, tiny);
  check_distances<float>(table(), kRounding, denormal, denormal);
  check_distances<std::uint16_t>(table(), kRounding, half_most, half_most);
  check_distances<std::uint16_t>(table(), kRounding, half_tiny, half_tiny);
  check_distances<std::uint8_t>(table(), kRounding, byte_end, byte_end);
}

TEST_P(KernelsTest, DistancesBeyondTheLargestFloatAreInfinite) {
  for (const std::size_t n : {1u, 7u, 8u, 9u, 100u, 128u}) {
    const std::vector<float> values(n, 3e38f);
    const std::vector<float> opposite(n, -3e38f);
    EXPECT_EQ(table().l2_squared_f32(values.data(), opposite.data(), n), kInfinity) << n;
    EXPECT_EQ(table().dot_f32(values.data(), opposite.data(), n), -kInfinity) << n;
  }
}

// --- Conversions.

// The bytes that `convert` makes of n values are the scalar table's, wherever the values lie.
template <class From, class To, class Convert, class Value>
void check_conversion(const Kernels& table, const Convert& convert, const Value& value) {
  GuardedArray<From> from_memory(kSizeMax);
  GuardedArray<To> to_memory(kSizeMax);
  std::vector<To> want(kSizeMax);
  for (const std::size_t n : sizes()) {
    for (const Place where : kPlaces) {
      const std::span<From> from = place(from_memory, n, where);
      const std::span<To> to = place(to_memory, n, where);
      for (From& v : from) v = value();
      convert(table, from.data(), to.data(), n);
      convert(kScalarKernels, from.data(), want.data(), n);
      ASSERT_EQ(std::memcmp(to.data(), want.data(), n * sizeof(To)), 0) << "n = " << n;
    }
  }
}

TEST_P(KernelsTest, BytesBecomeFloats) {
  check_conversion<std::uint8_t, float>(
      table(), [](const Kernels& k, auto... arguments) { k.u8_to_f32(arguments...); },
      [&] { return static_cast<std::uint8_t>(whole(0, 255)); });
}

TEST_P(KernelsTest, HalvesBecomeFloats) {
  check_conversion<std::uint16_t, float>(
      table(), [](const Kernels& k, auto... arguments) { k.f16_to_f32(arguments...); },
      [&] { return static_cast<std::uint16_t>(whole(0, 0xffff)); });
}

TEST_P(KernelsTest, FloatsBecomeHalves) {
  check_conversion<float, std::uint16_t>(
      table(), [](const Kernels& k, auto... arguments) { k.f32_to_f16(arguments...); },
      [&] { return std::bit_cast<float>(static_cast<std::uint32_t>(whole(0, 0xffff)) << 16 | 0x1000); });
}

TEST_P(KernelsTest, EveryHalfSurvivesTheWayToFloatAndBack) {
  for (unsigned bits = 0; bits <= 0xffff; ++bits) {
    if ((bits & 0x7fff) > 0x7c00) continue;  // NaNs come back quiet
    const std::uint16_t half = static_cast<std::uint16_t>(bits);
    std::uint16_t back;
    float value;
    table().f16_to_f32(&half, &value, 1);
    table().f32_to_f16(&value, &back, 1);
    ASSERT_EQ(half, back);
  }
}

TEST_P(KernelsTest, FloatsRoundToTheNearestHalfAndTiesToEven) {
  struct Case { const char* name; float value; std::uint16_t half; };
  const Case cases[] = {
      {"zero", 0.0f, 0x0000},
      {"minus zero", -0.0f, 0x8000},
      {"one", 1.0f, 0x3c00},
      {"minus two", -2.0f, 0xc000},
      {"a third", 1.0f / 3, 0x3555},
      {"a tie goes down to even", 1 + 0x1p-11f, 0x3c00},
      {"a tie goes up to even", 1 + 3 * 0x1p-11f, 0x3c02},
      {"just above a tie", 1 + 0x1p-11f + 0x1p-23f, 0x3c01},
      {"rounding carries into the exponent", 2 - 0x1p-12f, 0x4000},
      {"the largest", 65504.0f, 0x7bff},
      {"just below the tie with infinity", 65519.996f, 0x7bff},
      {"the tie with infinity", 65520.0f, 0x7c00},
      {"far beyond", -1e30f, 0xfc00},
      {"infinity", kInfinity, 0x7c00},
      {"the smallest normal", 0x1p-14f, 0x0400},
      {"just below it", 0x1p-14f - 0x1p-38f, 0x0400},
      {"the largest subnormal", 0x1p-14f - 0x1p-24f, 0x03ff},
      {"the smallest subnormal", 0x1p-24f, 0x0001},
      {"half of it ties to zero", 0x1p-25f, 0x0000},
      {"just above that", 0x1.000002p-25f, 0x0001},
      {"three halves of it tie to two", 3 * 0x1p-25f, 0x0002},
      {"a denormal float", 1e-40f, 0x0000},
  };
  for (const Case& c : cases) {
    // A whole vector of it, and one alone.
    for (const std::size_t n : {1u, 32u}) {
      const std::vector<float> values(n, c.value);
      std::vector<std::uint16_t> halves(n);
      table().f32_to_f16(values.data(), halves.data(), n);
      EXPECT_EQ(halves, std::vector<std::uint16_t>(n, c.half)) << c.name;
    }
  }
}

TEST_P(KernelsTest, QuantisingIsTheSameEverywhere) {
  const float scales[] = {1.0f, 0.5f, 97.3f, 1e30f, 1e-30f};
  for (const float scale : scales) {
    const auto value = [&] {
      return whole(0, 3) == 0 ? static_cast<float>(whole(-260, 260)) / 2  // ties
                              : real(-200, 200);
    };
    check_conversion<float, std::int8_t>(
        table(),
        [=](const Kernels& k, const float* from, std::int8_t* to, std::size_t n) { k.quantise_i8(from, scale, to, n); },
        value);
    for (const std::int16_t limit : {std::int16_t{1}, std::int16_t{100}, std::int16_t{32'767}}) {
      check_conversion<float, std::int16_t>(
          table(),
          [=](const Kernels& k, const float* from, std::int16_t* to, std::size_t n) {
            k.quantise_i16(from, scale, limit, to, n);
          },
          value);
    }
  }
}

TEST_P(KernelsTest, QuantisingRoundsTiesToEvenAndClamps) {
  const std::vector<float> from = {0.5f, 1.5f, -0.5f, -2.5f, 126.5f, 127.5f, 1e38f, -1e38f, 3.4f, -3.6f};
  std::vector<std::int8_t> bytes(from.size());
  std::vector<std::int16_t> words(from.size());
  table().quantise_i8(from.data(), 1, bytes.data(), from.size());
  table().quantise_i16(from.data(), 1, 1000, words.data(), from.size());
  EXPECT_EQ(bytes, (std::vector<std::int8_t>{0, 2, 0, -2, 126, 127, 127, -127, 3, -4}));
  EXPECT_EQ(words, (std::vector<std::int16_t>{0, 2, 0, -2, 126, 128, 1000, -1000, 3, -4}));
}

// --- What all values have in common.

TEST_P(KernelsTest, OneValueThatIsNotFiniteIsFoundWhereverItIs) {
  GuardedArray<float> memory(kSizeMax);
  for (const std::size_t n : sizes()) {
    for (const Place where : kPlaces) {
      const std::span<float> values = place(memory, n, where);
      fill(values, [&] { return whole(0, 1) == 0 ? 3.4e38f : -1e-40f; });
      ASSERT_TRUE(table().all_finite(values.data(), n)) << n;
      const std::size_t step = n <= 300 ? 1 : n / 61;
      for (std::size_t i = 0; i < n; i += step) {
        const float bad[] = {kInfinity, -kInfinity, kNaN, -kNaN};
        const float before = std::exchange(values[i], bad[i % 4]);
        ASSERT_FALSE(table().all_finite(values.data(), n)) << "value " << i << " of " << n;
        values[i] = before;
      }
    }
  }
}

TEST_P(KernelsTest, TheLargestMagnitudeIsFoundWhereverItIs) {
  GuardedArray<float> memory(kSizeMax);
  for (const std::size_t n : sizes()) {
    for (const Place where : kPlaces) {
      const std::span<float> values = place(memory, n, where);
      fill(values, [&] { return real(-1, 1); });
      const std::size_t step = n <= 300 ? 1 : n / 61;
      for (std::size_t i = 0; i < n; i += step) {
        const float before = std::exchange(values[i], i % 2 == 0 ? 1.5f : -1.5f);
        ASSERT_EQ(table().max_abs(values.data(), n), 1.5f) << "value " << i << " of " << n;
        values[i] = before;
      }
    }
  }
  const float zeros[40] = {};
  EXPECT_EQ(table().max_abs(zeros, 40), 0.0f);
}

// --- Inner products of codes.

// One by one and four at once, in another order than they lie in memory. `codes` are four of a's length.
template <class A, class One, class Four>
void expect_exact(One one, Four four, One scalar, std::span<const A> a, std::span<const std::int8_t> codes) {
  const std::size_t n = a.size();
  const std::int8_t* rows[4];
  std::int32_t want[4], got[4];
  for (std::size_t k = 0; k < 4; ++k) {
    rows[k] = codes.data() + (3 - k) * n;
    want[k] = scalar(a.data(), rows[k], n);
    ASSERT_EQ(one(a.data(), rows[k], n), want[k]) << n;
  }
  four(a.data(), rows, n, got);
  for (std::size_t k = 0; k < 4; ++k) ASSERT_EQ(got[k], want[k]) << n << ", code " << k;
}

TEST_P(KernelsTest, InnerProductsOfCodesAreExact) {
  GuardedArray<std::int8_t> a_memory(kSizeMax), b_memory(4 * kSizeMax);
  for (const std::size_t n : code_sizes()) {
    for (const Place where : kPlaces) {
      for (const bool extreme : {false, true}) {
        const std::span<std::int8_t> a = place(a_memory, n, where);
        const std::span<std::int8_t> b = place(b_memory, 4 * n, where);
        const auto code = [&] { return extreme ? 127 - 254 * whole(0, 1) : whole(-127, 127); };
        fill(a, code);
        fill(b, code);

        expect_exact(table().dot_i8, table().dot_i8_x4, kScalarKernels.dot_i8, std::span<const std::int8_t>(a), b);
      }
    }
  }
}

TEST_P(KernelsTest, TwoCodesOfTheLargestWidthDoNotOverflow) {
  constexpr std::size_t kMost = 131'072;
  const std::vector<std::int8_t> most(kMost, 127), least(kMost, -127);
  constexpr std::int32_t kProduct = 127 * 127 * 131'072;
  EXPECT_EQ(table().dot_i8(most.data(), most.data(), kMost), kProduct);
  EXPECT_EQ(table().dot_i8(least.data(), least.data(), kMost), kProduct);
  EXPECT_EQ(table().dot_i8(most.data(), least.data(), kMost), -kProduct);
}

TEST_P(KernelsTest, InnerProductsOfAWideQueryAreExact) {
  GuardedArray<std::int16_t> query_memory(kSizeMax);
  GuardedArray<std::int8_t> code_memory(4 * kSizeMax);
  for (const std::size_t n : code_sizes()) {
    const int most = static_cast<int>(std::min<std::size_t>(32'767, 0x7fff'ffff / (127 * n)));
    for (const Place where : kPlaces) {
      for (const bool extreme : {false, true}) {
        const std::span<std::int16_t> query = place(query_memory, n, where);
        const std::span<std::int8_t> codes = place(code_memory, 4 * n, where);
        const int sign = extreme ? 1 - 2 * whole(0, 1) : 0;
        fill(query, [&] { return extreme ? sign * most : whole(-most, most); });
        fill(codes, [&] { return extreme ? 127 : whole(-127, 127); });

        expect_exact(table().dot_i16_i8, table().dot_i16_i8_x4, kScalarKernels.dot_i16_i8,
                     std::span<const std::int16_t>(query), codes);
      }
    }
  }
}

// --- Walsh-Hadamard transform.

TEST_P(KernelsTest, TheHadamardTransformIsTheSameBitForBitEverywhere) {
  GuardedArray<float> memory(kSizeMax);
  for (std::size_t n = 1; n <= kSizeMax; n *= 2) {
    for (const Place where : kPlaces) {
      const std::span<float> values = place(memory, n, where);
      fill(values, [&] { return real(-1, 1); });
      std::vector<float> want(values.begin(), values.end());
      kScalarKernels.hadamard(want.data(), n);
      table().hadamard(values.data(), n);
      ASSERT_EQ(std::memcmp(values.data(), want.data(), n * sizeof(float)), 0) << n;
    }
  }
}

TEST_P(KernelsTest, TheHadamardTransformMultipliesByTheSignsOfCommonBits) {
  for (std::size_t n = 1; n <= 256; n *= 2) {
    std::vector<float> values(n);
    fill(std::span(values), [&] { return whole(-100, 100); });
    std::vector<float> want(n);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) want[i] += std::popcount(i & j) % 2 == 0 ? values[j] : -values[j];
    }
    table().hadamard(values.data(), n);
    EXPECT_EQ(values, want) << n;
  }
}

// --- FastScan.

struct Block {
  GuardedArray<std::uint8_t> code_memory{fastscan_bytes(16'384)};
  GuardedArray<std::uint8_t> table_memory{fastscan_bytes(16'384)};
};

TEST_P(KernelsTest, FastScanSumsAreExact) {
  Block block;
  GuardedArray<std::uint32_t> sum_memory(32);
  for (const std::size_t groups : group_counts()) {
    for (const Place where : kPlaces) {
      for (const int least : {0, int{kFastScanEntryMax}}) {
        const std::span<std::uint8_t> codes = place(block.code_memory, 16 * groups, where);
        const std::span<std::uint8_t> tables = place(block.table_memory, 16 * groups, where);
        const std::span<std::uint32_t> sums = place(sum_memory, 32, where);
        fill(codes, [&] { return whole(0, 255); });
        fill(tables, [&] { return whole(least, kFastScanEntryMax); });
        std::vector<std::uint32_t> want(32);
        kScalarKernels.fastscan_32(codes.data(), tables.data(), groups, want.data());
        table().fastscan_32(codes.data(), tables.data(), groups, sums.data());
        ASSERT_EQ(std::vector<std::uint32_t>(sums.begin(), sums.end()), want) << groups;
      }
    }
  }
}

TEST_P(KernelsTest, FastScanAddsTheTableEntriesOfEachRow) {
  // Row r looks up entry (r + group) % 16 of each group's table, whose entry e is 3 * group + e.
  constexpr std::size_t kGroups = 6;
  std::vector<std::uint8_t> nibbles(32 * kGroups), tables(16 * kGroups), codes(fastscan_bytes(kGroups));
  std::vector<std::uint32_t> want(32), got(32);
  for (std::size_t group = 0; group < kGroups; ++group) {
    for (std::size_t entry = 0; entry < 16; ++entry) {
      tables[16 * group + entry] = static_cast<std::uint8_t>(3 * group + entry);
    }
    for (std::size_t row = 0; row < 32; ++row) {
      const std::size_t entry = (row + group) % 16;
      nibbles[row * kGroups + group] = static_cast<std::uint8_t>(entry);
      want[row] += static_cast<std::uint32_t>(3 * group + entry);
    }
  }
  pack_32(nibbles.data(), kGroups, codes.data());
  table().fastscan_32(codes.data(), tables.data(), kGroups, got.data());
  EXPECT_EQ(got, want);
}

TEST_P(KernelsTest, FastScanMasksTheRowsBelowTheThreshold) {
  Block block;
  GuardedArray<float> add_memory(32), rescale_memory(32);
  for (const std::size_t groups : group_counts()) {
    for (const Place where : kPlaces) {
      const std::span<std::uint8_t> codes = place(block.code_memory, 16 * groups, where);
      const std::span<std::uint8_t> tables = place(block.table_memory, 16 * groups, where);
      const std::span<float> add = place(add_memory, 32, where);
      const std::span<float> rescale = place(rescale_memory, 32, where);
      // Small whole numbers and their quarters: nothing rounds, so every table must agree on every row.
      fill(codes, [&] { return whole(0, 255); });
      fill(tables, [&] { return whole(0, kFastScanEntryMax); });
      fill(add, [&] { return whole(-50, 50); });
      fill(rescale, [&] { return 0.25f * static_cast<float>(whole(1, 4)); });
      const FastScanQuery query = {.scale = 0.5f, .offset = static_cast<float>(whole(-2000, 0))};

      std::vector<std::uint32_t> sums(32);
      kScalarKernels.fastscan_32(codes.data(), tables.data(), groups, sums.data());
      std::vector<float> bounds(32);
      for (std::size_t row = 0; row < 32; ++row) {
        bounds[row] = add[row] + rescale[row] * (query.scale * static_cast<float>(sums[row]) + query.offset);
      }
      const auto mask = [&](float threshold) {
        return table().fastscan_mask_32(codes.data(), tables.data(), groups, add.data(), rescale.data(), query,
                                        threshold);
      };
      // A row at the threshold is not below it.
      for (const float threshold : bounds) {
        std::uint32_t want = 0;
        for (std::size_t row = 0; row < 32; ++row) want |= static_cast<std::uint32_t>(bounds[row] < threshold) << row;
        ASSERT_EQ(mask(threshold), want) << groups;
      }
      EXPECT_EQ(mask(kInfinity), 0xffff'ffff);
      EXPECT_EQ(mask(-kInfinity), 0u);
      EXPECT_EQ(mask(kNaN), 0u);
    }
  }
}

std::string table_name(const testing::TestParamInfo<const Kernels*>& info) { return info.param->name; }

INSTANTIATE_TEST_SUITE_P(Table, KernelsTest, testing::ValuesIn(supported_kernels().begin(), supported_kernels().end()),
                         table_name);

TEST(FastScan, UnpackingGivesBackWhatWasPacked) {
  for (const std::size_t groups : group_counts()) {
    std::vector<std::uint8_t> nibbles(32 * groups), codes(fastscan_bytes(groups)), back(32 * groups);
    for (std::size_t i = 0; i < nibbles.size(); ++i) nibbles[i] = static_cast<std::uint8_t>((i * 7 + i / 16) % 16);
    pack_32(nibbles.data(), groups, codes.data());
    unpack_32(codes.data(), groups, back.data());
    EXPECT_EQ(back, nibbles) << groups;
  }
}

TEST(Dispatch, TakesTheNamedTableOrElseTheBest) {
  Kernels plain = kScalarKernels, better = kScalarKernels;
  plain.name = "plain";
  better.name = "better";
  const Kernels* const tables[] = {&plain, &better};
  EXPECT_STREQ(named_or_best(tables, nullptr).name, "better");
  EXPECT_STREQ(named_or_best(tables, "plain").name, "plain");
  EXPECT_STREQ(named_or_best(tables, "unheard-of").name, "better");
}

TEST(Dispatch, ListsTheScalarTableFirstAndTheChosenOneSomewhere) {
  ASSERT_FALSE(supported_kernels().empty());
  EXPECT_STREQ(supported_kernels().front()->name, "scalar");
  EXPECT_NE(std::ranges::find(supported_kernels(), &kernels()), supported_kernels().end());
}

}  // namespace
}  // namespace omendb::simd
