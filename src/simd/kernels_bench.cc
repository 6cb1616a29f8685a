// Nanoseconds per call of every kernel, for every table this CPU runs; data in the first-level cache.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <initializer_list>
#include <limits>
#include <random>
#include <vector>

#include "simd/kernels.h"

namespace omendb::simd {
namespace {

using Clock = std::chrono::steady_clock;

// What the kernels read and write: the operands of n values each.
struct Data {
  std::vector<float> query, row, transformed;
  std::vector<std::uint16_t> halves;
  std::vector<std::uint8_t> bytes, block, tables;
  std::vector<std::int16_t> wide_query;
  std::vector<std::int8_t> code, codes;

  // Results, where the compiler cannot know that nobody looks at them.
  std::vector<float> floats_out;
  std::vector<std::uint16_t> halves_out;
  std::vector<std::int16_t> wide_out;
  std::vector<std::int8_t> code_out;
  std::array<std::uint32_t, 32> sums_out{};
  std::array<std::int32_t, 4> dots_out{};
  DotAndNorm both_out{};
  float float_out = 0;
  std::int32_t dot_out = 0;
  std::uint32_t mask_out = 0;
  bool bool_out = false;

  explicit Data(std::size_t n);
};

template <class T>
std::vector<T> random_values(std::size_t n, int least, int most) {
  static std::mt19937 random(1);
  std::uniform_int_distribution<int> value(least, most);
  std::vector<T> values(n);
  for (T& v : values) v = static_cast<T>(value(random));
  return values;
}

Data::Data(std::size_t n)
    : query(random_values<float>(std::max<std::size_t>(n, 32), -100, 100)),
      row(random_values<float>(std::max<std::size_t>(n, 32), -100, 100)),
      transformed(n),  // zeros: transformed again and again, other values would become infinite
      halves(random_values<std::uint16_t>(n, 0, 0x7bff)),
      bytes(random_values<std::uint8_t>(n, 0, 255)),
      block(random_values<std::uint8_t>(16 * n, 0, 255)),
      tables(random_values<std::uint8_t>(16 * n, 0, 255)),
      wide_query(random_values<std::int16_t>(n, -5000, 5000)),
      code(random_values<std::int8_t>(n, -127, 127)),
      codes(random_values<std::int8_t>(4 * n, -127, 127)),
      floats_out(n),
      halves_out(n),
      wide_out(n),
      code_out(n) {}

// The least of several rounds: what a call costs when nothing disturbs it.
template <class Call>
double nanoseconds(const Kernels& table, Data& data, std::size_t n, const Call& call) {
  constexpr int kRounds = 20;
  constexpr int kCalls = 1000;
  double least = std::numeric_limits<double>::infinity();
  for (int round = 0; round < kRounds; ++round) {
    const Clock::time_point start = Clock::now();
    for (int i = 0; i < kCalls; ++i) {
      call(table, data, n);
      asm volatile("" : : "g"(&data) : "memory");
    }
    const std::chrono::duration<double, std::nano> spent = Clock::now() - start;
    least = std::min(least, spent.count() / kCalls);
  }
  return least;
}

template <class Call>
void bench(const char* name, std::initializer_list<std::size_t> sizes, const Call& call) {
  for (const std::size_t n : sizes) {
    Data data(n);
    std::printf("%-18s %6zu", name, n);
    for (const Kernels* table : supported_kernels()) std::printf(" %10.1f", nanoseconds(*table, data, n, call));
    std::printf("\n");
  }
}

void bench_all() {
  std::printf("%-18s %6s", "ns per call", "n");
  for (const Kernels* table : supported_kernels()) std::printf(" %10s", table->name);
  std::printf("\n");

  using K = const Kernels&;
  using D = Data&;
  using N = std::size_t;
  const auto sizes = {N{100}, N{128}, N{784}};
  bench("l2_squared_f32", sizes,
        [](K k, D d, N n) { d.float_out = k.l2_squared_f32(d.query.data(), d.row.data(), n); });
  bench("dot_f32", sizes, [](K k, D d, N n) { d.float_out = k.dot_f32(d.query.data(), d.row.data(), n); });
  bench("dot_and_norm_f32", sizes,
        [](K k, D d, N n) { d.both_out = k.dot_and_norm_f32(d.query.data(), d.row.data(), n); });
  bench("l2_squared_f16", sizes,
        [](K k, D d, N n) { d.float_out = k.l2_squared_f16(d.query.data(), d.halves.data(), n); });
  bench("l2_squared_u8", sizes,
        [](K k, D d, N n) { d.float_out = k.l2_squared_u8(d.query.data(), d.bytes.data(), n); });

  bench("f32_to_f16", sizes, [](K k, D d, N n) { k.f32_to_f16(d.row.data(), d.halves_out.data(), n); });
  bench("f16_to_f32", sizes, [](K k, D d, N n) { k.f16_to_f32(d.halves.data(), d.floats_out.data(), n); });
  bench("u8_to_f32", sizes, [](K k, D d, N n) { k.u8_to_f32(d.bytes.data(), d.floats_out.data(), n); });
  bench("all_finite", sizes, [](K k, D d, N n) { d.bool_out = k.all_finite(d.row.data(), n); });
  bench("max_abs", sizes, [](K k, D d, N n) { d.float_out = k.max_abs(d.row.data(), n); });

  const auto widths = {N{128}, N{768}, N{832}, N{1536}};
  bench("dot_i8", widths, [](K k, D d, N n) { d.dot_out = k.dot_i8(d.code.data(), d.codes.data(), n); });
  bench("dot_i16_i8", widths, [](K k, D d, N n) { d.dot_out = k.dot_i16_i8(d.wide_query.data(), d.code.data(), n); });
  bench("dot_i8_x4", widths, [](K k, D d, N n) {
    const std::int8_t* const rows[4] = {&d.codes[0], &d.codes[n], &d.codes[2 * n], &d.codes[3 * n]};
    k.dot_i8_x4(d.code.data(), rows, n, d.dots_out.data());
  });
  bench("dot_i16_i8_x4", widths, [](K k, D d, N n) {
    const std::int8_t* const rows[4] = {&d.codes[0], &d.codes[n], &d.codes[2 * n], &d.codes[3 * n]};
    k.dot_i16_i8_x4(d.wide_query.data(), rows, n, d.dots_out.data());
  });
  bench("quantise_i8", widths, [](K k, D d, N n) { k.quantise_i8(d.row.data(), 1.1f, d.code_out.data(), n); });
  bench("quantise_i16", widths, [](K k, D d, N n) { k.quantise_i16(d.row.data(), 1.1f, 99, d.wide_out.data(), n); });
  bench("hadamard", {64, 128, 256, 512, 1024}, [](K k, D d, N n) { k.hadamard(d.transformed.data(), n); });

  const auto groups = {N{32}, N{192}, N{384}};
  bench("fastscan_32", groups,
        [](K k, D d, N n) { k.fastscan_32(d.block.data(), d.tables.data(), n, d.sums_out.data()); });
  bench("fastscan_mask_32", groups, [](K k, D d, N n) {
    const FastScanQuery query = {.scale = 1, .offset = 2};
    d.mask_out = k.fastscan_mask_32(d.block.data(), d.tables.data(), n, d.query.data(), d.row.data(), query, 5);
  });
}

}  // namespace
}  // namespace omendb::simd

int main() { omendb::simd::bench_all(); }
