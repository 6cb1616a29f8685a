// A query bound to the one-bit codes: one look-up table, and for each extent what the distance to its centre adds.
#pragma once

#include <cstdint>
#include <vector>

#include "base/row.h"
#include "search/code_query.h"
#include "simd/kernels.h"

namespace omendb {

class SignQuery {
 public:
  // For the extents that hold `rows`.
  SignQuery(const CodeQuery& query, RowRange rows);

  // False for a query without direction (zero under cosine) and for one that leaves float32's range: compare exactly.
  bool usable() const { return usable_; }

  const std::uint8_t* tables() const { return tables_.data(); }
  std::size_t groups() const { return tables_.size() / 16; }
  // To be used with a block's `rescale` for the kernel's `error`: error_weight is negative, as rescale is.
  const simd::FastScanQuery& of_extent(std::uint32_t extent) const { return extents_[extent - first_extent_]; }

 private:
  void fill_tables(const std::vector<float>& query);
  simd::FastScanQuery bind(const CodeQuery& query, const std::vector<float>& centre) const;

  std::vector<std::uint8_t> tables_;  // 16 bytes a group of four dimensions: simd/kernels.h, fastscan_32
  float scale_ = 0;
  float offset_ = 0;
  std::uint32_t first_extent_;
  std::vector<simd::FastScanQuery> extents_;
  bool usable_ = true;
};

}  // namespace omendb
