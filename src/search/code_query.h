// A query bound to the 8-bit codes: estimates of the internal distance, good to a fraction of a percent.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "base/row.h"
#include "search/code_table.h"
#include "simd/kernels.h"

namespace omendb {

class CodeQuery {
 public:
  // The table has codes (CodeTable::coded). `query` has the field's dimensions.
  CodeQuery(const CodeTable& table, std::span<const float> query);

  // distance = base + norm_weight * norm2 + dot_weight * scale * <query, code>
  float distance(const CodeRecord& record) const {
    const std::int32_t dot = dot_(query_.data(), record.code, query_.size());
    return from_dot(record.factors, dot);
  }
  float distance(Row row) const { return distance(table_.record(row)); }
  Distances4 distances(const Rows4& rows) const {
    const Codes4 codes = table_.codes(rows);
    std::int32_t dots[4];
    dot_x4_(query_.data(), codes.data(), query_.size(), dots);
    Distances4 distances;
    for (std::size_t i = 0; i < 4; ++i) distances[i] = from_dot(table_.factors(rows[i]), dots[i]);
    return distances;
  }

  // Half the width of the interval around distance() that holds the true distance with near certainty: four
  // standard deviations of the roundings of code and query, and what float32 may be off.
  float error(CodeFactors factors) const {
    return error_weight_ * factors.scale + length_error_weight_ * std::sqrt(factors.norm2) +
           norm_error_weight_ * factors.norm2 + base_error_;
  }

  const CodeTable& table() const { return table_; }

  // The query in code space: rotated, under cosine normalised first; all zero for a zero query.
  std::span<const float> rotated() const { return rotated_; }

 private:
  float from_dot(CodeFactors factors, std::int32_t dot) const {
    return base_ + norm_weight_ * factors.norm2 + dot_weight_ * factors.scale * static_cast<float>(dot);
  }

  const CodeTable& table_;
  std::int32_t (*dot_)(const std::int16_t*, const std::int8_t*, std::size_t);
  void (*dot_x4_)(const std::int16_t*, const std::int8_t* const*, std::size_t, std::int32_t*);
  std::vector<float> rotated_;
  std::vector<std::int16_t> query_;  // rotated - centre (for dot product: rotated), at 16 bits
  float base_ = 0;
  float norm_weight_ = 0;
  float dot_weight_ = 0;  // includes the scale of query_
  float error_weight_ = 0;
  float length_error_weight_ = 0;
  float norm_error_weight_ = 0;
  float base_error_ = 0;
};

}  // namespace omendb
