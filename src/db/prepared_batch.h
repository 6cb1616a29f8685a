// PreparedBatch: a caller's batch as the collection keeps it: checked, in the fields' datatypes, one span a field.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "omendb/types.h"
#include "storage/schema.h"
#include "storage/store.h"

namespace omendb {

class PreparedBatch {
 public:
  // Points into the batch where nothing is converted, and else owns the bytes. Errors name the row.
  //   InvalidArgument  wrong shape, a name that no vector has or that comes twice, values that cannot be kept
  //                    (db/point_check.h)
  enum class Unnamed { Wanted, Optional };  // whether a batch may leave out the unnamed vectors without a word
  static Result<PreparedBatch> prepare(const Schema& schema, const Batch& batch, Unnamed unnamed = Unnamed::Wanted);

  // Valid while this and the batch are.
  RowBatch rows() const;

 private:
  explicit PreparedBatch(const Batch& batch) : batch_(batch) {}
  Result<void> take_vectors(const VectorField& field, std::size_t f, const VectorColumn& column);
  Result<void> take_sparse(std::size_t f, const SparseColumn& column);

  Batch batch_;
  std::vector<Bytes> owned_;                         // one a field; empty where the caller's vectors do
  std::vector<std::span<const std::byte>> vectors_;  // one a field
  struct Sparse {
    Bytes ends;
    Bytes values;
  };
  std::vector<Sparse> sparse_;
  std::vector<SparseBytes> sparse_spans_;  // of them
  std::vector<FieldMask> lacking_;  // empty: no point lacks a field
};

}  // namespace omendb
