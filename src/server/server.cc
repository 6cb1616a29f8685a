#include "server/server.h"

#include <optional>

#include "server/backend.h"
#include "server/collection_watch.h"
#include "server/front_door.h"
#include "server/log.h"
#include "server/service.h"
#include "server/settings.h"

namespace omendb {
namespace {

void append_counter(std::string& text, std::string_view name, std::string_view type, std::uint64_t value) {
  text += "# TYPE " + std::string(name) + " " + std::string(type) + "\n" + std::string(name) + " " +
          std::to_string(value) + "\n";
}

void append_http(std::string& text, const HttpServer& http) {
  const HttpCounters& counters = http.counters();
  append_counter(text, "omen_http_connections_open", "gauge", counters.connections_open);
  append_counter(text, "omen_http_connections_accepted_total", "counter", counters.connections_accepted);
  append_counter(text, "omen_http_connections_refused_total", "counter", counters.connections_refused);
  append_counter(text, "omen_http_requests_refused_total", "counter", counters.requests_refused);
  append_counter(text, "omen_http_streams_open", "gauge", counters.streams_open);
  append_counter(text, "omen_http_received_bytes_total", "counter", counters.bytes_received);
  append_counter(text, "omen_http_sent_bytes_total", "counter", counters.bytes_sent);
  append_counter(text, "omen_http_request_memory_bytes", "gauge", http.request_memory_bytes());
}

// The engine forgets that its indexer is switched off; the collections' settings do not.
void restore_settings(Database& database) {
  for (const std::string& name : database.names()) {
    Result<Collection> collection = database.collection(name);
    if (collection.ok() && Settings::of(*collection).indexing_paused()) collection->pause_indexing(true);
  }
}

}  // namespace

class Server::Impl {
 public:
  // The port answers while the database is opened, which may take a while after a crash.
  Result<void> start(const ServerOptions& options) {
    HttpOptions http = options.http;
    http.server_name = kServerName;
    http_ = OMEN_TRY(HttpServer::start(http, front_door_));
    DatabaseOptions opening = options.database;
    opening.on_opened = [this](std::uint32_t opened, std::uint32_t all) { front_door_.note(opened, all); };
    Database database = OMEN_TRY(Database::open(options.directory, opening));
    restore_settings(database);
    watch_.opened(database);
    backend_.emplace(std::move(database));
    backend_->metrics_of_http([this](std::string& text) { append_http(text, *http_); });
    service_.emplace(*backend_, options.keys, options.slow_query);
    front_door_.open(*service_);
    return {};
  }

  std::uint16_t port() const { return http_->port(); }

  void reload_certificate() {
    const Result<void> reloaded = http_->reload_certificate();
    if (reloaded.ok()) {
      log_info("certificate reloaded");
    } else {
      log_error("certificate not reloaded: the old one stays", {{"reason", reloaded.error().message}});
    }
  }
  void look_around() { watch_.look(backend_->database()); }

  Result<void> stop(std::chrono::milliseconds grace) {
    if (http_) http_->stop(grace);
    return backend_->database().close();
  }

 private:
  FrontDoor front_door_;
  std::optional<Backend> backend_;  // once start() has returned
  std::optional<Service> service_;  // likewise
  CollectionWatch watch_;
  std::unique_ptr<HttpServer> http_;  // ends first
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::start(const ServerOptions& options) {
  auto impl = std::make_unique<Impl>();
  OMEN_TRY(impl->start(options));
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

std::uint16_t Server::port() const { return impl_->port(); }
void Server::reload_certificate() { impl_->reload_certificate(); }
void Server::look_around() { impl_->look_around(); }
Result<void> Server::stop(std::chrono::milliseconds grace) { return impl_->stop(grace); }

}  // namespace omendb
