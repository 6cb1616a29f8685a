#include "storage/row_buffers.h"

#include <algorithm>

#include "base/try.h"
#include "storage/sparse_bytes.h"

namespace omendb {

std::span<const std::byte> sparse_of(const SparseBytes& field, std::size_t i) {
  const std::uint64_t begin = i == 0 ? 0 : sparse_end(field.ends, i - 1);
  return field.values.subspan(begin, sparse_end(field.ends, i) - begin);
}

RowBuffers::RowBuffers(const Schema& schema)
    : schema_(schema), vectors_(schema.fields.size()), sparse_(schema.sparse.size()) {}

void RowBuffers::clear() {
  ids_.clear();
  payloads_.clear();
  payload_bytes_ = 0;
  lacking_.clear();
  for (Bytes& vectors : vectors_) vectors.clear();
  for (Sparse& field : sparse_) {
    field.ends.clear();
    field.values.clear();
  }
}

std::uint64_t RowBuffers::bytes() const {
  std::uint64_t bytes = ids_.size() * sizeof(PointId) + payload_bytes_;
  for (const Bytes& vectors : vectors_) bytes += vectors.size();
  for (const Sparse& field : sparse_) bytes += field.ends.size() + field.values.size();
  return bytes;
}

Result<void> RowBuffers::add(const Generation& generation, Row row) {
  ids_.push_back(OMEN_TRY(generation.id(row)));
  payloads_.push_back(OMEN_TRY(generation.payload(row)));
  payload_bytes_ += payloads_.back().size();
  lacking_.push_back(OMEN_TRY(generation.lacking(row)));
  for (std::size_t f = 0; f < vectors_.size(); ++f) {
    OMEN_TRY(generation.check_vectors(f, {index(row), index(row) + 1}));
    const std::size_t width = schema_.fields[f].row_bytes();
    put_bytes(vectors_[f], std::span(generation.vectors(f) + std::size_t{index(row)} * width, width));
  }
  for (std::size_t f = 0; f < sparse_.size(); ++f) {
    const SparseView vector = OMEN_TRY(generation.sparse(f, row));
    put_bytes(sparse_[f].values, std::as_bytes(vector.indices));
    put_bytes(sparse_[f].values, std::as_bytes(vector.values));
    put(sparse_[f].ends, std::uint64_t{sparse_[f].values.size()});
  }
  return {};
}

void RowBuffers::add(const RowBatch& batch, std::size_t point) {
  ids_.push_back(batch.ids[point]);
  payloads_.push_back(batch.payloads.empty() ? std::string_view() : batch.payloads[point]);
  payload_bytes_ += payloads_.back().size();
  lacking_.push_back(batch.lacking.empty() ? 0 : batch.lacking[point]);
  for (std::size_t f = 0; f < vectors_.size(); ++f) {
    const std::size_t width = schema_.fields[f].row_bytes();
    put_bytes(vectors_[f], batch.vectors[f].subspan(point * width, width));
  }
  for (std::size_t f = 0; f < sparse_.size(); ++f) put_sparse(f, sparse_of(batch.sparse[f], point));
}

void RowBuffers::set_vector(std::size_t field, std::span<const std::byte> vector) {
  std::copy(vector.begin(), vector.end(), vectors_[field].end() - static_cast<std::ptrdiff_t>(vector.size()));
  lacking_.back() &= ~dense_bit(field);
}

void RowBuffers::remove_vector(std::size_t field) {
  Bytes& vectors = vectors_[field];
  std::fill(vectors.end() - schema_.fields[field].row_bytes(), vectors.end(), std::byte{0});
  lacking_.back() |= dense_bit(field);
}

void RowBuffers::set_sparse(std::size_t field, std::span<const std::byte> sparse) {
  drop_sparse(field);
  put_sparse(field, sparse);
  lacking_.back() &= ~sparse_bit(field);
}

void RowBuffers::remove_sparse(std::size_t field) {
  drop_sparse(field);
  put_sparse(field, {});
  lacking_.back() |= sparse_bit(field);
}

void RowBuffers::put_sparse(std::size_t field, std::span<const std::byte> sparse) {
  put_bytes(sparse_[field].values, sparse);
  put(sparse_[field].ends, std::uint64_t{sparse_[field].values.size()});
}

void RowBuffers::drop_sparse(std::size_t field) {
  Sparse& own = sparse_[field];
  own.ends.resize(own.ends.size() - sizeof(std::uint64_t));
  const std::size_t before = own.ends.size() / sizeof(std::uint64_t);
  own.values.resize(before == 0 ? 0 : sparse_end(own.ends, before - 1));
}

RowBatch RowBuffers::rows() {
  vector_spans_.assign(vectors_.begin(), vectors_.end());
  sparse_spans_.clear();
  for (const Sparse& field : sparse_) sparse_spans_.push_back({field.ends, field.values});
  return {ids_, vector_spans_, payloads_, lacking_, sparse_spans_};
}

}  // namespace omendb
