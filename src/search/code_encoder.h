// Turns one row into its two codes.
//
// The 8-bit code is taken relative to one centre for the whole table, so that the codes of any two rows can be
// compared. The one-bit code is taken relative to the centre of the row's extent, which follows the data. What differs
// between the two centres is folded into the row's factors here, so that one look-up table a query serves every extent.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "search/code_table.h"
#include "search/rotation.h"
#include "simd/fastscan.h"

namespace omendb {

// The centre of an extent, in rotated space.
struct ExtentCentre {
  explicit ExtentCentre(std::size_t width) : centre(width), offset(width) {}
  std::vector<float> centre;
  std::vector<float> offset;  // centre - the table's centre
  bool is_table_centre = false;
};

// Up to 32 rows of one-bit codes before they are packed. With x the signs of a row's residual r as +1/2 or -1/2, and
// q a rotated query,
//   distance  ~=  base(q, extent) + add + rescale * <q - table centre, x>
// with a standard deviation that search/sign_query.h derives from rescale: a factor less to read for every row.
struct OpenBlock {
  explicit OpenBlock(std::size_t width) : nibbles(simd::kFastScanRows * width / 4), sum(width) {}
  std::vector<std::uint8_t> nibbles;  // simd/fastscan.h, pack_32
  std::array<float, simd::kFastScanRows> add{};
  std::array<float, simd::kFastScanRows> rescale{};
  std::vector<float> sum;  // of the rotated rows
};

// Holds scratch space: one for each thread.
class CodeEncoder {
 public:
  CodeEncoder(const VectorField& field, const Rotation& rotation);

  // The row as float32 (under cosine normalised), padded with zeros and rotated. Valid until the next call.
  const float* rotate(const std::byte* vector);

  // Both codes are of the row given to rotate() last.
  CodeFactors write_code(const float* table_centre, std::int8_t* code);
  void write_signs(const ExtentCentre& extent, OpenBlock& block, std::size_t slot);

 private:
  void load(const std::byte* vector);

  const VectorField& field_;
  const Rotation& rotation_;
  std::vector<float> rotated_;
  std::vector<float> residual_;
  std::vector<float> halves_;  // the residual's signs, +1/2 or -1/2
};

}  // namespace omendb
