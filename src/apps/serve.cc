#include "apps/serve.h"

#include <fmt/format.h>
#include <signal.h>

#include <charconv>
#include <cstdio>

#include "base/try.h"
#include "server/server.h"

namespace omendb {
namespace {

constexpr std::chrono::seconds kGrace{10};  // for requests that are being answered when we are told to end

struct Address {
  std::string host;  // an IP address
  std::uint16_t port = 0;
};

// "127.0.0.1:6333", "[::1]:6333" or "localhost:6333".
Result<Address> parse_address(const std::string& text) {
  const Error wrong{ErrorCode::InvalidArgument, "--listen takes HOST:PORT, and is \"" + text + "\""};
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return wrong;
  Address address{.host = text.substr(0, colon)};
  const char* begin = text.data() + colon + 1;
  const char* end = text.data() + text.size();
  const auto [last, error] = std::from_chars(begin, end, address.port);
  if (error != std::errc() || last != end || begin == end) return wrong;
  if (address.host.starts_with('[') && address.host.ends_with(']'))
    address.host = address.host.substr(1, address.host.size() - 2);
  if (address.host == "localhost") address.host = "127.0.0.1";
  return address;
}

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

std::string shown(const Address& address, std::uint16_t port, bool tls) {
  const bool is_v6 = address.host.find(':') != std::string::npos;
  return fmt::format("{}://{}:{}", tls ? "https" : "http", is_v6 ? "[" + address.host + "]" : address.host, port);
}

}  // namespace

Result<void> run_serve(const ServeArguments& arguments) {
  const Address address = OMEN_TRY(parse_address(arguments.listen));
  const bool has_key = !arguments.api_key.empty() || !arguments.read_only_api_key.empty();
  if (!is_loopback(address.host) && !has_key && !arguments.insecure_listen) {
    return Error{ErrorCode::InvalidArgument,
                 "others can reach " + address.host + ": set --api-key, or --insecure-listen if they shall"};
  }
  const sigset_t signals = block_signals();
  signal(SIGPIPE, SIG_IGN);

  ServerOptions options;
  options.directory = arguments.directory;
  options.http.address = address.host;
  options.http.port = address.port;
  options.http.certificate_file = arguments.certificate_file;
  options.http.key_file = arguments.key_file;
  options.keys = {.full = arguments.api_key, .read_only = arguments.read_only_api_key};
  const std::unique_ptr<Server> server = OMEN_TRY(Server::start(options));
  fmt::print("omendb listens on {}\n", shown(address, server->port(), !arguments.certificate_file.empty()));
  if (!is_loopback(address.host) && !has_key)
    fmt::print("anybody who reaches this address may read and change everything\n");
  std::fflush(stdout);

  int received = 0;
  sigwait(&signals, &received);
  return server->stop(kGrace);
}

}  // namespace omendb
