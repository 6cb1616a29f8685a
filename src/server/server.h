// The server: a database, opened for as long as it runs, behind HTTP.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "omendb/database.h"
#include "server/access.h"
#include "server/http/server.h"

namespace omendb {

struct ServerOptions {
  std::string directory;  // of the database
  DatabaseOptions database;
  HttpOptions http;
  AccessKeys keys;
  std::chrono::milliseconds slow_query{0};  // a request that takes this long is logged; zero: none is
};

class Server {
 public:
  // Answers when this returns. Meanwhile /healthz, /livez and /readyz do, and everything else gets 503.
  static Result<std::unique_ptr<Server>> start(const ServerOptions& options);
  ~Server();

  std::uint16_t port() const;

  // To be called every few seconds: what no request tells is seen to, and logged. Not while stop() runs.
  void look_around();

  // See HttpServer. The outcome is logged.
  void reload_certificate();

  // Lets requests that have begun end within `grace`, then closes the database.
  Result<void> stop(std::chrono::milliseconds grace);

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace omendb
