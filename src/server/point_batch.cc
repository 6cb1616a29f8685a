#include "server/point_batch.h"

#include <algorithm>

namespace omendb {

PointBatch::PointBatch(const CollectionOptions& options) {
  if (options.dimensions > 0) dense_.push_back({.name = "", .dimensions = options.dimensions});
  for (const VectorOptions& vector : options.vectors)
    dense_.push_back({.name = vector.name, .dimensions = vector.dimensions});
  for (const SparseVectorOptions& vector : options.sparse_vectors) sparse_.push_back({.name = vector.name});
}

float* PointBatch::Dense::slot(std::size_t row) {
  if (present.size() <= row) {
    present.resize(row + 1, 0);
    present[row] = 1;
    values.resize(values.size() + dimensions);
  }
  return values.data() + values.size() - dimensions;
}

void PointBatch::Sparse::begin(std::size_t row) {
  if (present.size() <= row) {
    present.resize(row + 1, 0);
    present[row] = 1;
    begins.push_back(indices.size());
  }
  indices.resize(begins.back());
  values.resize(begins.back());
}

PointBatch::Dense* PointBatch::dense(std::string_view name) {
  const auto found =
      std::find_if(dense_.begin(), dense_.end(), [&](const Dense& column) { return column.name == name; });
  return found == dense_.end() ? nullptr : &*found;
}

PointBatch::Sparse* PointBatch::sparse(std::string_view name) {
  const auto found =
      std::find_if(sparse_.begin(), sparse_.end(), [&](const Sparse& column) { return column.name == name; });
  return found == sparse_.end() ? nullptr : &*found;
}

bool PointBatch::has_vectors(std::string_view name) {
  const Dense* column = dense(name);
  if (column != nullptr) return !column->present.empty();
  const Sparse* others = sparse(name);
  return others != nullptr && !others->present.empty();
}

void PointBatch::set_payload(std::size_t row, std::string_view json) {
  if (payloads_.size() <= row) payloads_.resize(row + 1);
  payloads_[row] = json;
}

const Batch& PointBatch::batch() {
  const std::size_t rows = ids.size();
  columns_.clear();
  views_.clear();
  sparse_columns_.clear();
  for (Dense& column : dense_) {
    // Without a column of the unnamed vector, Batch::vectors would be taken for it.
    if (column.present.empty() && !column.name.empty()) continue;
    column.present.resize(rows, 0);
    columns_.push_back({.name = column.name, .vectors = column.values, .present = column.present});
  }
  for (Sparse& column : sparse_) {
    if (column.present.empty()) continue;
    column.present.resize(rows, 0);
    std::vector<SparseView>& views = views_.emplace_back(rows);
    std::size_t vector = 0;
    for (std::size_t row = 0; row < rows; ++row) {
      if (column.present[row] == 0) continue;
      const std::size_t begin = column.begins[vector++];
      const std::size_t end = vector < column.begins.size() ? column.begins[vector] : column.indices.size();
      views[row] = SparseView(std::span(column.indices).subspan(begin, end - begin),
                              std::span(column.values).subspan(begin, end - begin));
    }
    sparse_columns_.push_back({.name = column.name, .vectors = {}, .present = column.present});
  }
  for (std::size_t i = 0; i < views_.size(); ++i) sparse_columns_[i].vectors = views_[i];
  if (!payloads_.empty()) payloads_.resize(rows);
  batch_ = {.ids = ids, .vectors = {}, .payloads = payloads_, .columns = columns_, .sparse_columns = sparse_columns_};
  return batch_;
}

}  // namespace omendb
