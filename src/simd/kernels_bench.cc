// Nanoseconds per call of every kernel, for every table this CPU runs; data in the first-level cache.
//
//   g++ -std=c++20 -O2 -march=x86-64-v2 -Isrc src/simd/*[a-z0-9][^t].cc ...
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "simd/kernels.h"

namespace omendb::simd {
namespace {

using Clock = std::chrono::steady_clock;

// The least of several rounds: what the kernel costs when nothing disturbs it.
template <class Call>
double nanoseconds(const Call& call) {
  constexpr int kRounds = 12;
  constexpr int kCalls = 2000;
  double least = std::numeric_limits<double>::infinity();
  for (int round = 0; round < kRounds; ++round) {
    const Clock::time_point start = Clock::now();
    for (int i = 0; i < kCalls; ++i) call();
    const std::chrono::duration<double, std::nano> spent = Clock::now() - start;
    least = std::min(least, spent.count() / kCalls);
  }
  return least;
}

// Tells the compiler that a value is used.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "g"(&value) : "memory");
}

struct Data {
  std::vector<float> query, row, values;
  std::vector<std::uint16_t> halves;
  std::vector<std::uint8_t> bytes, codes, tables;
  std::vector<std::int16_t> wide;
  std::vector<std::int8_t> narrow, row_codes;

  explicit Data(std::size_t n) : query(n), row(n), values(n), halves(n), bytes(n), codes(16 * n), tables(16 * n), wide(n), narrow(4 * n), row_codes(n) {
    std::mt19937 random(1);
    for (std::size_t i = 0; i < n; ++i) {
      query[i] = static_cast<float>(random() % 2001) / 1000 - 1;
      row[i] = static_cast<float>(random() % 2001) / 1000 - 1;
      wide[i] = static_cast<std::int16_t>(random() % 4001 - 2000);
      bytes[i] = static_cast<std::uint8_t>(random());
      halves[i] = static_cast<std::uint16_t>(random() % 0x3c00);
      row_codes[i] = static_cast<std::int8_t>(random() % 255 - 127);
    }
    for (std::int8_t& code : narrow) code = static_cast<std::int8_t>(random() % 255 - 127);
    for (std::uint8_t& code : codes) code = static_cast<std::uint8_t>(random());
    for (std::uint8_t& entry : tables) entry = static_cast<std::uint8_t>(random());
  }
};

using Measure = double (*)(const Kernels&, Data&, std::size_t);

struct Bench {
  const char* name;
  std::vector<std::size_t> sizes;
  Measure measure;
};

// One measured call: K is the table, D the data, N the size.
#define OMEN_MEASURE(call) \
  [](const Kernels& K, Data& D, std::size_t N) { return nanoseconds([&] { keep(N); keep(call); }); }
#define OMEN_MEASURE_VOID(call) \
  [](const Kernels& K, Data& D, std::size_t N) { return nanoseconds([&] { keep(N); call; keep(D); }); }

const std::vector<Bench>& benches() {
  static std::int32_t out[4];
  static std::uint32_t sums[32];
  static const std::vector<Bench> all = {
      {"l2_squared_f32", {100, 128, 784}, OMEN_MEASURE(K.l2_squared_f32(D.query.data(), D.row.data(), N))},
      {"dot_f32", {100, 128, 784}, OMEN_MEASURE(K.dot_f32(D.query.data(), D.row.data(), N))},
      {"dot_and_norm_f32", {100, 128, 784}, OMEN_MEASURE(K.dot_and_norm_f32(D.query.data(), D.row.data(), N))},
      {"l2_squared_f16", {100, 128, 784}, OMEN_MEASURE(K.l2_squared_f16(D.query.data(), D.halves.data(), N))},
      {"l2_squared_u8", {100, 128, 784}, OMEN_MEASURE(K.l2_squared_u8(D.query.data(), D.bytes.data(), N))},
      {"f32_to_f16", {128, 784}, OMEN_MEASURE_VOID(K.f32_to_f16(D.row.data(), D.halves.data(), N))},
      {"f16_to_f32", {128, 784}, OMEN_MEASURE_VOID(K.f16_to_f32(D.halves.data(), D.values.data(), N))},
      {"u8_to_f32", {128, 784}, OMEN_MEASURE_VOID(K.u8_to_f32(D.bytes.data(), D.values.data(), N))},
      {"all_finite", {128, 784}, OMEN_MEASURE(K.all_finite(D.row.data(), N))},
      {"max_abs", {128, 784}, OMEN_MEASURE(K.max_abs(D.row.data(), N))},
      {"dot_i8", {128, 768, 832, 1536}, OMEN_MEASURE(K.dot_i8(D.narrow.data(), D.row_codes.data(), N))},
      {"dot_i16_i8", {128, 768, 832, 1536}, OMEN_MEASURE(K.dot_i16_i8(D.wide.data(), D.narrow.data(), N))},
      {"dot_i16_i8_x4", {128, 768, 832, 1536}, [](const Kernels& K, Data& D, std::size_t N) {
         const std::int8_t* codes[4] = {&D.narrow[0], &D.narrow[N], &D.narrow[2 * N], &D.narrow[3 * N]};
         return nanoseconds([&] { keep(codes); K.dot_i16_i8_x4(D.wide.data(), codes, N, out); keep(out); });
       }},
      {"quantise_i8", {128, 768}, OMEN_MEASURE_VOID(K.quantise_i8(D.row.data(), 100, D.row_codes.data(), N))},
      {"quantise_i16", {128, 768}, OMEN_MEASURE_VOID(K.quantise_i16(D.row.data(), 100, 2000, D.wide.data(), N))},
      {"hadamard", {64, 128, 256, 512, 1024}, [](const Kernels& K, Data& D, std::size_t N) {
         std::fill(D.values.begin(), D.values.end(), 0.0f);  // values would grow to infinity
         return nanoseconds([&] { K.hadamard(D.values.data(), N); keep(D); });
       }},
      {"fastscan_32, groups", {32, 208, 384}, OMEN_MEASURE_VOID(K.fastscan_32(D.codes.data(), D.tables.data(), N, sums))},
      {"fastscan_mask_32, groups", {32, 208, 384},
       OMEN_MEASURE(K.fastscan_mask_32(D.codes.data(), D.tables.data(), N, D.query.data(), D.row.data(), D.query.data(), {1, 2, 3, 4}, 5))},
  };
  return all;
}

void run() {
  std::printf("%-26s %6s", "ns per call", "n");
  for (const Kernels* table : supported_kernels()) std::printf(" %10s", table->name);
  std::printf("\n");
  for (const Bench& bench : benches()) {
    for (const std::size_t n : bench.sizes) {
      Data data(std::max<std::size_t>(n, 32));
      std::printf("%-26s %6zu", bench.name, n);
      for (const Kernels* table : supported_kernels()) std::printf(" %10.1f", bench.measure(*table, data, n));
      std::printf("\n");
    }
  }
}

}  // namespace
}  // namespace omendb::simd

int main() { omendb::simd::run(); }
