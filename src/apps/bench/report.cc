#include "apps/bench/report.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>

namespace omendb::bench {
namespace {

std::string as_number(Figure figure, std::string_view if_none) {
  if (!std::isfinite(figure.value)) return std::string(if_none);
  return fmt::format("{:.{}f}", figure.value, figure.decimals);
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string as_object(const Report::Fields& fields) {
  std::string out = "{";
  for (const auto& [key, figure] : fields) {
    if (out.size() > 1) out += ", ";
    out += fmt::format("{}: {}", quoted(key), as_number(figure, "null"));
  }
  return out + "}";
}

std::size_t width_of(std::string_view key) { return std::max<std::size_t>(key.size(), 8) + 2; }

std::string headings(const Report::Fields& fields) {
  std::string out;
  for (const auto& [key, figure] : fields) out += fmt::format("{:>{}}", key, width_of(key));
  return out;
}

std::string line_of(const Report::Fields& fields) {
  std::string out;
  for (const auto& [key, figure] : fields) out += fmt::format("{:>{}}", as_number(figure, "-"), width_of(key));
  return out;
}

constexpr int kKeyWidth = 24;

}  // namespace

void Report::member(std::string_view key, std::string_view json) {
  if (!members_.empty()) members_ += ",\n";
  members_ += fmt::format("  {}: {}", quoted(key), json);
}

void Report::text(std::string_view key, std::string_view value) {
  member(key, quoted(value));
  lines_ += fmt::format("{:<{}}{:>14}\n", key, kKeyWidth, value);
}

void Report::figure(std::string_view key, double value, int decimals) {
  const Figure figure{value, decimals};
  member(key, as_number(figure, "null"));
  lines_ += fmt::format("{:<{}}{:>14}\n", key, kKeyWidth, as_number(figure, "-"));
}

void Report::group(std::string_view key, const Fields& fields) {
  member(key, as_object(fields));
  lines_ += fmt::format("{:<{}}{}\n{:<{}}{}\n", key, kKeyWidth, headings(fields), "", kKeyWidth, line_of(fields));
}

void Report::list(std::string_view key, const std::vector<Fields>& rows) {
  std::string json = "[";
  for (const Fields& row : rows) json += fmt::format("{}\n    {}", json.size() > 1 ? "," : "", as_object(row));
  member(key, json + "]");
  if (rows.empty()) return;
  lines_ += fmt::format("{:<{}}{}\n", key, kKeyWidth, headings(rows.front()));
  for (const Fields& row : rows) lines_ += fmt::format("{:<{}}{}\n", "", kKeyWidth, line_of(row));
}

void Report::note(std::string_view sentence) { lines_ += fmt::format("  {}\n", sentence); }

std::string Report::as_json() const { return "{\n" + members_ + "\n}\n"; }

std::string Report::as_text() const { return lines_; }

double percentile(std::vector<double>& values, double share) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
  return values[std::max<std::size_t>(rank, 1) - 1];
}

double mean(const std::vector<double>& values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace omendb::bench
