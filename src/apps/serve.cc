#include "apps/serve.h"

#include <fmt/format.h>
#include <signal.h>

#include <cstdio>

#include "base/try.h"
#include "server/server.h"

namespace omendb {
namespace {

constexpr std::chrono::seconds kGrace{10};  // for requests that are being answered when we are told to end

bool is_loopback(const std::string& host) { return host.starts_with("127.") || host == "::1"; }

// Blocked before any thread is made, so that no thread is interrupted and this one can wait for them.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
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
  options.keys = {.full = config.api_key, .read_only = config.read_only_api_key};
  return options;
}

void print_notices(const LoadedConfig& config) {
  for (const std::string& notice : config.notices) fmt::print(stderr, "omendb: {}\n", notice);
}

}  // namespace

Result<void> run_serve(const ConfigInputs& inputs) {
  const LoadedConfig loaded = OMEN_TRY(load_config(inputs));
  print_notices(loaded);
  const Config& config = loaded.values;
  OMEN_TRY(check(config));
  const sigset_t signals = block_signals();
  signal(SIGPIPE, SIG_IGN);

  const std::unique_ptr<Server> server = OMEN_TRY(Server::start(options_of(config)));
  fmt::print("omendb listens on {}\n", shown(config, server->port()));
  if (!is_loopback(config.host) && !has_key(config))
    fmt::print("anybody who reaches this address may read and change everything\n");
  std::fflush(stdout);

  int received = 0;
  sigwait(&signals, &received);
  return server->stop(kGrace);
}

Result<void> run_config(const ConfigInputs& inputs) {
  const LoadedConfig loaded = OMEN_TRY(load_config(inputs));
  fmt::print("{}", table_of(loaded));
  std::fflush(stdout);
  print_notices(loaded);
  return {};
}

}  // namespace omendb
