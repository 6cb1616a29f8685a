// The data set a benchmark runs on: a directory of vector files.
//
//   base.fvecs | base.u8bin | base.fbin    the points; the first that is there
//   queries.*                              likewise
//   groundtruth.ivecs                      may be missing: exact neighbours by row of the base, nearest first
//   meta.json                              {"metric": "l2" | "dot" | "cosine" | "angular"}; angular is cosine
// fvecs and ivecs: a row is its width (int32), then the values. u8bin and fbin: rows and width (uint32), then values.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "omendb/types.h"
#include "os/disk.h"

namespace omendb::bench {

// Vectors read through a map, so that a benchmark's memory is the database's own. Immutable.
class VectorFile {
 public:
  static Result<VectorFile> open(const std::string& path);

  std::uint64_t size() const { return size_; }
  std::uint32_t dimensions() const { return dimensions_; }
  void copy(std::uint64_t row, std::span<float> into) const;
  std::vector<float> row(std::uint64_t row) const;

 private:
  std::unique_ptr<File> file_;
  std::unique_ptr<Mapping> map_;
  std::uint64_t size_ = 0;
  std::uint32_t dimensions_ = 0;
  std::uint64_t first_offset_ = 0;  // of the values of row 0
  std::uint64_t stride_ = 0;        // from row to row, in bytes
  bool bytes_ = false;              // a value is one byte, not a float
};

// The ids of the nearest, `width` a query; empty if there is no such file.
struct NeighborTable {
  std::uint32_t width = 0;
  std::vector<std::int32_t> ids;

  std::uint64_t size() const { return width == 0 ? 0 : ids.size() / width; }
  std::span<const std::int32_t> operator[](std::uint64_t query) const {
    return std::span(ids).subspan(query * width, width);
  }
};

Result<NeighborTable> read_ivecs(const std::string& path);

struct Dataset {
  std::string name;  // of the directory
  Metric metric = Metric::L2;
  VectorFile base;
  VectorFile queries;
  NeighborTable neighbors;
};

Result<Dataset> open_dataset(const std::string& directory);

}  // namespace omendb::bench
