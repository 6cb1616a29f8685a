#include <fmt/format.h>

#include "apps/formats/formats.h"
#include "apps/formats/matrix_reader.h"
#include "base/bytes.h"
#include "base/try.h"

namespace omendb {

Result<std::unique_ptr<VectorReader>> open_bin(const std::string& path, Element element) {
  FileStream stream = OMEN_TRY(FileStream::open(path));
  ByteReader header(OMEN_TRY(stream.take(8)));
  const auto rows = header.take<std::uint32_t>();
  const auto dimensions = header.take<std::uint32_t>();
  if (!dimensions) {
    return Error{ErrorCode::InvalidArgument, fmt::format("{}: the file is shorter than its header of 8 bytes", path)};
  }
  return read_matrix(std::move(stream), {.rows = *rows, .dimensions = *dimensions, .element = element});
}

}  // namespace omendb
