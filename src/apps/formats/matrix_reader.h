// The rows of a matrix that lies in a file as one block, after some header.
#pragma once

#include "apps/formats/element.h"
#include "apps/formats/file_stream.h"
#include "apps/formats/vector_reader.h"

namespace omendb {

struct MatrixShape {
  std::uint64_t rows = 0;
  std::uint64_t dimensions = 0;
  Element element = Element::Float32;
};

// `stream` stands at the first value. The shape is the header's claim: it is checked against the file's size here.
Result<std::unique_ptr<VectorReader>> read_matrix(FileStream stream, const MatrixShape& shape);

}  // namespace omendb
