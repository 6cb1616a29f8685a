// What the HTTP layer asks of whoever knows what the requests mean.
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string_view>

#include "server/http/request.h"
#include "server/http/response.h"

namespace omendb {

// The verdict on a request whose head is known and whose body has not been read.
struct HttpAdmission {
  std::optional<HttpResponse> refusal;  // sent in place of asking for an answer; a body that is on its way is not kept
  std::size_t body_bytes_max = std::numeric_limits<std::size_t>::max();  // where it is below the server's limit
};

// Called from many threads at once.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;

  // Who may do this, and how much may they send? On a thread that serves many connections: must not block. May set the
  // request's tag.
  virtual HttpAdmission admit(HttpRequest&) { return {}; }

  // On a worker's thread; may block, and may take what it likes from the request. What it throws becomes a refusal: 503
  // for want of memory, else 500.
  virtual HttpResponse answer(HttpRequest& request) = 0;

  // The text for what HTTP itself refuses, such as 400, 408, 413 and 429. Any thread; must not block.
  virtual HttpResponse refuse(int status, std::string_view why);
};

// A refusal that may be another answer in a second: the header "Retry-After" says so.
HttpResponse refuse_for_now(HttpHandler& handler, int status, std::string_view why);

}  // namespace omendb
