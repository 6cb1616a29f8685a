// RowBuffers: points with all that belongs to them, gathered one by one into a batch: what vacuum writes, and what points
// become of which one vector changes.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "storage/generation.h"
#include "storage/store.h"

namespace omendb {

class RowBuffers {
 public:
  explicit RowBuffers(const Schema& schema);

  void clear();
  bool empty() const { return ids_.empty(); }
  std::size_t size() const { return ids_.size(); }
  std::uint64_t bytes() const;  // about what they take in the log

  // One point more: as it lies at a row, or as a batch has it. Payloads are not copied: they belong to the generation
  // and to the batch. Corruption if the row cannot be read; then the buffers are of no use.
  Result<void> add(const Generation& generation, Row row);
  void add(const RowBatch& batch, std::size_t point);

  // Of the point that was added last. `vector` is row_bytes long, `sparse` as in storage/sparse_bytes.h.
  FieldMask lacking() const { return lacking_.back(); }
  void set_vector(std::size_t field, std::span<const std::byte> vector);
  void set_sparse(std::size_t field, std::span<const std::byte> sparse);
  void remove_vector(std::size_t field);
  void remove_sparse(std::size_t field);

  // Valid until the next change.
  RowBatch rows();

 private:
  struct Sparse {
    Bytes ends;
    Bytes values;
  };

  void put_sparse(std::size_t field, std::span<const std::byte> sparse);
  void drop_sparse(std::size_t field);

  const Schema& schema_;
  std::vector<PointId> ids_;
  std::vector<std::string_view> payloads_;
  std::uint64_t payload_bytes_ = 0;
  std::vector<FieldMask> lacking_;
  std::vector<Bytes> vectors_;
  std::vector<Sparse> sparse_;

  // What rows() points to.
  std::vector<std::span<const std::byte>> vector_spans_;
  std::vector<SparseBytes> sparse_spans_;
};

// The bytes of one sparse vector of a field.
std::span<const std::byte> sparse_of(const SparseBytes& field, std::size_t i);

}  // namespace omendb
