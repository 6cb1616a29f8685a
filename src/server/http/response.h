// An answer, as the handler makes it. Length, compression, connection and CORS headers are added on the way out.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/http/request.h"

namespace omendb {

// The body of an answer that has no end yet, such as server-sent events.
class HttpStream {
 public:
  virtual ~HttpStream() = default;

  // What to send now, which may be nothing; nullopt ends the stream. On a worker's thread, one call at a time, and none
  // while the client has yet to take what was sent before. Destroyed when the client has gone.
  virtual std::optional<std::string> next() = 0;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<HttpField> headers;  // further ones

  // In place of the body: asked at once, and then this often.
  std::unique_ptr<HttpStream> stream;
  std::chrono::milliseconds stream_every{1'000};
};

}  // namespace omendb
