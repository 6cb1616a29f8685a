// A generation: one row space and its files. What readers see of the truth.
//
// Rows below a published View's `visible` are complete and never change or move, so reading them needs no lock; only a
// row's erasure mark, once, and its payload change, and each is one atomic word.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/row.h"
#include "omendb/types.h"
#include "storage/schema.h"

namespace omendb {

class Generation {
 public:
  virtual ~Generation();

  virtual std::uint64_t number() const = 0;
  virtual const Schema& schema() const = 0;
  virtual const std::string& directory() const = 0;  // derived files (codes, graphs) lie here too

  // --- Any thread, rows inside the reader's View.

  // A row lives in a View at `lsn` if it was not erased by an operation up to there.
  bool live(Row row, Lsn lsn) const {
    const Lsn erased_at = erased_at_[index(row)].load(std::memory_order_acquire);
    return erased_at == 0 || erased_at > lsn;
  }

  // One word a row: the LSN that erased it, 0 while it lives. Stored by the writer before it publishes the View of that
  // LSN; a reader with an older View compares with its own LSN and still finds the row.
  const std::atomic<std::uint64_t>* erased_at() const { return erased_at_; }

  // The same for one vector field, where rows that lack it are erased from the start. Sparse fields are numbered behind
  // the dense ones.
  const std::atomic<std::uint64_t>* erased_at(std::size_t field) const {
    const auto* own = field_erased_at_[field].load(std::memory_order_acquire);
    return own != nullptr ? own : erased_at_;
  }

  // Live rows that lack the field. Writer's turn.
  virtual std::uint64_t lacking_rows(std::size_t field) const = 0;

  // The vectors of a field: row r at r * row_bytes, in the field's datatype. Not checked: see check_vectors().
  // Ask again with a newer View: rows beyond the old one may lie elsewhere.
  virtual const std::byte* vectors(std::size_t field) const = 0;

  // Rows that lay on disk when the generation was opened are checked against their block's sum the first time they are
  // read; later calls are a look at one bit. Corruption names the file and the block.
  virtual Result<void> check_vectors(std::size_t field, RowRange rows) const = 0;

  virtual Result<PointId> id(Row row) const = 0;                // checked
  virtual Result<FieldMask> lacking(Row row) const = 0;         // checked
  virtual Result<SparseView> sparse(std::size_t field, Row row) const = 0;  // checked; valid while the generation is
  virtual Result<std::string_view> payload(Row row) const = 0;  // as of now; checked; empty if none; valid likewise

  // Rows whose payload was changed, in the order it happened; a row may come several times. A change is listed before
  // the operation is acknowledged.
  virtual std::uint64_t payload_changes() const = 0;
  virtual Row changed_row(std::uint64_t change) const = 0;

  // Any thread: advice to bring the rows' vectors into memory.
  virtual void populate_vectors(std::size_t field, RowRange rows) const = 0;

  // The newest live row of an id; it may lie beyond the caller's View. Waits for the id map if it is still being read
  // (see Store::load_ids).
  virtual Result<std::optional<Row>> find(PointId id) const = 0;

  // Stored by the writer before an operation changes what find() says: who has seen a change there sees it here.
  virtual Lsn newest_operation() const = 0;

  virtual std::uint64_t erased_rows() const = 0;  // so far
  virtual std::uint64_t id_map_bytes() const = 0;
  virtual std::uint64_t erasure_bytes() const = 0;

 protected:
  const std::atomic<std::uint64_t>* erased_at_ = nullptr;
  // One a field, sparse ones behind the dense ones: null while no row lacks it. Stored by the writer before it publishes the first row that does.
  std::vector<std::atomic<const std::atomic<std::uint64_t>*>> field_erased_at_;
};

}  // namespace omendb
