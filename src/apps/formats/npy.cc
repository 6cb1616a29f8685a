#include <fmt/format.h>

#include <charconv>

#include "apps/formats/formats.h"
#include "apps/formats/matrix_reader.h"
#include "base/bytes.h"
#include "base/try.h"

namespace omendb {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kHeaderBytesMax = 64u << 10;

Error not_readable(const FileStream& stream, std::string_view found) {
  return Error{ErrorCode::InvalidArgument, fmt::format("{}: {}", stream.path(), found)};
}

// The header is the text of a Python dictionary: {'descr': '<f4', 'fortran_order': False, 'shape': (1000, 128), }
std::string_view value_after(std::string_view header, std::string_view key) {
  const std::size_t at = header.find(fmt::format("'{}':", key));
  if (at == std::string_view::npos) return {};
  std::string_view value = header.substr(at + key.size() + 3);
  value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
  return value;
}

std::optional<Element> element_named(std::string_view descr) {
  if (descr.starts_with("'<f4'")) return Element::Float32;
  if (descr.starts_with("'<f8'")) return Element::Float64;
  if (descr.starts_with("'<f2'")) return Element::Float16;
  if (descr.starts_with("'|u1'")) return Element::Uint8;
  return std::nullopt;
}

// "(1000, 128), ..." has two dimensions; "(1000,)" and "(10, 20, 30)" have not.
bool read_shape(std::string_view text, MatrixShape& shape) {
  if (!text.starts_with('(')) return false;
  const char* const end = text.data() + text.size();
  const auto rows = std::from_chars(text.data() + 1, end, shape.rows);
  if (rows.ec != std::errc() || end - rows.ptr < 3 || rows.ptr[0] != ',' || rows.ptr[1] != ' ') return false;
  const auto dimensions = std::from_chars(rows.ptr + 2, end, shape.dimensions);
  return dimensions.ec == std::errc() && dimensions.ptr != end && *dimensions.ptr == ')';
}

Result<std::string> read_header(FileStream& stream) {
  ByteReader start(OMEN_TRY(stream.take(kMagic.size() + 2)));
  const auto magic = start.take_bytes(kMagic.size());
  const auto major = start.take<std::uint8_t>();
  const auto minor = start.take<std::uint8_t>();
  if (!magic || text_of(*magic) != kMagic || !minor) return not_readable(stream, "this is not a NumPy array file");
  if (*major < 1 || *major > 3) {
    return not_readable(stream, fmt::format("a NumPy array file of version {}.{}; 1 to 3 are known", *major, *minor));
  }

  ByteReader length_field(OMEN_TRY(stream.take(*major == 1 ? 2 : 4)));
  std::optional<std::uint32_t> length = length_field.take<std::uint32_t>();
  if (*major == 1) length = length_field.take<std::uint16_t>();
  if (!length || *length > kHeaderBytesMax) return not_readable(stream, "the header is cut short or far too long");
  const auto header = OMEN_TRY(stream.take(*length));
  if (header.size() < *length) return not_readable(stream, "the header is cut short");
  return std::string(text_of(header));
}

}  // namespace

Result<std::unique_ptr<VectorReader>> open_npy(const std::string& path) {
  FileStream stream = OMEN_TRY(FileStream::open(path));
  const std::string header = OMEN_TRY(read_header(stream));

  const std::string_view descr = value_after(header, "descr");
  const auto element = element_named(descr);
  if (!element) {
    return not_readable(stream, fmt::format("values of type {}; '<f4', '<f8', '<f2' and '|u1' can be read",
                                            descr.substr(0, descr.find(','))));
  }
  if (!value_after(header, "fortran_order").starts_with("False")) {
    return not_readable(stream, "the array is stored column by column (fortran_order); save it in C order");
  }
  MatrixShape shape{.element = *element};
  const std::string_view shape_text = value_after(header, "shape");
  if (!read_shape(shape_text, shape)) {
    return not_readable(stream, fmt::format("the array has shape {}; it takes two dimensions, rows and values",
                                            shape_text.substr(0, shape_text.find(')') + 1)));
  }
  return read_matrix(std::move(stream), shape);
}

}  // namespace omendb
