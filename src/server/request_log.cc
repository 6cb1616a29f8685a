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

void add_plan(std::vector<LogField>& fields, const Explanation& searched) {
  fields.emplace_back("plan", name_of(searched.plan));
  if (searched.walk_was_left) fields.emplace_back("walk_was_left", true);
  fields.emplace_back("rows_by_graph", searched.rows_by_graph);
  fields.emplace_back("rows_by_scan", searched.rows_by_scan);
  fields.emplace_back("rows_by_list", searched.rows_by_list);
  fields.emplace_back("distances", searched.distances);
  fields.emplace_back("payloads_read", searched.payloads_read);
  fields.emplace_back("search_milliseconds", milliseconds(std::chrono::microseconds(searched.microseconds)));
}

// 501 and 505 are answers to clients that want what HTTP/1.1 here has not.
bool is_ours(int status) { return status >= 500 && status != 501 && status != 505; }

}  // namespace

void RequestLog::answered(const Route& route, const Call& call, const Answer& answer) {
  if (is_ours(answer.status)) return failed(route, call, answer);
  if (slow_from_.count() > 0 && answer.took >= slow_from_) was_slow(route, call, answer);
}

void RequestLog::failed(const Route& route, const Call& call, const Answer& answer) {
  const std::optional<std::uint64_t> left_out = failures_.lets_pass(Clock::now());
  if (!left_out) return;
  std::vector<LogField> fields = fields_of(route, call, answer);
  if (!answer.error.empty()) fields.emplace_back("error", answer.error);
  add_left_out(fields, *left_out);
  log_error("request failed", fields);
}

void RequestLog::was_slow(const Route& route, const Call& call, const Answer& answer) {
  const std::optional<std::uint64_t> left_out = slow_.lets_pass(Clock::now());
  if (!left_out) return;
  std::vector<LogField> fields = fields_of(route, call, answer);
  if (call.searched) add_plan(fields, *call.searched);
  add_left_out(fields, *left_out);
  log_warning("slow request", fields);
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
