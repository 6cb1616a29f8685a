// What the log says of requests: those that failed on our side, and those that took long.
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
  explicit RequestLog(std::chrono::microseconds slow_from) : slow_from_(slow_from) {}  // zero: nothing is slow

  struct Answer {
    int status;
    std::string_view error;  // the refusal's text; empty: none
    std::chrono::microseconds took;
  };
  // Costs a request that is fast two comparisons.
  void answered(const Route& route, const Call& call, const Answer& answer);

  // By HTTP itself, before anybody knew the route.
  void refused(int status, std::string_view why);

 private:
  void failed(const Route& route, const Call& call, const Answer& answer);
  void was_slow(const Route& route, const Call& call, const Answer& answer);

  const std::chrono::microseconds slow_from_;
  LogPace failures_{10};
  LogPace slow_{10};
};

}  // namespace omendb
