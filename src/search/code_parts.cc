#include "search/code_parts.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "base/try.h"

namespace omendb {
namespace {

// Codes stay in memory, so address space for four times the memory there is leaves room for a limit that is raised. But a
// thousand tables share the 128 TiB of a process: none takes more than a share of what is left, a large one while there is
// plenty (a tebibyte for the first, whatever the machine), and all begin with enough.
constexpr std::uint64_t kMemoryFactor = 4;
constexpr std::uint64_t kReservedBytesMin = std::uint64_t{1} << 32;
constexpr std::uint64_t kPlentyBytes = std::uint64_t{64} << 40;
constexpr std::uint64_t kShareOfPlenty = 128;
constexpr std::uint64_t kShare = 2'048;
constexpr std::uint64_t kRowsGrowth = 8;  // of those expected when a table is made

// Blocks encoded by several threads before their sums are added up, in order: 128 make a chunk, fewer if they are wide.
constexpr std::uint32_t kWaveFloatsMax = 1 << 20;

std::uint32_t wave_blocks(std::size_t width) {
  return std::clamp(static_cast<std::uint32_t>(kWaveFloatsMax / width), 16u, kChunkRows / kBlockRows);
}

std::uint32_t block_of(std::uint32_t row) { return row / kBlockRows; }
std::uint32_t extent_of(std::uint32_t row) { return row / kExtentRows; }

}  // namespace

CodeTable::Parts::Parts(const VectorField& of_field, std::uint64_t of_seed)
    : field(of_field),
      seed(of_seed),
      rotation(code_dimensions_of(of_field.dimensions), of_seed),
      centre(rotation.width()),
      extent_centre(rotation.width()),
      extent_sum(rotation.width()),
      open(rotation.width()),
      encoder(field, rotation) {}

std::uint64_t CodeTable::Parts::block_bytes() const {
  return simd::fastscan_bytes(rotation.width() / 4) + 2 * kBlockRows * sizeof(float);
}

SignBlock CodeTable::Parts::block(std::uint32_t number) const {
  const std::byte* data = block_data(number);
  const auto* add = reinterpret_cast<const float*>(data + simd::fastscan_bytes(rotation.width() / 4));
  return {reinterpret_cast<const std::uint8_t*>(data), add, add + kBlockRows};
}

void CodeTable::Parts::read_extent_centre(std::uint32_t extent, float* to) const {
  const double* sum = extent == 0 ? chunk_sum(0) : chunk_sum(extent * (kExtentRows / kChunkRows) - 1);
  const double rows_summed = extent == 0 ? kFirstCodedRows : kExtentRows;
  for (std::size_t i = 0; i < rotation.width(); ++i) to[i] = static_cast<float>(sum[i] / rows_summed);
}

Result<void> CodeTable::Parts::reserve_address_space(std::uint32_t rows_expected) {
  const std::uint64_t sum_bytes = rotation.width() * sizeof(double);
  const std::uint64_t chunk_bytes =
      kChunkRows * (sizeof(CodeFactors) + rotation.width()) + kChunkRows / kBlockRows * block_bytes() + sum_bytes;
  const std::uint64_t free = free_address_bytes();
  const std::uint64_t share = free / (free > kPlentyBytes ? kShareOfPlenty : kShare);
  const std::uint64_t affordable =
      std::max(std::min(kMemoryFactor * memory_limit_bytes(), share), kReservedBytesMin) / chunk_bytes;
  const std::uint64_t wanted = std::max(affordable, kRowsGrowth * rows_expected / kChunkRows + 1);
  const std::uint64_t chunks = std::min<std::uint64_t>(wanted, kRowsMax / kChunkRows);
  rows_max = static_cast<std::uint32_t>(chunks * kChunkRows);
  factors = OMEN_TRY(GrowingMemory::reserve(chunks * kChunkRows * sizeof(CodeFactors)));
  codes = OMEN_TRY(GrowingMemory::reserve(chunks * kChunkRows * rotation.width()));
  blocks = OMEN_TRY(GrowingMemory::reserve(chunks * (kChunkRows / kBlockRows) * block_bytes()));
  sums = OMEN_TRY(GrowingMemory::reserve(chunks * sum_bytes));
  first_vectors = OMEN_TRY(GrowingMemory::reserve(std::uint64_t{kFirstCodedRows} * field.row_bytes()));
  return {};
}

Result<void> CodeTable::Parts::grow_first_vectors(std::uint32_t rows_end) {
  return first_vectors.grow(std::uint64_t{std::min(rows_end, kFirstCodedRows)} * field.row_bytes());
}

Result<void> CodeTable::Parts::grow_codes(std::uint32_t rows_end) {
  OMEN_TRY(factors.grow(rows_end * sizeof(CodeFactors)));
  OMEN_TRY(codes.grow(rows_end * rotation.width()));
  OMEN_TRY(blocks.grow(std::uint64_t{block_of(rows_end - kFirstCodedRows)} * block_bytes()));
  OMEN_TRY(sums.grow(std::uint64_t{rows_end / kChunkRows} * rotation.width() * sizeof(double)));
  return {};
}

// Rotates the rows twice, once for their mean and once for their codes: 4,096 rotated rows can be a gigabyte.
void CodeTable::Parts::encode_first_rows() {
  const std::byte* vectors = first_vectors.data();
  const auto vector_of = [&](std::uint32_t row) { return vectors + std::uint64_t{row} * field.row_bytes(); };
  for (std::uint32_t row = 0; row < kFirstCodedRows; ++row) {
    const float* rotated = encoder.rotate(vector_of(row));
    for (std::size_t i = 0; i < rotation.width(); ++i) open.sum[i] += rotated[i];
    if ((row + 1) % kBlockRows == 0) fold(block_of(row), open.sum.data());
  }
  read_extent_centre(0, centre.data());
  for (std::uint32_t row = 0; row < kFirstCodedRows; ++row) {
    encoder.rotate(vector_of(row));
    *factors_of(row) = encoder.write_code(centre.data(), code_of(row));
  }
  start_extent(0);
  first_vectors = {};
}

// The sums are added up block by block in the order of rows, so that centres do not depend on calls and threads.
void CodeTable::Parts::encode(std::uint32_t first, std::uint32_t count, const std::byte* vectors, Executor* executor) {
  const std::uint32_t end = first + count;
  const auto vector_of = [&](std::uint32_t row) { return vectors + std::uint64_t{row - first} * field.row_bytes(); };
  for (std::uint32_t row = first; row < end;) {
    if (row % kExtentRows == 0) start_extent(extent_of(row));
    const std::uint32_t whole_blocks =
        std::min((end - row) / kBlockRows, (kExtentRows - row % kExtentRows) / kBlockRows);
    if (executor != nullptr && row % kBlockRows == 0 && whole_blocks > 1) {
      const std::uint32_t wave = std::min(whole_blocks, wave_blocks(rotation.width()));
      encode_blocks(row, wave, vector_of(row), *executor);
      row += wave * kBlockRows;
      continue;
    }
    encode_row(encoder, row, vector_of(row), open);
    ++row;
    if (row % kBlockRows != 0) continue;
    pack(block_of(row - 1), open);
    fold(block_of(row - 1), open.sum.data());
  }
}

void CodeTable::Parts::encode_row(CodeEncoder& scratch, std::uint32_t row, const std::byte* vector,
                                  OpenBlock& block) const {
  scratch.rotate(vector);
  *factors_of(row) = scratch.write_code(centre.data(), code_of(row));
  scratch.write_signs(extent_centre, block, row % kBlockRows);
}

void CodeTable::Parts::encode_blocks(std::uint32_t first, std::uint32_t count, const std::byte* vectors,
                                     Executor& executor) {
  const std::size_t width = rotation.width();
  std::vector<CodeEncoder> encoders(executor.threads(), CodeEncoder(field, rotation));
  std::vector<OpenBlock> scratch(executor.threads(), OpenBlock(width));
  std::vector<float> block_sums(count * width);
  executor.parallel_for(count, 4, [&](std::size_t begin, std::size_t end, std::size_t thread) {
    OpenBlock& block = scratch[thread];
    for (std::size_t b = begin; b < end; ++b) {
      const std::uint32_t block_first = first + static_cast<std::uint32_t>(b) * kBlockRows;
      for (std::uint32_t row = block_first; row < block_first + kBlockRows; ++row) {
        encode_row(encoders[thread], row, vectors + std::uint64_t{row - first} * field.row_bytes(), block);
      }
      pack(block_of(block_first), block);
      std::copy(block.sum.begin(), block.sum.end(), &block_sums[b * width]);
      std::fill(block.sum.begin(), block.sum.end(), 0.0f);
    }
  });
  for (std::uint32_t b = 0; b < count; ++b) fold(block_of(first) + b, &block_sums[b * width]);
}

void CodeTable::Parts::start_extent(std::uint32_t extent) {
  read_extent_centre(extent, extent_centre.centre.data());
  for (std::size_t i = 0; i < centre.size(); ++i) extent_centre.offset[i] = extent_centre.centre[i] - centre[i];
  extent_centre.is_table_centre = extent == 0;
  // The first rows of the first extent are in its sum already.
  if (extent != 0) std::fill(extent_sum.begin(), extent_sum.end(), 0.0);
}

void CodeTable::Parts::restart_after_load(std::uint32_t loaded_rows) {
  OMEN_ASSERT(loaded_rows > 0 && loaded_rows % kChunkRows == 0);
  rows.store(loaded_rows, std::memory_order_release);
  read_extent_centre(0, centre.data());
  start_extent(extent_of(loaded_rows - 1));
  const double* sum = chunk_sum(loaded_rows / kChunkRows - 1);
  std::copy(sum, sum + rotation.width(), extent_sum.begin());
  first_vectors = {};
}

void CodeTable::Parts::pack(std::uint32_t number, const OpenBlock& block) const {
  std::byte* data = block_data(number);
  const std::size_t groups = rotation.width() / 4;
  simd::pack_32(block.nibbles.data(), groups, reinterpret_cast<std::uint8_t*>(data));
  std::byte* add = data + simd::fastscan_bytes(groups);
  std::memcpy(add, block.add.data(), sizeof block.add);
  std::memcpy(add + sizeof block.add, block.rescale.data(), sizeof block.rescale);
}

// Adds a full block's sum to the extent's, clears it, and keeps the extent's at the end of a chunk.
void CodeTable::Parts::fold(std::uint32_t number, float* block_sum) {
  const std::size_t width = rotation.width();
  for (std::size_t i = 0; i < width; ++i) extent_sum[i] += static_cast<double>(block_sum[i]);
  std::fill_n(block_sum, width, 0.0f);
  const std::uint32_t rows_end = (number + 1) * kBlockRows;
  if (rows_end % kChunkRows != 0) return;
  std::copy(extent_sum.begin(), extent_sum.end(), chunk_sum(rows_end / kChunkRows - 1));
}

}  // namespace omendb
