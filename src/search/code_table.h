// The codes of one vector field: derived from its vectors, appended by the writer, shared by tail scan and graph.
//
// Two codes a row. One bit a dimension, in blocks of 32 rows, for scanning (RaBitQ: Gao and Long, SIGMOD 2024). Eight
// bits a dimension, one record a row, for the second stage of the scan and for walking the graph. Both are made from
// the randomly rotated vector (for cosine: of the normalised vector) minus a centre. Until the first kFirstCodedRows
// rows have come there is no centre and there are no codes: such a collection is scanned exactly. Under L1, which no
// rotation keeps, there never are.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/row.h"
#include "base/touch.h"
#include "omendb/types.h"
#include "os/disk.h"
#include "os/executor.h"
#include "storage/schema.h"

namespace omendb {

constexpr std::uint32_t kFirstCodedRows = 4096;

// What belongs to the 8-bit code of a row:
//   rotated(x) - centre  ~=  scale * code          norm2 = |x - centre|^2, exact (x normalised under cosine)
struct CodeFactors {
  float scale;
  float norm2;
};

// The 8-bit code of a row. Factors and codes lie apart, so that a code is whole cache lines.
struct CodeRecord {
  CodeFactors factors;
  const std::int8_t* code;  // code_dimensions
};

// Four rows are compared at a time where there are so many: their codes are waited for together.
using Rows4 = std::array<Row, 4>;
using Codes4 = std::array<const std::int8_t*, 4>;
using Distances4 = std::array<float, 4>;

class CodeTable {
 public:
  // `seed` fixes the rotation; it is kept in the file. Rows are of `field`; there is address space for several times as
  // many as expected, and for many millions in any case.
  static Result<std::unique_ptr<CodeTable>> create(const VectorField& field, std::uint64_t seed,
                                                   std::uint32_t rows_expected = 0);

  // Loads a file written by save(), as far as it is good and covers at most `rows_max` rows; NotFound, Corruption or
  // Unsupported otherwise (then create() and append() again: it is derived). rows() tells how far it went. To be called
  // at every open with the rows that survived: what the file has beyond them is cut off, for good.
  static Result<std::unique_ptr<CodeTable>> load(const VectorField& field, Disk& disk, const std::string& path,
                                                 std::uint32_t rows_max);
  // Reads a file written by save() against its sums and returns its bytes; NotFound, Corruption or Unsupported. Not
  // beside save().
  static Result<std::uint64_t> verify(const VectorField& field, Disk& disk, const std::string& path);

  ~CodeTable();

  // --- Writer only.

  // Memory for the codes of `count` more rows, so that appending them cannot fail. OutOfBudget if the kernel has none.
  Result<void> reserve(std::uint64_t count);

  // Appends the codes of the next rows: `vectors` in the field's datatype, whole rows. Readers see them once a View
  // that includes the rows is published. Errors as of reserve(), with nothing appended. The codes depend
  // on the rows and the seed alone, not on how the rows were dealt out over calls and threads. (Vacuum, too, appends
  // the vectors to a new table: one-bit codes depend on the order of the rows.)
  Result<void> append(std::span<const std::byte> vectors, Executor* executor = nullptr);

  // Writes what the file does not have yet (whole chunks only; the rest is encoded again at load). Not durable by
  // itself: derived. May run beside append(); one at a time.
  Result<void> save(Disk& disk, const std::string& path);

  // --- Any thread, rows inside the reader's View.

  std::uint32_t rows() const;  // appended so far (writer only; readers know their View)
  bool coded(std::uint32_t visible) const { return code_dimensions_ != 0 && visible >= kFirstCodedRows; }

  CodeRecord record(Row row) const { return {factors(row), code(row)}; }
  CodeFactors factors(Row row) const { return factors_[index(row)]; }
  const std::int8_t* code(Row row) const { return codes_ + std::uint64_t{index(row)} * code_dimensions_; }
  Codes4 codes(const Rows4& rows) const { return {code(rows[0]), code(rows[1]), code(rows[2]), code(rows[3])}; }

  // Bring a record into the first-level cache, ahead of its use; long codes are begun only, the hardware streams the
  // rest. fetch() for many rows in one go, prefetch() for single ones between other work.
  void fetch(Row row) const {
    touch(factors_ + index(row));
    for (std::uint32_t offset = 0; offset < fetched_; offset += 64) touch(code(row) + offset);
  }
  void prefetch(Row row) const {
    __builtin_prefetch(factors_ + index(row));
    for (std::uint32_t offset = 0; offset < fetched_; offset += 64) __builtin_prefetch(code(row) + offset);
  }

  // Dimensions rounded up to a multiple of 64; 0: there never are any codes.
  std::uint32_t code_dimensions() const { return code_dimensions_; }
  Metric metric() const { return metric_; }

  std::uint64_t bytes_per_row() const;

  struct Parts;  // rotation, centres, one-bit blocks: search/ only
  const Parts& parts() const { return *parts_; }

 private:
  CodeTable();

  // Fixed once the first codes are there.
  const CodeFactors* factors_ = nullptr;
  const std::int8_t* codes_ = nullptr;
  std::uint32_t code_dimensions_ = 0;
  std::uint32_t fetched_ = 0;  // bytes of a code
  Metric metric_ = Metric::L2;
  std::unique_ptr<Parts> parts_;
};

}  // namespace omendb
