// Dates and times as texts.
#include <charconv>

#include "omendb/filter.h"

namespace omendb {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  bool is_at(char c) const { return rest_.starts_with(c); }

  bool take(char c) {
    if (!is_at(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  // Exactly so many digits.
  std::optional<unsigned> digits(std::size_t count) {
    if (rest_.size() < count) return std::nullopt;
    unsigned number = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + count, number);
    if (error != std::errc{} || end != rest_.data() + count) return std::nullopt;
    rest_.remove_prefix(count);
    return number;
  }

  // Digits behind a decimal point, at least one; those beyond microseconds are cut.
  std::optional<unsigned> microseconds() {
    unsigned number = 0;
    std::size_t count = 0;
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
      if (count < 6) number = number * 10 + static_cast<unsigned>(rest_.front() - '0');
      ++count;
      rest_.remove_prefix(1);
    }
    if (count == 0) return std::nullopt;
    for (; count < 6; ++count) number *= 10;
    return number;
  }

 private:
  std::string_view rest_;
};

std::optional<std::chrono::sys_days> read_date(Reader& reader) {
  const auto year = reader.digits(4);
  if (!year || !reader.take('-')) return std::nullopt;
  const auto month = reader.digits(2);
  if (!month || !reader.take('-')) return std::nullopt;
  const auto day = reader.digits(2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                                         std::chrono::day(*day));
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

// 12:30, 12:30:15, 12:30:15.25
std::optional<std::chrono::microseconds> read_time(Reader& reader) {
  const auto hour = reader.digits(2);
  if (!hour || *hour > 23 || !reader.take(':')) return std::nullopt;
  const auto minute = reader.digits(2);
  if (!minute || *minute > 59) return std::nullopt;
  std::chrono::microseconds time = std::chrono::hours(*hour) + std::chrono::minutes(*minute);
  if (!reader.take(':')) return time;
  const auto second = reader.digits(2);
  if (!second || *second > 60) return std::nullopt;  // 60 is a leap second: the first of the next minute
  time += std::chrono::seconds(*second);
  if (!reader.take('.')) return time;
  const auto fraction = reader.microseconds();
  if (!fraction) return std::nullopt;
  return time + std::chrono::microseconds(*fraction);
}

// Z, UTC, +01:00, +0100, +01; nothing at all is UTC.
std::optional<std::chrono::minutes> read_offset(Reader& reader) {
  constexpr std::chrono::minutes kUtc{0};
  if (reader.at_end()) return kUtc;
  reader.take(' ');
  if (reader.take('Z') || reader.take('z') || reader.take("UTC")) return kUtc;
  const bool west = reader.take('-');
  if (!west && !reader.take('+')) return std::nullopt;
  const auto hours = reader.digits(2);
  if (!hours || *hours > 23) return std::nullopt;
  std::chrono::minutes offset = std::chrono::hours(*hours);
  if (!reader.at_end()) {
    reader.take(':');
    const auto minutes = reader.digits(2);
    if (!minutes || *minutes > 59) return std::nullopt;
    offset += std::chrono::minutes(*minutes);
  }
  return west ? -offset : offset;
}

}  // namespace

std::optional<Timestamp> parse_datetime(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  Reader reader(text);
  const auto date = read_date(reader);
  if (!date) return std::nullopt;
  if (reader.at_end()) return Timestamp(*date);
  if (!reader.take('T') && !reader.take('t') && !reader.take(' ')) return std::nullopt;
  const auto time = read_time(reader);
  if (!time) return std::nullopt;
  const auto offset = read_offset(reader);
  if (!offset || !reader.at_end()) return std::nullopt;
  return Timestamp(*date) + *time - *offset;
}

}  // namespace omendb
