#include "apps/serve.h"

#include <fmt/format.h>
#include <signal.h>

#include <cstdio>
#include <filesystem>
#include <utility>

#include "base/try.h"
#include "os/open_files.h"
#include "server/backend.h"
#include "server/log.h"
#include "server/server.h"

namespace omendb {
namespace {

constexpr std::chrono::seconds kGrace{10};  // for requests that are being answered when we are told to end
constexpr std::chrono::seconds kLookEvery{5};

bool is_loopback(const std::string& host) { return host.starts_with("127.") || host == "::1"; }

// Blocked before any thread is made, so that no thread is interrupted and this one can wait for them.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

std::string shown(const Config& config, std::uint16_t port) {
  const bool is_v6 = config.host.find(':') != std::string::npos;
  return fmt::format("{}://{}:{}", config.enable_tls ? "https" : "http", is_v6 ? "[" + config.host + "]" : config.host,
                     port);
}

bool has_key(const Config& config) { return !config.api_key.empty() || !config.read_only_api_key.empty(); }

// What no value says of itself.
Result<void> check(const Config& config) {
  if (config.storage_path.empty()) {
    return Error{ErrorCode::InvalidArgument, "where is the database? Set --db or storage.storage_path"};
  }
  if (is_loopback(config.host) || has_key(config) || config.insecure_listen) return {};
  return Error{ErrorCode::InvalidArgument, "others can reach " + config.host +
                                               ": set --api-key (service.api_key), or --insecure-listen "
                                               "(service.insecure_listen) if they shall"};
}

ServerOptions options_of(const Config& config) {
  ServerOptions options;
  options.directory = config.storage_path;
  options.http.address = config.host;
  options.http.port = static_cast<std::uint16_t>(config.http_port);
  if (config.enable_tls) {
    options.http.certificate_file = config.certificate_file;
    options.http.key_file = config.key_file;
  }
  options.http.limits.body_bytes_max = std::size_t{config.max_request_size_mb} << 20;
  options.http.limits.memory_bytes_max = std::size_t{config.memory_limit_mb} << 20;
  options.slow_query = std::chrono::milliseconds(config.slow_query_ms);
  options.keys = {.full = config.api_key, .read_only = config.read_only_api_key};
  return options;
}

LogOptions log_options_of(const Config& config) {
  LogOptions options;
  if (config.log_level == "trace") options.level = LogLevel::Trace;
  if (config.log_level == "debug") options.level = LogLevel::Debug;
  if (config.log_level == "warn") options.level = LogLevel::Warning;
  if (config.log_level == "error") options.level = LogLevel::Error;
  if (config.log_level == "off") options.level = LogLevel::Off;
  if (config.log_format == "json") options.format = LogFormat::Json;
  return options;
}

// The server's certificate and key, as files that somebody renews.
class CertificateFiles {
 public:
  CertificateFiles(const Config& config, Server& server) : config_(config), server_(server), loaded_(times()) {}

  void reload() {
    if (!config_.enable_tls) return log_info("there is no certificate to reload");
    loaded_ = times();
    server_.reload_certificate();
  }

  // Once both have been left alone since the last look: they are not written in one moment.
  void look() {
    const Times now = times();
    const bool is_settled = now == seen_;
    seen_ = now;
    if (is_settled && now != loaded_) reload();
  }

 private:
  using Times = std::pair<std::filesystem::file_time_type, std::filesystem::file_time_type>;

  Times times() const {
    if (!config_.enable_tls) return {};
    std::error_code ignored;  // what is not there has a time of its own
    return {std::filesystem::last_write_time(config_.certificate_file, ignored),
            std::filesystem::last_write_time(config_.key_file, ignored)};
  }

  const Config& config_;
  Server& server_;
  Times loaded_;
  Times seen_;
};

// Returns the signal that ends the server. Meanwhile looks around.
int look_after(Server& server, const Config& config, const sigset_t& signals) {
  const timespec time{.tv_sec = kLookEvery.count(), .tv_nsec = 0};
  CertificateFiles certificate(config, server);
  while (true) {
    const int received = sigtimedwait(&signals, nullptr, &time);
    if (received == SIGHUP) {
      certificate.reload();
    } else if (received > 0) {
      return received;
    } else {
      server.look_around();
      certificate.look();
    }
  }
}

Result<void> serve(const LoadedConfig& loaded) {
  const Config& config = loaded.values;
  OMEN_TRY(check(config));
  const sigset_t signals = block_signals();
  signal(SIGPIPE, SIG_IGN);
  const std::uint64_t open_files = raise_open_files_limit();

  log_info("starting", {{"version", kServerName},
                        {"database", config.storage_path},
                        {"open_files_max", open_files},
                        {"configuration", loaded.file.empty() ? "none" : loaded.file}});
  const std::unique_ptr<Server> server = OMEN_TRY(Server::start(options_of(config)));
  const std::string url = shown(config, server->port());
  log_info("listening", {{"address", url}});
  if (!is_loopback(config.host) && !has_key(config))
    log_warning("anybody who reaches this address may read and change everything");
  fmt::print("omendb listens on {}\n", url);
  std::fflush(stdout);

  const int received = look_after(*server, config, signals);
  log_info("stopping", {{"signal", received == SIGINT ? "SIGINT" : "SIGTERM"}});
  OMEN_TRY(server->stop(kGrace));
  log_info("stopped");
  return {};
}

}  // namespace

Result<void> run_serve(const ConfigInputs& inputs) {
  const LoadedConfig loaded = OMEN_TRY(load_config(inputs));
  begin_log(log_options_of(loaded.values));
  for (const std::string& notice : loaded.notices) log_warning("configuration", {{"notice", notice}});
  Result<void> ended = serve(loaded);
  // The command says it once more, as all its errors.
  if (!ended.ok()) log_error("not served", {{"reason", ended.error().message}});
  return ended;
}

Result<void> run_config(const ConfigInputs& inputs) {
  const LoadedConfig loaded = OMEN_TRY(load_config(inputs));
  fmt::print("{}", table_of(loaded));
  std::fflush(stdout);
  for (const std::string& notice : loaded.notices) fmt::print(stderr, "omendb: {}\n", notice);
  return check(loaded.values);
}

}  // namespace omendb
