#include "server/front_door.h"

#include <string>

#include "server/service.h"

namespace omendb {
namespace {

HttpResponse plain(int status, std::string text) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(text);
  return response;
}

}  // namespace

void FrontDoor::note(std::uint32_t opened, std::uint32_t all) {
  all_.store(all, std::memory_order_relaxed);
  opened_.store(opened, std::memory_order_relaxed);
}

HttpAdmission FrontDoor::admit(HttpRequest& request) {
  if (HttpHandler* there = service()) return there->admit(request);
  HttpAdmission admission;
  admission.refusal = answer_while_opening(request);
  return admission;
}

// What was admitted met the service.
HttpResponse FrontDoor::answer(HttpRequest& request) { return service()->answer(request); }

HttpResponse FrontDoor::refuse(int status, std::string_view why) {
  if (HttpHandler* there = service()) return there->refuse(status, why);
  return response_to({status, std::string(why)});
}

HttpResponse FrontDoor::answer_while_opening(const HttpRequest& request) const {
  const bool asks = request.method == HttpMethod::Get && request.path.size() == 1;
  if (asks && (request.path[0] == "healthz" || request.path[0] == "livez")) return plain(200, "healthz check passed");
  const std::string progress = "the database is being opened: " + std::to_string(opened_.load(std::memory_order_relaxed)) +
                               " of " + std::to_string(all_.load(std::memory_order_relaxed)) + " collections are";
  HttpResponse response = asks && request.path[0] == "readyz" ? plain(503, progress) : response_to({503, progress});
  response.headers.push_back({"retry-after", "1"});
  return response;
}

}  // namespace omendb
