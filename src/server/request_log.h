// What the log says of requests: those that failed on our side.
#pragma once

#include <chrono>
#include <string_view>

#include "server/call.h"
#include "server/log.h"
#include "server/routes.h"

namespace omendb {

// Any thread.
class RequestLog {
 public:
  struct Answer {
    int status;
    std::string_view error;  // the refusal's text; empty: none
    std::chrono::microseconds took;
  };
  void answered(const Route& route, const Call& call, const Answer& answer);

  // By HTTP itself, before anybody knew the route.
  void refused(int status, std::string_view why);

 private:
  LogPace failures_{10};
};

}  // namespace omendb
