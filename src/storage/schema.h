// What a collection holds: its vector fields, dense and sparse. Fixed when it is created, kept in the manifest.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "omendb/types.h"

namespace omendb {

// One bit a vector field, dense ones first: those a point has no vector of.
using FieldMask = std::uint32_t;

constexpr FieldMask dense_bit(std::size_t field) { return FieldMask{1} << field; }
constexpr FieldMask sparse_bit(std::size_t field) { return FieldMask{1} << (kVectorFieldsMax + field); }
static_assert(kVectorFieldsMax + kSparseFieldsMax <= 24, "PointBytes has 24 bits for it");

struct VectorField {
  std::string name;  // empty: the unnamed field
  std::uint32_t dimensions = 0;
  Metric metric = Metric::L2;
  Datatype datatype = Datatype::Float32;

  std::uint32_t value_bytes() const {
    switch (datatype) {
      case Datatype::Float32: return 4;
      case Datatype::Float16: return 2;
      case Datatype::Uint8: return 1;
    }
    return 0;
  }
  std::uint32_t row_bytes() const { return dimensions * value_bytes(); }

  friend bool operator==(const VectorField&, const VectorField&) = default;
};

struct SparseField {
  std::string name;
  SparseModifier modifier = SparseModifier::None;

  friend bool operator==(const SparseField&, const SparseField&) = default;
};

struct Schema {
  std::vector<VectorField> fields;         // at most kVectorFieldsMax
  std::vector<SparseField> sparse = {};    // at most kSparseFieldsMax

  friend bool operator==(const Schema&, const Schema&) = default;
};

}  // namespace omendb
