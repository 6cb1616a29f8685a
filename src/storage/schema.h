// What a collection holds: its vector fields. Fixed when it is created, kept in the manifest.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "omendb/types.h"

namespace omendb {

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

struct Schema {
  std::vector<VectorField> fields;  // at least one

  friend bool operator==(const Schema&, const Schema&) = default;
};

}  // namespace omendb
