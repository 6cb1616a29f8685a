#include "db/prepared_batch.h"

#include <algorithm>
#include <string>

#include "base/sparse_check.h"
#include "base/try.h"
#include "db/point_check.h"

namespace omendb {
namespace {

Error invalid(std::string message) { return {ErrorCode::InvalidArgument, std::move(message)}; }

std::string quoted(std::string_view name) { return "\"" + std::string(name) + "\""; }

bool has(std::span<const std::uint8_t> present, std::size_t point) { return present.empty() || present[point] != 0; }

std::size_t count_present(std::span<const std::uint8_t> present, std::size_t points) {
  if (present.empty()) return points;
  return static_cast<std::size_t>(std::count_if(present.begin(), present.end(), [](auto p) { return p != 0; }));
}

template <class Fields, class Columns>
Result<void> check_names(const Fields& fields, const Columns& columns, std::size_t points) {
  for (const auto& column : columns) {
    const auto named = [&](const auto& other) { return other.name == column.name; };
    if (std::none_of(fields.begin(), fields.end(), named)) {
      return invalid("the collection has no vector " + quoted(column.name));
    }
    if (std::count_if(columns.begin(), columns.end(), named) != 1) {
      return invalid("the batch names the vector " + quoted(column.name) + " twice");
    }
    if (!column.present.empty() && column.present.size() != points) {
      return invalid(std::to_string(points) + " points came with " + std::to_string(column.present.size()) +
                     " marks of who has a vector " + quoted(column.name));
    }
  }
  return {};
}

template <class Columns>
const typename Columns::value_type* find(const Columns& columns, std::string_view name) {
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const auto& c) { return c.name == name; });
  return found == columns.end() ? nullptr : &*found;
}

Result<void> check_values(const VectorField& field, std::size_t points, std::size_t values) {
  const std::size_t wanted = points * field.dimensions;
  if (values == wanted) return {};
  const std::string name = field.name.empty() ? "" : " of the vector " + quoted(field.name);
  return invalid(std::to_string(points) + " points of " + std::to_string(field.dimensions) + " dimensions" + name +
                 " need " + std::to_string(wanted) + " values, not " + std::to_string(values));
}

}  // namespace

Result<PreparedBatch> PreparedBatch::prepare(const Schema& schema, const Batch& batch, Unnamed unnamed) {
  const std::size_t points = batch.ids.size();
  OMEN_TRY(check_names(schema.fields, batch.columns, points));
  OMEN_TRY(check_names(schema.sparse, batch.sparse_columns, points));
  if (!batch.payloads.empty() && batch.payloads.size() != points) {
    return invalid(std::to_string(points) + " points came with " + std::to_string(batch.payloads.size()) + " payloads");
  }
  const bool has_unnamed = !schema.fields.empty() && schema.fields[0].name.empty();
  const bool unnamed_in_columns = find(batch.columns, "") != nullptr;
  if ((!has_unnamed || unnamed_in_columns) && !batch.vectors.empty()) {
    return invalid(has_unnamed ? "the unnamed vectors came twice" : "the collection has no unnamed vector");
  }

  PreparedBatch prepared(batch);
  prepared.owned_.resize(schema.fields.size());
  prepared.vectors_.resize(schema.fields.size());
  prepared.sparse_.resize(schema.sparse.size());
  for (std::size_t f = 0; f < schema.fields.size(); ++f) {
    const VectorField& field = schema.fields[f];
    const VectorColumn plain{"", batch.vectors, {}};
    const bool is_plain = field.name.empty() && !unnamed_in_columns &&
                          (unnamed == Unnamed::Wanted || !batch.vectors.empty());
    const VectorColumn* const column = is_plain ? &plain : find(batch.columns, field.name);
    if (column != nullptr) {
      OMEN_TRY(prepared.take_vectors(field, f, *column));
    } else {
      OMEN_TRY(prepared.take_vectors(field, f, {field.name, {}, std::vector<std::uint8_t>(points, 0)}));
    }
  }
  for (std::size_t f = 0; f < schema.sparse.size(); ++f) {
    const SparseColumn* const column = find(batch.sparse_columns, schema.sparse[f].name);
    if (column != nullptr) {
      OMEN_TRY(prepared.take_sparse(f, *column));
    } else {
      const std::vector<SparseView> none(points);
      OMEN_TRY(prepared.take_sparse(f, {schema.sparse[f].name, none, std::vector<std::uint8_t>(points, 0)}));
    }
  }
  for (const Sparse& field : prepared.sparse_) prepared.sparse_spans_.push_back({field.ends, field.values});
  OMEN_TRY(check_payloads(batch.payloads));
  return prepared;
}

Result<void> PreparedBatch::take_vectors(const VectorField& field, std::size_t f, const VectorColumn& column) {
  const std::size_t points = batch_.ids.size();
  const std::size_t present = count_present(column.present, points);
  OMEN_TRY(check_values(field, present, column.vectors.size()));
  Bytes& owned = owned_[f];
  vectors_[f] = OMEN_TRY(check_vectors(field, column.vectors, owned));
  if (present == points) return {};

  const std::size_t width = field.row_bytes();
  Bytes spread(points * width);
  lacking_.resize(points);
  const std::byte* next = vectors_[f].data();
  for (std::size_t i = 0; i < points; ++i) {
    if (!has(column.present, i)) {
      lacking_[i] |= dense_bit(f);
      continue;
    }
    std::copy_n(next, width, spread.data() + i * width);
    next += width;
  }
  owned = std::move(spread);
  vectors_[f] = owned;
  return {};
}

Result<void> PreparedBatch::take_sparse(std::size_t f, const SparseColumn& column) {
  const std::size_t points = batch_.ids.size();
  if (column.vectors.size() != points) {
    return invalid(std::to_string(points) + " points came with " + std::to_string(column.vectors.size()) +
                   " vectors " + quoted(column.name));
  }
  Sparse& field = sparse_[f];
  for (std::size_t i = 0; i < points; ++i) {
    if (has(column.present, i)) {
      const Result<void> good = check_sparse(column.vectors[i]);
      if (!good.ok()) return Error{good.error().code, "row " + std::to_string(i) + ": " + good.error().message};
      const SparseVector sorted = sorted_by_index(column.vectors[i]);
      put_bytes(field.values, std::as_bytes(std::span(sorted.indices)));
      put_bytes(field.values, std::as_bytes(std::span(sorted.values)));
    } else {
      lacking_.resize(points);
      lacking_[i] |= sparse_bit(f);
    }
    put(field.ends, std::uint64_t{field.values.size()});
  }
  return {};
}

RowBatch PreparedBatch::rows() const {
  return {batch_.ids, vectors_, batch_.payloads, lacking_, sparse_spans_};
}

}  // namespace omendb
