// A service on a database of its own, asked without sockets.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "os/temporary_directory.h"
#include "server/http/target.h"
#include "server/service.h"

namespace omendb {

class TestService {
 public:
  explicit TestService(AccessKeys keys = {}, const DatabaseOptions& options = {},
                       std::chrono::microseconds slow_from = {})
      : backend_(std::make_unique<Backend>(Database::open(directory_.path(), options).value())),
        service_(std::make_unique<Service>(*backend_, std::move(keys), slow_from)) {}

  struct Answer {
    int status = 0;
    std::string body;
  };

  // "PUT", "/collections/a?wait=true", a body, and perhaps "name: value".
  Answer ask(std::string_view method, std::string_view target, std::string_view body = {},
             std::string_view header = {}) {
    HttpRequest request;
    request.method = method_of(method);
    request.method_name = method;
    request.target = target;
    HttpTarget parts = parse_target(target).value();
    request.path = std::move(parts.path);
    request.query = std::move(parts.query);
    request.body.append(body);
    if (!header.empty()) {
      const std::size_t colon = header.find(": ");
      request.headers.push_back({std::string(header.substr(0, colon)), std::string(header.substr(colon + 2))});
    }
    HttpAdmission admission = service_->admit(request);
    if (admission.refusal) return {admission.refusal->status, admission.refusal->body};
    HttpResponse response = service_->answer(request);
    return {response.status, std::move(response.body)};
  }

  // The text of "result", of an answer that must be one; else the whole body with its status.
  std::string result(std::string_view method, std::string_view target, std::string_view body = {}) {
    const Answer answer = ask(method, target, body);
    const std::size_t end = answer.body.rfind(",\"status\":\"ok\"");
    if (answer.status != 200 || end == std::string::npos) return std::to_string(answer.status) + " " + answer.body;
    constexpr std::string_view kBegin = "{\"result\":";
    return answer.body.substr(kBegin.size(), end - kBegin.size());
  }

  // The status and text of an error: "404 Not found: ...".
  std::string error(std::string_view method, std::string_view target, std::string_view body = {}) {
    const Answer answer = ask(method, target, body);
    constexpr std::string_view kBegin = "{\"status\":{\"error\":\"";
    const std::size_t end = answer.body.rfind("\"},\"time\"");
    if (!answer.body.starts_with(kBegin) || end == std::string::npos)
      return std::to_string(answer.status) + " " + answer.body;
    return std::to_string(answer.status) + " " + answer.body.substr(kBegin.size(), end - kBegin.size());
  }

  Backend& backend() { return *backend_; }

 private:
  static HttpMethod method_of(std::string_view name) {
    if (name == "GET") return HttpMethod::Get;
    if (name == "PUT") return HttpMethod::Put;
    if (name == "POST") return HttpMethod::Post;
    if (name == "PATCH") return HttpMethod::Patch;
    return HttpMethod::Delete;
  }

  TemporaryDirectory directory_;
  std::unique_ptr<Backend> backend_;
  std::unique_ptr<Service> service_;
};

}  // namespace omendb
