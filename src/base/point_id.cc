#include <charconv>
#include <string>

#include "omendb/point_id.h"

namespace omendb {
namespace {

using UuidBytes = std::array<std::uint8_t, 16>;

constexpr std::string_view kUrn = "urn:uuid:";

// A UUID is written as 8-4-4-4-12 digits: a hyphen stands before these bytes.
constexpr bool hyphen_before(std::size_t byte) { return byte == 4 || byte == 6 || byte == 8 || byte == 10; }

std::optional<std::uint8_t> digit_of(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

// 32 digits, or 36 characters with hyphens in their places.
std::optional<UuidBytes> parse_uuid(std::string_view text) {
  const bool hyphenated = text.size() == 36;
  if (!hyphenated && text.size() != 32) return std::nullopt;
  UuidBytes bytes{};
  std::size_t at = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (hyphenated && hyphen_before(i) && text[at++] != '-') return std::nullopt;
    const auto high = digit_of(text[at++]);
    const auto low = digit_of(text[at++]);
    if (!high || !low) return std::nullopt;
    bytes[i] = static_cast<std::uint8_t>(*high << 4 | *low);
  }
  return bytes;
}

std::string_view without_wrapping(std::string_view text) {
  if (text.starts_with(kUrn)) return text.substr(kUrn.size());
  if (text.size() > 2 && text.front() == '{' && text.back() == '}') return text.substr(1, text.size() - 2);
  return text;
}

// An id of any length may arrive; a message quotes the beginning.
std::string quoted(std::string_view text) {
  constexpr std::size_t kQuotedMax = 64;
  std::string quote = "\"";
  for (const char c : text.substr(0, kQuotedMax)) quote += c >= ' ' && c <= '~' ? c : '?';
  return quote + (text.size() > kQuotedMax ? "...\"" : "\"");
}

}  // namespace

PointId PointId::uuid(const UuidBytes& bytes) {
  PointId id;
  id.is_uuid_ = true;
  for (std::size_t i = 0; i < 8; ++i) {
    id.high_ = id.high_ << 8 | bytes[i];
    id.low_ = id.low_ << 8 | bytes[i + 8];
  }
  return id;
}

Result<PointId> PointId::parse(std::string_view text) {
  if (const auto bytes = parse_uuid(without_wrapping(text))) return uuid(*bytes);

  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped_at, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc::result_out_of_range && stopped_at == end) {
    return Error{ErrorCode::InvalidArgument, "point id " + quoted(text) + " is over 18446744073709551615"};
  }
  if (error != std::errc{} || stopped_at != end) {
    return Error{ErrorCode::InvalidArgument, "point id " + quoted(text) + " is neither an unsigned number nor a UUID"};
  }
  return PointId(number);
}

UuidBytes PointId::uuid_bytes() const {
  UuidBytes bytes{};
  for (std::size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<std::uint8_t>(high_ >> (56 - 8 * i));
    bytes[i + 8] = static_cast<std::uint8_t>(low_ >> (56 - 8 * i));
  }
  return bytes;
}

std::string PointId::to_string() const {
  if (!is_uuid_) return std::to_string(low_);
  constexpr std::string_view kDigits = "0123456789abcdef";
  const UuidBytes bytes = uuid_bytes();
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (hyphen_before(i)) text += '-';
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 0xF];
  }
  return text;
}

}  // namespace omendb
