// The HTTP/1.1 server: sockets, TLS, limits, timeouts. It hands complete requests to a handler and sends the answers.
//
// Few io threads read, parse and write; the workers run the handler, which may block. The requests of one connection are
// answered one after the other, in their order. Streams hold a worker only for the moment in which they are asked.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "omendb/result.h"
#include "server/http/handler.h"
#include "server/http/limits.h"

namespace omendb {

struct HttpOptions {
  std::string address = "127.0.0.1";  // IPv4 or IPv6, not a name
  std::uint16_t port = 0;             // 0: any that is free
  std::size_t io_threads = 1;
  std::size_t workers = 0;  // 0: four for each core, since most of them wait for the disk
  // PEM files; both or none. With them only TLS 1.2 and later is spoken.
  std::string certificate_file;
  std::string key_file;
  std::string server_name;  // for the header "Server"; empty: none
  bool cors = true;      // pages of any origin may call: preflights are answered, before any admission
  bool compress = true;  // answers of over 1 KiB, for clients that accept gzip
  HttpLimits limits;
};

// For metrics. Written by the server's threads, read by anybody; each stands for itself.
struct HttpCounters {
  std::atomic<std::uint64_t> connections_open{0};
  std::atomic<std::uint64_t> connections_accepted{0};
  std::atomic<std::uint64_t> connections_refused{0};  // over the limits
  std::atomic<std::uint64_t> requests{0};             // answered by the handler
  std::atomic<std::uint64_t> requests_refused{0};     // by HTTP, admission or a full queue
  std::atomic<std::uint64_t> streams_open{0};
  std::atomic<std::uint64_t> bytes_received{0};
  std::atomic<std::uint64_t> bytes_sent{0};
};

class HttpServer {
 public:
  // Answers when this returns. The handler outlives the server.
  static Result<std::unique_ptr<HttpServer>> start(const HttpOptions& options, HttpHandler& handler);
  ~HttpServer();  // stop() without grace
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const;
  const HttpCounters& counters() const;
  std::size_t request_memory_bytes() const;  // held now

  // Reads certificate and key again, for connections to come; those that there are go on with theirs. On an error the
  // old ones stay. Without TLS there is nothing to do. Any thread.
  Result<void> reload_certificate();

  // Accepts nothing more, closes idle connections, ends streams, answers requests that have begun, and returns when all
  // threads are gone. After `grace` connections are cut, queued requests dropped and running ones cancelled; a handler
  // that does not look at cancelled() is waited for.
  void stop(std::chrono::milliseconds grace);

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace omendb
