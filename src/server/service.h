// Requests in, answers out: finds the route, asks for the key, calls the operation, wraps what it says.
#pragma once

#include "server/access.h"
#include "server/backend.h"
#include "server/http/handler.h"
#include "server/refusal.h"
#include "server/request_log.h"

namespace omendb {

// {"status": {"error": ...}, "time": ...}
HttpResponse response_to(const Refusal& refusal, double seconds = 0);

class Service final : public HttpHandler {
 public:
  // A request that takes `slow_from` or longer is logged; zero: none is.
  Service(Backend& backend, const AccessKeys& keys, std::chrono::microseconds slow_from = {})
      : backend_(backend), access_(keys), log_(slow_from) {}

  HttpAdmission admit(HttpRequest& request) override;
  HttpResponse answer(HttpRequest& request) override;
  HttpResponse refuse(int status, std::string_view why) override;

 private:
  Backend& backend_;
  const Access access_;
  RequestLog log_;
};

}  // namespace omendb
