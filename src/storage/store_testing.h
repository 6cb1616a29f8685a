// Words for tests about stores: batches to put, and everything a store holds as one comparable value.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/store.h"

namespace omendb {

// Points of one float32 field, in the making.
class TestBatch {
 public:
  explicit TestBatch(std::size_t dimensions) : dimensions_(dimensions) {}

  void add(PointId id, const std::vector<float>& vector, std::string payload) {
    ids_.push_back(id);
    values_.insert(values_.end(), vector.begin(), vector.end());
    values_.resize(ids_.size() * dimensions_);
    texts_.push_back(std::move(payload));
  }

  // Valid until the next add().
  RowBatch rows() {
    payloads_.assign(texts_.begin(), texts_.end());
    vectors_ = {std::as_bytes(std::span(values_))};
    return {ids_, vectors_, payloads_};
  }

 private:
  std::size_t dimensions_;
  std::vector<PointId> ids_;
  std::vector<float> values_;
  std::vector<std::string> texts_;
  std::vector<std::string_view> payloads_;
  std::vector<std::span<const std::byte>> vectors_;
};

// What a point has: its vectors as numbers, one field after the other, and its payload.
using Value = std::pair<std::vector<float>, std::string>;
using Contents = std::map<PointId, Value>;

// In place of a vector that the point lacks.
constexpr float kLacks = -1e30f;

// nullopt if something of it cannot be read. Float32 fields only.
inline std::optional<Value> value_at(const Generation& rows, Row row) {
  const Schema& schema = rows.schema();
  const auto lacking = rows.lacking(row);
  const auto payload = rows.payload(row);
  if (!lacking.ok() || !payload.ok()) return std::nullopt;
  Value value{{}, std::string(*payload)};
  for (std::size_t f = 0; f < schema.fields.size(); ++f) {
    if (!rows.check_vectors(f, {index(row), index(row) + 1}).ok()) return std::nullopt;
    const std::size_t width = schema.fields[f].dimensions;
    const auto* values = reinterpret_cast<const float*>(rows.vectors(f)) + index(row) * width;
    if ((*lacking & dense_bit(f)) != 0) value.first.push_back(kLacks);
    else value.first.insert(value.first.end(), values, values + width);
  }
  for (std::size_t f = 0; f < schema.sparse.size(); ++f) {
    const auto sparse = rows.sparse(f, row);
    if (!sparse.ok()) return std::nullopt;
    if ((*lacking & sparse_bit(f)) != 0) value.first.push_back(kLacks);
    for (const std::uint32_t at : sparse->indices) value.first.push_back(static_cast<float>(at));
    value.first.insert(value.first.end(), sparse->values.begin(), sparse->values.end());
  }
  return value;
}

// The live points; each is also found by its id. Reports a failure and returns what it has if one cannot be read.
inline Contents contents(const Store& store) {
  Contents points;
  const StoreState state = store.state();
  const Generation& rows = *state.generation;
  for (std::uint32_t position = 0; position < state.rows; ++position) {
    const Row row = row_at(position);
    if (!rows.live(row, state.lsn)) continue;
    const auto id = rows.id(row);
    auto value = value_at(rows, row);
    if (!id.ok() || !value) {
      ADD_FAILURE() << "row " << position << " cannot be read";
      return points;
    }
    const bool fresh = points.emplace(*id, std::move(*value)).second;
    EXPECT_TRUE(fresh) << "two live rows of " << id->to_string();
    const auto found = rows.find(*id);
    EXPECT_TRUE(found.ok() && found->has_value() && **found == row) << id->to_string() << " is not found";
  }
  EXPECT_EQ(points.size(), state.live);
  return points;
}

}  // namespace omendb
