// Vectors from a file of any known format, in constant memory. One format, one file: see formats.h.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "omendb/types.h"

namespace omendb {

// Rows as they come from a file; the buffers are used again for the next rows.
struct VectorBatch {
  std::vector<PointId> ids;           // as the file says, or the row's number in the file
  std::vector<float> vectors;         // ids.size() x dimensions
  std::vector<std::string> payloads;  // none at all, or one a row

  std::size_t rows() const { return ids.size(); }
  void clear();
};

class VectorReader {
 public:
  virtual ~VectorReader() = default;

  std::uint32_t dimensions() const { return dimensions_; }

  virtual std::optional<std::uint64_t> rows() const = 0;                 // nullopt: not known before the end
  virtual std::optional<Metric> metric() const { return std::nullopt; }  // if the file names one
  virtual double share_read() const = 0;                                 // 0 to 1

  // Up to `rows_max` further rows replace those in `batch`; none at the end of the file. On an error, which names file
  // and place, `batch` holds the good rows before the bad one.
  virtual Result<void> next(std::uint32_t rows_max, VectorBatch& batch) = 0;

 protected:
  std::uint32_t dimensions_ = 0;
};

// Which part of a file that has both.
enum class Part { Base, Queries };

// The format is told by the name's ending.
Result<std::unique_ptr<VectorReader>> open_vectors(const std::string& path, Part part);

}  // namespace omendb
