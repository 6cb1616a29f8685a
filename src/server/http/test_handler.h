// A handler of the tests' own words.
#pragma once

#include <functional>
#include <string>

#include "server/http/handler.h"

namespace omendb {

class TestHandler final : public HttpHandler {
 public:
  std::function<HttpAdmission(HttpRequest&)> admits = [](HttpRequest&) { return HttpAdmission{}; };
  // Says what it was asked.
  std::function<HttpResponse(HttpRequest&)> answers = [](HttpRequest& request) {
    return text(request.method_name + " " + request.target + " " + std::string(request.body.text()));
  };

  HttpAdmission admit(HttpRequest& request) override { return admits(request); }
  HttpResponse answer(HttpRequest& request) override { return answers(request); }

  static HttpResponse text(std::string body, int status = 200) {
    HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    return response;
  }
};

}  // namespace omendb
