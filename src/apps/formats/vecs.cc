#include <fmt/format.h>

#include "apps/formats/file_stream.h"
#include "apps/formats/formats.h"
#include "base/bytes.h"
#include "base/try.h"

namespace omendb {
namespace {

class VecsReader : public VectorReader {
 public:
  VecsReader(FileStream stream, std::uint32_t dimensions, Element element)
      : stream_(std::move(stream)), element_(element), row_bytes_(4 + dimensions * bytes_of_element(element)) {
    dimensions_ = dimensions;
  }

  std::optional<std::uint64_t> rows() const override { return stream_.size() / row_bytes_; }
  double share_read() const override {
    return static_cast<double>(stream_.position()) / static_cast<double>(stream_.size());
  }

  Result<void> next(std::uint32_t rows_max, VectorBatch& batch) override {
    batch.clear();
    for (std::uint32_t i = 0; i < rows_max; ++i) {
      const auto bytes = OMEN_TRY(stream_.take(row_bytes_));
      if (bytes.empty()) return {};
      const auto count = ByteReader(bytes).take<std::uint32_t>();
      if (count && *count != dimensions_) {
        return error(fmt::format("the vector has {} values, the first has {}", *count, dimensions_));
      }
      if (bytes.size() < row_bytes_) {
        return error(fmt::format("the file ends after {} of the row's {} bytes", bytes.size(), row_bytes_));
      }
      append_floats(bytes.subspan(4), element_, batch.vectors);
      batch.ids.emplace_back(row_++);
    }
    return {};
  }

 private:
  Error error(std::string_view found) const {
    return Error{ErrorCode::InvalidArgument, fmt::format("{}, row {}: {}", stream_.path(), row_, found)};
  }

  FileStream stream_;
  Element element_;
  std::size_t row_bytes_;
  std::uint64_t row_ = 0;
};

}  // namespace

Result<std::unique_ptr<VectorReader>> open_vecs(const std::string& path, Element element) {
  FileStream stream = OMEN_TRY(FileStream::open(path));
  const auto dimensions = ByteReader(OMEN_TRY(stream.peek(4))).take<std::uint32_t>();
  if (!dimensions) {
    return Error{ErrorCode::InvalidArgument, fmt::format("{}: the file is too short to hold a vector", path)};
  }
  if (*dimensions == 0 || *dimensions > kDimensionsMax) {
    return Error{ErrorCode::InvalidArgument, fmt::format("{}, row 0: the vector claims {} values; 1 to {} are possible",
                                                         path, *dimensions, kDimensionsMax)};
  }
  return std::unique_ptr<VectorReader>(std::make_unique<VecsReader>(std::move(stream), *dimensions, element));
}

}  // namespace omendb
