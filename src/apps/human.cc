#include "apps/human.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace omendb {

std::string with_commas(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

std::string with_commas(double number) {
  return with_commas(static_cast<std::uint64_t>(std::llround(std::max(number, 0.0))));
}

std::string bytes_text(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  double size = static_cast<double>(bytes);
  std::string_view unit;
  for (const char* next : {"kB", "MB", "GB", "TB", "PB"}) {
    size /= 1000;
    unit = next;
    if (size < 999.5) break;
  }
  return fmt::format("{:.{}f} {}", size, size < 9.95 ? 1 : 0, unit);
}

std::string duration_text(std::chrono::duration<double> duration) {
  const double seconds = duration.count();
  if (seconds < 0.0995) return fmt::format("{:.{}f} ms", seconds * 1e3, seconds < 0.00995 ? 2 : 0);
  if (seconds < 99.5) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::uint64_t>(std::llround(seconds));
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

std::string percent_text(double share) {
  const double percent = std::clamp(share, 0.0, 1.0) * 100;
  return fmt::format("{} %", percent < 100 ? std::min(99L, std::lround(percent)) : 100L);
}

std::string bar(double share, int width) {
  const int full = static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * width));
  std::string text = "[";
  for (int i = 0; i < width; ++i) text += i < full ? "█" : "░";
  return text + "]";
}

}  // namespace omendb
