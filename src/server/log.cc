// The only file that includes spdlog.
#include "server/log.h"

#include <simdjson.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <memory>

#include "server/json_writer.h"

namespace omendb {
namespace {

constexpr std::size_t kTextBytesMax = 1'000;

// Hands lines to a function.
class FunctionSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FunctionSink(std::function<void(std::string_view)> write) : write_(std::move(write)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    write_(std::string_view(line.data(), line.size()));
  }
  void flush_() override {}

  const std::function<void(std::string_view)> write_;
};

struct Log {
  Log(LogFormat its_format, spdlog::sink_ptr sink) : format(its_format), logger("", std::move(sink)) {}

  LogFormat format;
  spdlog::logger logger;
};

// Set once before threads write, and read by them.
std::unique_ptr<Log>& the_log() {
  static std::unique_ptr<Log> log;
  return log;
}

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::Trace:
      return spdlog::level::trace;
    case LogLevel::Debug:
      return spdlog::level::debug;
    case LogLevel::Info:
      return spdlog::level::info;
    case LogLevel::Warning:
      return spdlog::level::warn;
    case LogLevel::Error:
      return spdlog::level::err;
    case LogLevel::Off:
      return spdlog::level::off;
  }
  return spdlog::level::info;
}

// Bytes that are no UTF-8 would make the whole line unreadable, and a terminal obeys what is no character of a text.
std::string clean(std::string_view text) {
  std::string cleaned(text.substr(0, kTextBytesMax));
  if (cleaned.size() < text.size()) {
    while (!cleaned.empty() && (cleaned.back() & 0xC0) == 0x80) cleaned.pop_back();
    if (!cleaned.empty() && static_cast<unsigned char>(cleaned.back()) >= 0xC0) cleaned.pop_back();
    cleaned += "...";
  }
  const bool is_utf8 = simdjson::validate_utf8(cleaned.data(), cleaned.size());
  for (std::size_t i = 0; i < cleaned.size(); ++i) {
    const auto byte = static_cast<unsigned char>(cleaned[i]);
    // U+0080 to U+009F, two bytes each, are controls.
    const bool is_control = byte == 0x7F || (byte == 0xC2 && i + 1 < cleaned.size() && (cleaned[i + 1] & 0xE0) == 0x80);
    if (is_control && byte == 0xC2) cleaned[i + 1] = '?';
    if (is_control || (!is_utf8 && byte >= 0x80)) cleaned[i] = '?';
  }
  return cleaned;
}

void append_value(JsonWriter& json, const LogField::Value& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    json.string(clean(*text));
  } else if (const auto* whole = std::get_if<std::uint64_t>(&value)) {
    json.integer(*whole);
  } else if (const auto* signed_whole = std::get_if<std::int64_t>(&value)) {
    json.integer(*signed_whole);
  } else if (const auto* number = std::get_if<double>(&value)) {
    json.number(*number);
  } else {
    json.boolean(std::get<bool>(value));
  }
}

// The end of an object: time and level come before it.
std::string json_line(std::string_view message, const std::vector<LogField>& fields) {
  JsonWriter json;
  json.begin_object().member("message", message);
  for (const LogField& field : fields) append_value(json.key(field.name), field.value);
  json.end_object();
  return json.take().substr(1);
}

bool is_plain(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~' && c != '"' && c != '='; });
}

std::string text_line(std::string_view message, const std::vector<LogField>& fields) {
  std::string line(message);
  for (const LogField& field : fields) {
    line += ' ';
    line += field.name;
    line += '=';
    const auto* text = std::get_if<std::string_view>(&field.value);
    if (text != nullptr && is_plain(*text) && text->size() <= kTextBytesMax) {
      line += *text;
      continue;
    }
    JsonWriter json;
    append_value(json, field.value);
    line += json.text();
  }
  return line;
}

}  // namespace

void begin_log(const LogOptions& options) {
  std::shared_ptr<spdlog::sinks::sink> sink;
  if (options.write) {
    sink = std::make_shared<FunctionSink>(options.write);
  } else {
    sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  }
  auto log = std::make_unique<Log>(options.format, std::move(sink));
  const char* pattern = options.format == LogFormat::Json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v)"
                                                          : "%Y-%m-%dT%H:%M:%S.%eZ %l %v";
  log->logger.set_formatter(
      std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc, std::string("\n")));
  log->logger.set_level(level_of(options.level));
  the_log() = std::move(log);
}

void write_log(LogLevel level, std::string_view message, const std::vector<LogField>& fields) {
  Log* const log = the_log().get();
  if (log == nullptr || !log->logger.should_log(level_of(level))) return;
  const std::string line = log->format == LogFormat::Json ? json_line(message, fields) : text_line(message, fields);
  log->logger.log(level_of(level), spdlog::string_view_t(line.data(), line.size()));
}

std::optional<std::uint64_t> LogPace::lets_pass(std::chrono::steady_clock::time_point now) {
  std::lock_guard lock(mutex_);
  if (!second_ || now - *second_ >= std::chrono::seconds(1)) {
    second_ = now;
    lines_ = 0;
  }
  if (lines_ >= max_) {
    ++left_out_;
    return std::nullopt;
  }
  ++lines_;
  return std::exchange(left_out_, 0);
}

}  // namespace omendb
