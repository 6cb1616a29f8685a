// The codes of one vector field: derived from its vectors, appended by the writer, shared by tail scan and graph.
//
// Two codes a row. One bit a dimension, in blocks of 32 rows, for scanning (RaBitQ: Gao and Long, SIGMOD 2024). Eight
// bits a dimension, one record a row, for the second stage of the scan and for walking the graph. Both are made from
// the randomly rotated vector (for cosine: of the normalised vector) minus a centre. Until the first kFirstCodedRows
// rows have come there is no centre and there are no codes: such a collection is scanned exactly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/row.h"
#include "omendb/types.h"
#include "os/disk.h"
#include "os/executor.h"
#include "storage/schema.h"

namespace omendb {

constexpr std::uint32_t kFirstCodedRows = 4096;

// The 8-bit record of a row: { float scale; float norm2; int8_t code[code_dimensions] }.
//   rotated(x) - centre  ~=  scale * code          norm2 = |x - centre|^2, exact (x normalised under cosine)
// Records lie `record_bytes` apart; 8-byte aligned.
struct CodeRecord {
  float scale;
  float norm2;
  const std::int8_t* code() const { return reinterpret_cast<const std::int8_t*>(this + 1); }
};

class CodeTable {
 public:
  // `seed` fixes the rotation; it is kept in the file. Rows are of `field`.
  static Result<std::unique_ptr<CodeTable>> create(const VectorField& field, std::uint64_t seed);

  // Loads a file written by save(), as far as it is good and covers at most `rows_max` rows; NotFound, Corruption or
  // Unsupported otherwise (then create() and append() again: it is derived). rows() tells how far it went. To be called
  // at every open with the rows that survived: what the file has beyond them is cut off, for good.
  static Result<std::unique_ptr<CodeTable>> load(const VectorField& field, Disk& disk, const std::string& path,
                                                 std::uint32_t rows_max);
  ~CodeTable();

  // --- Writer only.

  // Appends the codes of the next rows: `vectors` in the field's datatype, whole rows. Readers see them once a View
  // that includes the rows is published. OutOfBudget if the kernel has no memory (nothing appended). The codes depend
  // on the rows and the seed alone, not on how the rows were dealt out over calls and threads. (Vacuum, too, appends
  // the vectors to a new table: one-bit codes depend on the order of the rows.)
  Result<void> append(std::span<const std::byte> vectors, Executor* executor = nullptr);

  // Writes what the file does not have yet (whole chunks only; the rest is encoded again at load). Not durable by
  // itself: derived. May run beside append(); one at a time.
  Result<void> save(Disk& disk, const std::string& path);

  // --- Any thread, rows inside the reader's View.

  std::uint32_t rows() const;  // appended so far (writer only; readers know their View)
  static bool coded(std::uint32_t visible) { return visible >= kFirstCodedRows; }

  const CodeRecord& record(Row row) const {
    return *reinterpret_cast<const CodeRecord*>(records_ + std::uint64_t{index(row)} * record_bytes_);
  }
  std::uint32_t record_bytes() const { return record_bytes_; }
  std::uint32_t code_dimensions() const { return code_dimensions_; }  // dimensions rounded up to a multiple of 64
  Metric metric() const { return metric_; }

  std::uint64_t memory_bytes() const;
  std::uint64_t bytes_per_row() const;

  struct Parts;  // rotation, centres, one-bit blocks: search/ only
  const Parts& parts() const { return *parts_; }

 private:
  CodeTable();

  // Fixed once the first codes are there.
  const std::byte* records_ = nullptr;
  std::uint32_t record_bytes_ = 0;
  std::uint32_t code_dimensions_ = 0;
  Metric metric_ = Metric::L2;
  std::unique_ptr<Parts> parts_;
};

}  // namespace omendb
