#include "storage/file_names.h"

#include <charconv>

#include "os/disk.h"

namespace omendb {
namespace {

constexpr std::string_view kSegmentSuffix = ".log";
constexpr std::size_t kSegmentDigits = 20;  // all that 64 bits need, so names sort by number

std::optional<std::uint64_t> parse_number(std::string_view digits) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string generation_name(std::uint64_t number) { return "g" + std::to_string(number); }

std::optional<std::uint64_t> parse_generation_name(std::string_view name) {
  if (!name.starts_with('g')) return std::nullopt;
  const auto number = parse_number(name.substr(1));
  if (!number || generation_name(*number) != name) return std::nullopt;
  return number;
}

std::string segment_name(std::uint64_t number) {
  std::string digits = std::to_string(number);
  return std::string(kSegmentDigits - digits.size(), '0') + digits + std::string(kSegmentSuffix);
}

std::optional<std::uint64_t> parse_segment_name(std::string_view name) {
  if (name.size() != kSegmentDigits + kSegmentSuffix.size() || !name.ends_with(kSegmentSuffix)) return std::nullopt;
  return parse_number(name.substr(0, kSegmentDigits));
}

bool is_temporary_name(std::string_view name) { return name.ends_with(kTemporarySuffix); }

}  // namespace omendb
