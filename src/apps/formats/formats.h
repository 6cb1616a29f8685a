// The known file formats. Callers use open_vectors().
#pragma once

#include <memory>
#include <string>

#include "apps/formats/element.h"
#include "apps/formats/vector_reader.h"

namespace omendb {

// fvecs, bvecs: each row is a 32-bit count, then the values (corpus-texmex.irisa.fr).
Result<std::unique_ptr<VectorReader>> open_vecs(const std::string& path, Element element);

// fbin, u8bin: 32-bit rows, 32-bit dimensions, then the values (big-ann-benchmarks.com).
Result<std::unique_ptr<VectorReader>> open_bin(const std::string& path, Element element);

// NumPy's array file, versions 1 to 3: two dimensions, C order, little-endian.
Result<std::unique_ptr<VectorReader>> open_npy(const std::string& path);

// ann-benchmarks.com: the datasets "train" and "test", and the attribute "distance".
Result<std::unique_ptr<VectorReader>> open_hdf5(const std::string& path, Part part);

// One JSON object a line: {"id": 7, "vector": [...], "payload": {...}}. Queries need only the vector.
Result<std::unique_ptr<VectorReader>> open_jsonl(const std::string& path, Part part);

}  // namespace omendb
