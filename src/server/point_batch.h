// Points on their way in, column by column, as Batch wants them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "omendb/types.h"
#include "server/refusal.h"

namespace omendb {

class PointBatch {
 public:
  explicit PointBatch(const CollectionOptions& options);
  PointBatch(PointBatch&&) = default;
  PointBatch& operator=(PointBatch&&) = default;

  struct Dense {
    std::string_view name;
    std::uint32_t dimensions;
    std::vector<float> values = {};
    std::vector<std::uint8_t> present = {};

    // Where the values of that row go; rows come in order, and the last one may come again.
    float* slot(std::size_t row);
  };
  struct Sparse {
    std::string_view name;
    std::vector<std::uint32_t> indices = {};
    std::vector<float> values = {};
    std::vector<std::size_t> begins = {};  // of each present row in order
    std::vector<std::uint8_t> present = {};

    // Begins the row; what is appended to indices and values until the next one is its own.
    void begin(std::size_t row);
  };

  Dense* dense(std::string_view name);  // nullptr if the collection has none of that name
  Sparse* sparse(std::string_view name);

  bool has_vectors(std::string_view name);  // of any row

  void add_point(PointId id) { ids.push_back(id); }
  void set_payload(std::size_t row, std::string_view json);

  std::vector<PointId> ids;

  // Valid until the next change. The batch has no payload column if no payload was set.
  const Batch& batch();

 private:
  std::vector<Dense> dense_;
  std::vector<Sparse> sparse_;
  std::vector<std::string_view> payloads_;

  // What batch() shows.
  std::vector<VectorColumn> columns_;
  std::vector<std::vector<SparseView>> views_;
  std::vector<SparseColumn> sparse_columns_;
  Batch batch_;
};

}  // namespace omendb
