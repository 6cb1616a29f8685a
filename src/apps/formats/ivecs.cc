#include "apps/formats/ivecs.h"

#include <fmt/format.h>

#include <limits>

#include "base/bytes.h"
#include "base/try.h"

namespace omendb {
namespace {

constexpr std::uint32_t kCountMax = 1u << 20;  // of one row; no ground truth is that deep

}  // namespace

Result<IvecsReader> IvecsReader::open(const std::string& path) { return IvecsReader(OMEN_TRY(FileStream::open(path))); }

Result<std::vector<std::uint32_t>> IvecsReader::next() {
  const auto count = ByteReader(OMEN_TRY(stream_.take(4))).take<std::uint32_t>();
  if (!count) return error("the file ends here");
  if (*count > kCountMax) return error(fmt::format("the row claims {} numbers", *count));
  ByteReader numbers(OMEN_TRY(stream_.take(std::size_t{4} * *count)));
  std::vector<std::uint32_t> row(*count);
  for (std::uint32_t& number : row) {
    const auto value = numbers.take<std::uint32_t>();
    if (!value) return error("the file ends within the row");
    number = *value;
  }
  ++row_;
  return row;
}

Error IvecsReader::error(std::string_view found) const {
  return Error{ErrorCode::InvalidArgument, fmt::format("{}, row {}: {}", stream_.path(), row_, found)};
}

Result<void> write_ivecs_row(FileWriter& out, const std::vector<Neighbor>& neighbors) {
  Bytes row;
  put(row, static_cast<std::int32_t>(neighbors.size()));
  for (const Neighbor& neighbor : neighbors) {
    const PointId id = neighbor.id;
    if (id.is_uuid() || id.number() > std::numeric_limits<std::int32_t>::max()) {
      return Error{
          ErrorCode::InvalidArgument,
          fmt::format("the id {} does not fit into an ivecs file, which holds 32-bit numbers", id.to_string())};
    }
    put(row, static_cast<std::int32_t>(id.number()));
  }
  return out.write(text_of(row));
}

}  // namespace omendb
