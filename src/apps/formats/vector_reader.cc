#include "apps/formats/vector_reader.h"

#include <fmt/format.h>

#include "apps/formats/formats.h"

namespace omendb {

void VectorBatch::clear() {
  ids.clear();
  vectors.clear();
  payloads.clear();
}

Result<std::unique_ptr<VectorReader>> open_vectors(const std::string& path, Part part) {
  const std::string_view name = path;
  if (name.ends_with(".fvecs")) return open_vecs(path, Element::Float32);
  if (name.ends_with(".bvecs")) return open_vecs(path, Element::Uint8);
  if (name.ends_with(".fbin")) return open_bin(path, Element::Float32);
  if (name.ends_with(".u8bin")) return open_bin(path, Element::Uint8);
  if (name.ends_with(".npy")) return open_npy(path);
  if (name.ends_with(".hdf5") || name.ends_with(".h5")) return open_hdf5(path, part);
  if (name.ends_with(".jsonl") || name.ends_with(".ndjson")) return open_jsonl(path, part);
  return Error{
      ErrorCode::InvalidArgument,
      fmt::format("{}: the name ends in none of .fvecs .bvecs .fbin .u8bin .npy .hdf5 .h5 .jsonl .ndjson", path)};
}

}  // namespace omendb
