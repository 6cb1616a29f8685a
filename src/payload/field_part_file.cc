// A part of a field's index as bytes: docs/file_format.md, section Part of a field index.
#include <algorithm>
#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>

#include "base/crc32c.h"
#include "base/try.h"
#include "payload/field_part.h"

namespace omendb {
namespace {

struct Header {
  std::array<char, 8> magic;
  std::uint32_t version;
  std::uint32_t type;
  FieldPartIdentity identity;
  std::uint32_t begin;
  std::uint32_t end;
  std::uint64_t changes_seen;
  std::uint64_t key_bytes;
  std::uint64_t values;
  std::uint64_t postings;
  std::uint64_t row_values;
  std::uint64_t others;
};
static_assert(sizeof(FieldPartIdentity) == 24 && offsetof(Header, identity) == 16 && sizeof(Header) == 96,
              "docs/file_format.md, section Part of a field index");

constexpr std::array<char, 8> kMagic = {'O', 'M', 'E', 'N', 'F', 'P', 'R', 'T'};
constexpr std::uint32_t kVersion = 2;

Error damaged(const std::string& what) { return {ErrorCode::Corruption, what}; }

std::size_t key_bytes_of(FieldType type) {
  switch (type) {
    case FieldType::Integer:
    case FieldType::Float:
    case FieldType::Bool:
    case FieldType::Datetime: return 8;
    case FieldType::Geo: return 16;
    default: return 0;  // any
  }
}

// Each list ends at or behind the one before, and the last where `total` says.
template <class T>
bool ends_ascend(const std::vector<T>& ends, std::uint64_t total) {
  return std::is_sorted(ends.begin(), ends.end()) && (ends.empty() ? 0 : ends.back()) == total;
}

bool all_in(const std::vector<Row>& rows, RowRange range) {
  return std::all_of(rows.begin(), rows.end(),
                     [&](Row row) { return index(row) >= range.begin && index(row) < range.end; });
}

}  // namespace

Bytes FieldPart::encode(const FieldPartIdentity& identity) const {
  Header header{};
  header.magic = kMagic;
  header.version = kVersion;
  header.type = static_cast<std::uint32_t>(type_);
  header.identity = identity;
  header.begin = rows_.begin;
  header.end = rows_.end;
  header.changes_seen = changes_seen_;
  header.key_bytes = keys_.size();
  header.values = size();
  header.postings = postings_.size();
  header.row_values = row_values_.size();
  header.others = others_.size();

  Bytes out;
  put(out, header);
  put_bytes(out, bytes_of(std::string_view(keys_)));
  put_bytes(out, std::as_bytes(std::span(key_ends_)));
  put_bytes(out, std::as_bytes(std::span(posting_ends_)));
  put_bytes(out, std::as_bytes(std::span(postings_)));
  put_bytes(out, std::as_bytes(std::span(row_ends_)));
  put_bytes(out, std::as_bytes(std::span(row_values_)));
  put_bytes(out, std::as_bytes(std::span(others_)));
  put(out, crc32c(out));
  return out;
}

Result<FieldPart> FieldPart::decode(std::span<const std::byte> bytes, const FieldPartIdentity& identity) {
  std::uint32_t sum = 0;
  if (bytes.size() < sizeof(Header) + sizeof sum) return damaged("the file is cut short");
  const auto content = bytes.first(bytes.size() - sizeof sum);
  std::memcpy(&sum, bytes.data() + content.size(), sizeof sum);
  if (crc32c(content) != sum) return damaged("the checksum differs");

  ByteReader in(content);
  const Header header = *in.take<Header>();
  if (header.magic != kMagic) return damaged("not a part of an OmenDB field index");
  if (header.version != kVersion || header.type > static_cast<std::uint32_t>(FieldType::Text)) {
    return Error{ErrorCode::Unsupported, "field index format version " + std::to_string(header.version)};
  }
  if (header.identity != identity) return damaged("of another collection, generation or field");
  if (header.end < header.begin) return damaged("its rows end before they begin");

  FieldPart part;
  part.type_ = static_cast<FieldType>(header.type);
  part.rows_ = {header.begin, header.end};
  part.changes_seen_ = header.changes_seen;
  part.changes_known_ = header.changes_seen;
  const auto take = [&](auto& list, std::uint64_t count) {
    using T = typename std::remove_reference_t<decltype(list)>::value_type;
    if (count > in.remaining() / sizeof(T)) return false;
    const auto raw = in.take_bytes(count * sizeof(T));
    list.resize(count);
    if (count > 0) std::memcpy(list.data(), raw->data(), raw->size());
    return true;
  };
  const bool taken = take(part.keys_, header.key_bytes) && take(part.key_ends_, header.values) &&
                     take(part.posting_ends_, header.values) && take(part.postings_, header.postings) &&
                     take(part.row_ends_, part.rows_.size()) && take(part.row_values_, header.row_values) &&
                     take(part.others_, header.others);
  if (!taken || in.remaining() != 0) return damaged("its lists do not fill the file");
  OMEN_TRY(part.check());
  return part;
}

Result<void> FieldPart::check() const {
  if (!ends_ascend(key_ends_, keys_.size()) || !ends_ascend(posting_ends_, postings_.size()) ||
      !ends_ascend(row_ends_, row_values_.size())) {
    return damaged("its lists do not follow one another");
  }
  if (!all_in(postings_, rows_) || !all_in(others_, rows_)) return damaged("a row that is not in the part");
  const auto known = [&](std::uint32_t value) { return value < size(); };
  if (!std::all_of(row_values_.begin(), row_values_.end(), known)) return damaged("a value that is not in the part");
  const std::size_t key_bytes = key_bytes_of(type_);
  for (std::uint32_t value = 0; value < size(); ++value) {
    if (key_bytes != 0 && key(value).size() != key_bytes) return damaged("a value of another width");
  }
  return {};
}

}  // namespace omendb
