// What a CodeTable is made of. For the code beside it only: the encoder's caller, the file, the query, the tail scan.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "os/memory.h"
#include "search/code_encoder.h"
#include "search/code_table.h"
#include "search/rotation.h"

namespace omendb {

constexpr std::uint32_t kBlockRows = simd::kFastScanRows;
constexpr std::uint32_t kChunkRows = 4096;     // the file grows by chunks
constexpr std::uint32_t kExtentRows = 65'536;  // rows that share a centre for their one-bit codes
static_assert(kFirstCodedRows == kChunkRows,
              "the first chunk has no one-bit codes, and its mean is the table's centre");

// 32 rows of one-bit codes, as the scan reads them.
struct SignBlock {
  const std::uint8_t* codes;
  const float* add;
  const float* rescale;
};

struct CodeTable::Parts {
  Parts(const VectorField& field, std::uint64_t seed);

  // --- Any thread, rows inside the reader's View, which is coded.

  // Blocks are numbered by their rows: block b has rows [32 b, 32 b + 32), and row 4096 is in the first with codes.
  SignBlock block(std::uint32_t number) const;

  // The centre of an extent is the mean of the rotated rows of the extent before it; that of the first extent is the
  // table's, the mean of its first 4,096 rows.
  void read_extent_centre(std::uint32_t extent, float* to) const;

  // Sum of the rotated rows of the chunk's extent up to the chunk's end.
  double* chunk_sum(std::uint32_t chunk) const {
    return reinterpret_cast<double*>(sums.data()) + std::uint64_t{chunk} * rotation.width();
  }

  std::uint64_t block_bytes() const;
  std::byte* block_data(std::uint32_t number) const {
    return blocks.data() + std::uint64_t{number - kFirstCodedRows / kBlockRows} * block_bytes();
  }
  CodeFactors* factors_of(std::uint32_t row) const { return reinterpret_cast<CodeFactors*>(factors.data()) + row; }
  std::int8_t* code_of(std::uint32_t row) const {
    return reinterpret_cast<std::int8_t*>(codes.data()) + std::uint64_t{row} * rotation.width();
  }

  // --- Writer only.

  Result<void> reserve_address_space(std::uint32_t rows_expected);
  Result<void> grow_first_vectors(std::uint32_t rows_end);
  Result<void> grow_codes(std::uint32_t rows_end);
  void encode_first_rows();
  void encode(std::uint32_t first, std::uint32_t count, const std::byte* vectors, Executor* executor);
  void start_extent(std::uint32_t extent);
  void restart_after_load(std::uint32_t loaded_rows);

  // Fixed after create.
  VectorField field;
  std::uint64_t seed;
  Rotation rotation;
  std::uint32_t rows_max = 0;

  // Grow in place: what lies below the newest View's rows never changes.
  GrowingMemory factors;
  GrowingMemory codes;
  GrowingMemory blocks;
  GrowingMemory sums;
  std::vector<float> centre;  // zero until the first rows are coded

  // Stored by append() once the codes are there, loaded by save(), which reads no further.
  std::atomic<std::uint32_t> rows{0};

  // Writer only.
  GrowingMemory first_vectors;  // until there is a centre
  ExtentCentre extent_centre;
  std::vector<double> extent_sum;  // of the extent's full blocks
  OpenBlock open;
  CodeEncoder encoder;

  // save() only.
  std::string saved_path;
  std::uint32_t saved_chunks = 0;

 private:
  void encode_row(CodeEncoder& scratch, std::uint32_t row, const std::byte* vector, OpenBlock& block) const;
  void encode_blocks(std::uint32_t first, std::uint32_t count, const std::byte* vectors, Executor& executor);
  void pack(std::uint32_t number, const OpenBlock& block) const;
  void fold(std::uint32_t number, float* block_sum);
};

}  // namespace omendb
