#include "apps/formats/matrix_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/try.h"

namespace omendb {
namespace {

class MatrixReader : public VectorReader {
 public:
  MatrixReader(FileStream stream, const MatrixShape& shape) : stream_(std::move(stream)), shape_(shape) {
    dimensions_ = static_cast<std::uint32_t>(shape.dimensions);
  }

  std::optional<std::uint64_t> rows() const override { return shape_.rows; }
  double share_read() const override {
    return static_cast<double>(stream_.position()) / static_cast<double>(stream_.size());
  }

  Result<void> next(std::uint32_t rows_max, VectorBatch& batch) override {
    batch.clear();
    const std::size_t row_bytes = dimensions_ * bytes_of_element(shape_.element);
    const std::uint64_t end = std::min(shape_.rows, row_ + rows_max);
    while (row_ < end) {
      const auto bytes = OMEN_TRY(stream_.take(row_bytes));
      if (bytes.size() < row_bytes) {
        return Error{ErrorCode::InvalidArgument, fmt::format("{}, row {}: the file ends here", stream_.path(), row_)};
      }
      append_floats(bytes, shape_.element, batch.vectors);
      batch.ids.emplace_back(row_++);
    }
    return {};
  }

 private:
  FileStream stream_;
  MatrixShape shape_;
  std::uint64_t row_ = 0;
};

}  // namespace

Result<std::unique_ptr<VectorReader>> read_matrix(FileStream stream, const MatrixShape& shape) {
  if (shape.dimensions == 0 || shape.dimensions > kDimensionsMax) {
    return Error{ErrorCode::InvalidArgument, fmt::format("{}: the header claims {} dimensions; 1 to {} are possible",
                                                         stream.path(), shape.dimensions, kDimensionsMax)};
  }
  const std::uint64_t row_bytes = shape.dimensions * bytes_of_element(shape.element);
  const std::uint64_t value_bytes = stream.size() - stream.position();
  // Compared by division: the claimed rows times their bytes may be beyond 64 bits.
  if (value_bytes / row_bytes != shape.rows || value_bytes % row_bytes != 0) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("{}: the header claims {} rows of {} bytes, but {} bytes follow it", stream.path(),
                             shape.rows, row_bytes, value_bytes)};
  }
  return std::unique_ptr<VectorReader>(std::make_unique<MatrixReader>(std::move(stream), shape));
}

}  // namespace omendb
