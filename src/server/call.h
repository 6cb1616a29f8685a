// One call of an operation: what was asked, whom to ask, where the answer goes.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "omendb/database.h"
#include "server/http/request.h"
#include "server/http/response.h"
#include "server/json.h"
#include "server/json_writer.h"
#include "server/limits.h"
#include "server/refusal.h"

namespace omendb {

class Backend;

struct Call {
  Backend& backend;
  HttpRequest& request;
  std::vector<std::string_view> arguments;  // of the path, in the order of the route's pattern
  JsonWriter result;                        // becomes "result" of the envelope
  std::optional<HttpResponse> plain;        // the whole answer instead, for what has no envelope
  MemoryLease result_memory;                // covers `result`
  std::string explanation;                  // JSON: x-omen-explain was asked for, and there is something to say
  std::optional<Explanation> searched = std::nullopt;  // how, if it was; for the log
  std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();
  std::chrono::seconds time = kRequestTime;  // that it may take from there

  Result<Collection> open(std::string_view name) const;
  Outcome<Collection> collection() const;  // named by the first argument; 404 with Qdrant's text

  Outcome<JsonDocument> body() const;  // an object, or 400

  bool wants_explanation() const;

  // 408 once the answer has taken longer than it may, 499 when nobody waits for it. Between the steps of what may be long.
  Outcome<void> check_time() const;
};

// An operation writes one JSON value into call.result, or fills call.plain.
using Operation = Outcome<void> (*)(Call& call);

// The query parameter, "true" or "false"; false if it is not there.
Outcome<bool> wait_parameter(const HttpRequest& request);

// 422 if `timeout` is there and not at least 1. Seconds; at most kRequestTimeMax.
Outcome<std::chrono::seconds> timeout_parameter(const HttpRequest& request);

}  // namespace omendb
