#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "search/scan.h"
#include "search/test_vectors.h"

namespace omendb {
namespace {

// Whole numbers, so that every datatype keeps them and float32 sums are exact.
std::vector<float> whole_numbers(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(random() % 20);
  return values;
}

std::vector<std::byte> as_datatype(const std::vector<float>& values, const VectorField& field) {
  std::vector<std::byte> bytes(values.size() * field.value_bytes());
  for (std::size_t i = 0; i < values.size(); ++i) {
    switch (field.datatype) {
      case Datatype::Float32: std::memcpy(&bytes[4 * i], &values[i], 4); break;
      case Datatype::Float16:
        simd::kernels().f32_to_f16(&values[i], reinterpret_cast<std::uint16_t*>(&bytes[2 * i]), 1);
        break;
      case Datatype::Uint8: bytes[i] = static_cast<std::byte>(values[i]); break;
    }
  }
  return bytes;
}

double expected_distance(Metric metric, std::span<const float> a, std::span<const float> b) {
  double dot = 0;
  double a2 = 0;
  double b2 = 0;
  double l1 = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    dot += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    a2 += static_cast<double>(a[i]) * static_cast<double>(a[i]);
    b2 += static_cast<double>(b[i]) * static_cast<double>(b[i]);
    l1 += std::fabs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
  }
  switch (metric) {
    case Metric::L2: return a2 + b2 - 2 * dot;
    case Metric::Dot: return -dot;
    case Metric::Cosine: return 1 - dot / std::sqrt(a2 * b2);
    case Metric::L1: return l1;
  }
  return 0;
}

TEST(ExactScorer, ComputesEveryMetricOnEveryDatatype) {
  const std::size_t dimensions = 37;
  const std::vector<float> vectors = whole_numbers(50 * dimensions, 1);
  const std::vector<float> query = whole_numbers(dimensions, 2);
  for (const Metric metric : {Metric::L2, Metric::Dot, Metric::Cosine, Metric::L1}) {
    for (const Datatype datatype : {Datatype::Float32, Datatype::Float16, Datatype::Uint8}) {
      SCOPED_TRACE(std::string(name_of(metric)) + " " + std::string(name_of(datatype)));
      VectorField field = field_of(dimensions, metric);
      field.datatype = datatype;
      const std::vector<std::byte> kept = as_datatype(vectors, field);
      const ExactScorer scorer(field, kept.data(), query);
      for (std::uint32_t row = 0; row < 50; ++row) {
        const auto vector = std::span(vectors).subspan(row * dimensions, dimensions);
        EXPECT_NEAR(static_cast<double>(scorer.distance(Row{row})), expected_distance(metric, query, vector), 1e-6);
      }
    }
  }
}

TEST(ExactScorer, CallsAVectorWithoutDirectionARightAngleAwayUnderCosine) {
  const VectorField field = field_of(2, Metric::Cosine);
  const std::array<float, 4> vectors = {0, 0, 1, 0};
  const std::array<float, 2> zero = {0, 0};
  const std::array<float, 2> query = {1, 0};
  const auto* bytes = reinterpret_cast<const std::byte*>(vectors.data());
  EXPECT_EQ(ExactScorer(field, bytes, query).distance(Row{0}), 1);
  EXPECT_EQ(ExactScorer(field, bytes, zero).distance(Row{1}), 1);
}

TEST(ExactScan, OffersTheLiveRowsOfTheRange) {
  const VectorField field = field_of(1, Metric::L2);
  const std::array<float, 6> vectors = {0, 1, 2, 3, 4, 5};
  std::array<std::atomic<std::uint64_t>, 6> erased_at{};
  erased_at[2] = 7;  // erased in the View's past
  erased_at[3] = 9;  // erased later: it still lives there
  const std::array<float, 1> query = {0};
  TopK nearest(10);
  const ScanCount count = exact_scan(ExactScorer(field, reinterpret_cast<const std::byte*>(vectors.data()), query),
                                     RowFilter(erased_at.data(), 8), {1, 5}, nearest);
  std::vector<std::uint32_t> rows;
  for (const Candidate& candidate : nearest.take_sorted()) rows.push_back(index(candidate.row));
  EXPECT_THAT(rows, testing::ElementsAre(1, 3, 4));
  EXPECT_EQ(count.distances, 3u);
}

}  // namespace
}  // namespace omendb
