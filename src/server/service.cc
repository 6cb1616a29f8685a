#include "server/service.h"

#include <simdjson.h>

#include "server/routes.h"

namespace omendb {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

HttpResponse json_response(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.content_type = "application/json";
  response.body = std::move(body);
  return response;
}

Outcome<void> run(const Route& route, Call& call) {
  // What would change an answer and is not there yet is refused, never ignored.
  if (call.request.header("x-omen-target-recall") != nullptr) {
    return bad_request(
        "x-omen-target-recall is not supported yet: walks are as wide as `omendb info` says, or `hnsw_ef`");
  }
  call.time = OMEN_TRY(timeout_parameter(call.request));
  return route.operation(call);
}

HttpResponse plain_response(int status, std::string_view text) {
  HttpResponse response;
  response.status = status;
  response.body = text;
  return response;
}

// A refusal may repeat what the request said, which may be no UTF-8; JSON is.
std::string as_utf8(std::string text) {
  if (simdjson::validate_utf8(text.data(), text.size())) return text;
  for (char& c : text) c = static_cast<unsigned char>(c) >= 0x80 ? '?' : c;
  return text;
}

// Results may be long: they are written behind the beginning of their envelope, and never copied.
constexpr std::string_view kEnvelope = "{\"result\":";

HttpResponse success_response(Call& call, double seconds) {
  call.result.member("status", "ok").member("time", seconds);
  if (!call.explanation.empty()) call.result.key("explanation").raw(call.explanation);
  call.result.end_object();
  return json_response(200, call.result.take());
}

}  // namespace

HttpResponse response_to(const Refusal& refusal, double seconds) {
  JsonWriter json;
  json.begin_object().key("status").begin_object().member("error", as_utf8(refusal.text)).end_object();
  json.member("time", seconds).end_object();
  HttpResponse response = json_response(refusal.status, json.take());
  if (refusal.status == 429) response.headers.push_back({"retry-after", "1"});
  return response;
}

HttpAdmission Service::admit(HttpRequest& request) {
  const std::optional<RouteMatch> match = find_route(request.method, request.path);
  // Who has no key learns nothing about which paths exist.
  const Permission needed = match ? all_routes()[match->index].permission : Permission::Read;
  HttpAdmission admission;
  switch (access_.judge(needed, request)) {
    case Verdict::NoKey:
      admission.refusal = plain_response(401, "Must provide an API key or an Authorization bearer token");
      break;
    case Verdict::WrongKey:
      admission.refusal = plain_response(401, "Invalid API key or JWT");
      break;
    case Verdict::NotEnough:
      admission.refusal = refuse(403, "Forbidden: Global manage access is required");
      break;
    case Verdict::Allowed:
      if (match) break;
      admission.refusal = knows_path(request.path) ? refuse(405, "this path knows other methods")
                                                   : refuse(404, "Not found: no such path");
      break;
  }
  return admission;
}

HttpResponse Service::answer(HttpRequest& request) {
  const Clock::time_point begin = Clock::now();
  std::optional<RouteMatch> match = find_route(request.method, request.path);
  if (!match) return refuse(404, "Not found: no such path");
  Call call{.backend = backend_,
            .request = request,
            .arguments = std::move(match->arguments),
            .result = {},
            .plain = {},
            .result_memory = request.memory.sibling(),
            .explanation = {}};
  call.result.raw(kEnvelope);
  const Outcome<void> outcome = run(all_routes()[match->index], call);
  const double seconds = seconds_since(begin);
  HttpResponse response;
  if (!outcome.ok()) {
    response = response_to(outcome.error(), seconds);
  } else if (call.plain) {
    response = std::move(*call.plain);
  } else {
    response = success_response(call, seconds);
  }
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin);
  backend_.metrics().count(match->index, response.status, took);
  log_.answered(all_routes()[match->index], call,
                {response.status, outcome.ok() ? std::string_view() : outcome.error().text, took});
  return response;
}

HttpResponse Service::refuse(int status, std::string_view why) {
  log_.refused(status, why);
  return response_to({status, std::string(why)});
}

}  // namespace omendb
