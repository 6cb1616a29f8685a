// Lines for whoever runs the server: on stderr, as text or as one JSON object each.
//
// A line has a message, which is one of ours, and fields, whose values may be anybody's: they are escaped, and cut
// where they are long. Never a field: keys, vectors, payloads.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace omendb {

enum class LogLevel : std::uint8_t { Trace, Debug, Info, Warning, Error, Off };
enum class LogFormat : std::uint8_t { Text, Json };

struct LogOptions {
  LogLevel level = LogLevel::Info;
  LogFormat format = LogFormat::Text;
  std::function<void(std::string_view line)> write = nullptr;  // in place of stderr; one call at a time
};

// Until then nothing is written. Before other threads write.
void begin_log(const LogOptions& options);

struct LogField {
  using Value = std::variant<std::string_view, std::uint64_t, std::int64_t, double, bool>;

  LogField(std::string_view its_name, std::string_view text) : name(its_name), value(text) {}
  LogField(std::string_view its_name, const char* text) : LogField(its_name, std::string_view(text)) {}
  LogField(std::string_view its_name, const std::string& text) : LogField(its_name, std::string_view(text)) {}
  LogField(std::string_view its_name, double number) : name(its_name), value(number) {}
  template <std::integral T>
  LogField(std::string_view its_name, T number) : name(its_name), value(value_of(number)) {}

  std::string_view name;
  Value value;

 private:
  template <std::integral T>
  static Value value_of(T number) {
    if constexpr (std::same_as<T, bool>) {
      return number;
    } else if constexpr (std::signed_integral<T>) {
      return std::int64_t{number};
    } else {
      return std::uint64_t{number};
    }
  }
};

// Any thread.
void write_log(LogLevel level, std::string_view message, const std::vector<LogField>& fields);
inline void log_info(std::string_view message, const std::vector<LogField>& fields = {}) {
  write_log(LogLevel::Info, message, fields);
}
inline void log_warning(std::string_view message, const std::vector<LogField>& fields = {}) {
  write_log(LogLevel::Warning, message, fields);
}
inline void log_error(std::string_view message, const std::vector<LogField>& fields = {}) {
  write_log(LogLevel::Error, message, fields);
}

// Keeps a flood of like lines from filling the disk: so many a second, and the next one tells how many were left out.
class LogPace {
 public:
  explicit LogPace(std::uint32_t lines_per_second_max) : max_(lines_per_second_max) {}

  // nullopt: not this line. Else how many were left out since the last that was written. Any thread.
  std::optional<std::uint64_t> lets_pass(std::chrono::steady_clock::time_point now);

 private:
  const std::uint32_t max_;

  std::mutex mutex_;
  std::optional<std::chrono::steady_clock::time_point> second_;  // when the running one began
  std::uint32_t lines_ = 0;                                      // in it
  std::uint64_t left_out_ = 0;
};

}  // namespace omendb
