// An exchange in, the bytes of its answer out. Knows no sockets.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "server/http/exchange.h"
#include "server/http/handler.h"

namespace omendb {

struct AnswerSettings {
  bool cors = true;
  bool compress = true;
  std::string_view server_name = {};
  const std::atomic<bool>* stopping = nullptr;  // true when the handler has answered: no other request is to follow
};

// An answer whose body goes on.
struct OpenStream {
  std::unique_ptr<HttpStream> source;  // null: the answer is complete
  std::chrono::milliseconds every{0};
  bool chunked = false;
};

// Asks the handler unless the exchange is refused already, and appends the answer to `out`. `keep_alive` of the exchange
// says afterwards whether another may follow, and `refusal` is gone. Throws nothing: what goes wrong becomes a refusal.
OpenStream append_answer(HttpExchange& exchange, HttpHandler& handler, const AnswerSettings& settings,
                         std::string& out);

// A piece of a stream, and its end.
void append_stream_part(std::string_view part, bool chunked, std::string& out);
void append_stream_end(bool chunked, std::string& out);

}  // namespace omendb
