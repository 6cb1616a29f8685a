// One request on its way through its connection, with what decides how it is answered.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "server/http/request.h"
#include "server/http/response.h"

namespace omendb {

constexpr std::string_view kNoMemory = "there is no memory for this request now";

struct HttpExchange {
  HttpRequest request;
  std::optional<HttpResponse> refusal;  // the answer, when the handler is not asked for one
  std::size_t body_bytes_max = 0;       // for the inflated body too
  bool http_1_0 = false;                // knows no chunks
  bool keep_alive = true;               // false: the connection ends after the answer
};

}  // namespace omendb
