#include "server/request_log.h"

namespace omendb {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds(std::chrono::microseconds time) { return std::chrono::duration<double, std::milli>(time).count(); }

// Method, pattern and collection: who asked what is in the pattern, and its arguments may be anything.
std::vector<LogField> fields_of(const Route& route, const Call& call, const RequestLog::Answer& answer) {
  std::vector<LogField> fields = {{"method", call.request.method_name}, {"route", route.path}};
  if (route.path.starts_with("/collections/{}")) fields.emplace_back("collection", call.arguments.front());
  fields.emplace_back("status", answer.status);
  fields.emplace_back("milliseconds", milliseconds(answer.took));
  return fields;
}

void add_left_out(std::vector<LogField>& fields, std::uint64_t count) {
  if (count > 0) fields.emplace_back("left_out", count);
}

// 501 and 505 are answers to clients that want what HTTP/1.1 here has not.
bool is_ours(int status) { return status >= 500 && status != 501 && status != 505; }

}  // namespace

void RequestLog::answered(const Route& route, const Call& call, const Answer& answer) {
  if (!is_ours(answer.status)) return;
  const std::optional<std::uint64_t> left_out = failures_.lets_pass(Clock::now());
  if (!left_out) return;
  std::vector<LogField> fields = fields_of(route, call, answer);
  if (!answer.error.empty()) fields.emplace_back("error", answer.error);
  add_left_out(fields, *left_out);
  log_error("request failed", fields);
}

void RequestLog::refused(int status, std::string_view why) {
  if (!is_ours(status)) return;
  const std::optional<std::uint64_t> left_out = failures_.lets_pass(Clock::now());
  if (!left_out) return;
  std::vector<LogField> fields = {{"status", status}, {"error", why}};
  add_left_out(fields, *left_out);
  log_error("request refused", fields);
}

}  // namespace omendb
