// A query bound to the one-bit codes: one look-up table, and for each extent what the distance to its centre adds.
#pragma once

#include <cstdint>
#include <vector>

#include "base/row.h"
#include "search/code_query.h"
#include "simd/kernels.h"

namespace omendb {

// A row's distance is about base + the kernel's value with `estimate`, and above that with `bound`, but for a few rows
// (kDeviations).
struct ExtentQuery {
  simd::FastScanQuery estimate;
  simd::FastScanQuery bound;
  float base;
};

class SignQuery {
 public:
  // For the extents that hold `rows`.
  SignQuery(const CodeQuery& query, RowRange rows);

  // False for a query without direction (zero under cosine) and for one that leaves float32's range: compare exactly.
  bool usable() const { return usable_; }

  const std::uint8_t* tables() const { return tables_.front().bytes; }
  std::size_t groups() const { return kGroupsPerLine * tables_.size(); }
  const ExtentQuery& of_extent(std::uint32_t extent) const { return extents_[extent - first_extent_]; }

 private:
  void fill_tables(const std::vector<float>& query);
  ExtentQuery bind(const CodeQuery& query, const std::vector<float>& centre) const;

  // Tables of four groups. Aligned: look-ups straddling two cache lines would make the scan a quarter slower.
  static constexpr std::size_t kGroupsPerLine = 4;
  struct alignas(64) Line {
    std::uint8_t bytes[16 * kGroupsPerLine];
  };

  std::vector<Line> tables_;  // 16 bytes a group of four dimensions: simd/kernels.h, fastscan_32
  float scale_ = 0;
  float offset_ = 0;
  std::uint32_t first_extent_;
  std::vector<ExtentQuery> extents_;
  bool usable_ = true;
};

}  // namespace omendb
