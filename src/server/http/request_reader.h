// Bytes of one connection in, requests out. It knows neither sockets nor time nor threads: whoever owns it says which bytes
// came and when it takes too long. Not for two threads at once.
//
// The exchanges depend on the bytes, never on the pieces in which they came.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "server/http/exchange.h"
#include "server/http/handler.h"
#include "server/http/limits.h"

namespace omendb {

class RequestReader {
 public:
  // Where the bytes of the next request stop for now.
  enum class Phase {
    Idle,   // before its first byte
    Head,   // in the request line or the headers
    Body,   // behind the headers
    Ended,  // there is no next request: the last exchange ends the connection
  };

  struct Settings {
    const HttpLimits* limits;
    bool cors;  // preflights are answered here
    std::string_view peer;
    std::shared_ptr<const std::atomic<bool>> gone;  // for the requests
    RequestMemory* memory = nullptr;                // nullptr: as much as they like
  };

  RequestReader(Settings settings, HttpHandler& handler);
  ~RequestReader();

  // Where the next bytes go; empty while requests that were not taken fill it.
  std::span<char> room();
  void received(std::size_t bytes);  // so many of room() were filled

  // The requests that are complete, at most kBatchMax of them, and refusals in their places. Asks the handler for
  // admissions.
  std::vector<HttpExchange> take();
  static constexpr std::size_t kBatchMax = 64;

  // Whether take() or take_continue() have more to say without further bytes.
  bool has_unread() const;

  // Whether the client waits for "100 Continue" before it sends the body. Forgotten once asked.
  bool take_continue();

  Phase phase() const;
  std::size_t body_bytes() const;  // that came so far, of the request in phase Body

  // Ends a request that is not complete: what to answer.
  HttpExchange give_up(int status, std::string_view why);

  void end();  // whatever has come and is still to come, nothing more is read

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace omendb
