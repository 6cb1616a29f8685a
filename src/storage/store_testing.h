// Words for tests about stores: batches to put, and everything a store holds as one comparable value.
#pragma once

#include <gtest/gtest.h>

#include <map>
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

using Value = std::pair<std::vector<float>, std::string>;
using Contents = std::map<PointId, Value>;

// The live points; each is also found by its id. Reports a failure and returns what it has if one cannot be read.
inline Contents contents(const Store& store) {
  Contents points;
  const StoreState state = store.state();
  const Generation& rows = *state.generation;
  const std::size_t width = rows.schema().fields[0].dimensions;
  for (std::uint32_t position = 0; position < state.rows; ++position) {
    const Row row = row_at(position);
    if (!rows.live(row, state.lsn)) continue;
    const auto id = rows.id(row);
    const auto payload = rows.payload(row);
    const auto checked = rows.check_vectors(0, {position, position + 1});
    if (!id.ok() || !payload.ok() || !checked.ok()) {
      ADD_FAILURE() << "row " << position << " cannot be read";
      return points;
    }
    const auto* values = reinterpret_cast<const float*>(rows.vectors(0)) + position * width;
    const bool fresh =
        points.emplace(*id, Value{std::vector<float>(values, values + width), std::string(*payload)}).second;
    EXPECT_TRUE(fresh) << "two live rows of " << id->to_string();
    const auto found = rows.find(*id);
    EXPECT_TRUE(found.ok() && found->has_value() && **found == row) << id->to_string() << " is not found";
  }
  EXPECT_EQ(points.size(), state.live);
  return points;
}

}  // namespace omendb
