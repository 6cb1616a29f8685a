// What the HTTP layer adds to an empty handler, seen by clients on loopback: latency of one connection that asks again as
// soon as it has its answer, rate of eight that do, and rate with requests pipelined.
#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "os/executor.h"
#include "server/http/server.h"

namespace omendb {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

class EmptyHandler final : public HttpHandler {
 public:
  HttpResponse answer(HttpRequest&) override { return {}; }
};

std::string request_of(std::size_t body_bytes) {
  if (body_bytes == 0) return "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  return "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body_bytes) + "\r\n\r\n" +
         std::string(body_bytes, '1');
}

// Connections that each send `batch` requests, wait for their answers, and begin again, all on one thread.
class Clients {
 public:
  Clients(std::uint16_t port, std::size_t connections, std::string request, std::size_t batch)
      : answers_awaited_(batch), end_(Clock::now() + std::chrono::seconds(3)) {
    for (std::size_t i = 0; i < batch; ++i) requests_ += request;
    for (std::size_t i = 0; i < connections; ++i) {
      connections_.push_back(std::make_unique<Connection>(context_));
      connections_.back()->socket.connect({asio::ip::address_v4::loopback(), port});
      connections_.back()->socket.set_option(tcp::no_delay(true));
    }
  }

  void run() {
    for (auto& connection : connections_) ask(*connection);
    const auto begin = Clock::now();
    context_.run();
    seconds_ = std::chrono::duration<double>(Clock::now() - begin).count();
    std::sort(micros_.begin(), micros_.end());
  }

  double rate() const { return static_cast<double>(micros_.size() * answers_awaited_) / seconds_; }
  double percentile(double share) const {
    return micros_[static_cast<std::size_t>(share * static_cast<double>(micros_.size() - 1))];
  }

 private:
  struct Connection {
    explicit Connection(asio::io_context& context) : socket(context) {}
    tcp::socket socket;
    std::vector<char> buffer = std::vector<char>(65'536);
    std::size_t line_ends = 0;
    Clock::time_point asked;
  };

  void ask(Connection& connection) {
    connection.asked = Clock::now();
    connection.line_ends = 0;
    asio::write(connection.socket, asio::buffer(requests_));
    read(connection);
  }

  void read(Connection& connection) {
    connection.socket.async_read_some(asio::buffer(connection.buffer),
                                      [&](boost::system::error_code error, std::size_t bytes) {
                                        if (!error) on_read(connection, bytes);
                                      });
  }

  void on_read(Connection& connection, std::size_t bytes) {
    const char* const begin = connection.buffer.data();
    connection.line_ends += static_cast<std::size_t>(std::count(begin, begin + bytes, '\n'));
    if (connection.line_ends < answers_awaited_ * kLinesOfAnswer) return read(connection);
    const auto now = Clock::now();
    micros_.push_back(std::chrono::duration<double, std::micro>(now - connection.asked).count());
    if (now < end_) ask(connection);
  }

  // Status, Date, Content-Type, Content-Length, Access-Control-Allow-Origin, and the empty one.
  static constexpr std::size_t kLinesOfAnswer = 6;

  asio::io_context context_{1};
  const std::size_t answers_awaited_;
  const Clock::time_point end_;
  std::string requests_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<double> micros_;
  double seconds_ = 0;
};

void run(const char* what, std::uint16_t port, std::size_t connections, std::size_t body_bytes, std::size_t batch) {
  Clients clients(port, connections, request_of(body_bytes), batch);
  clients.run();
  std::printf("%-44s %9.0f requests/s   p50 %6.1f us   p99 %7.1f us\n", what, clients.rate(), clients.percentile(0.5),
              clients.percentile(0.99));
}

}  // namespace
}  // namespace omendb

int main() {
  using namespace omendb;
  EmptyHandler handler;
  const auto server = HttpServer::start({}, handler);
  if (!server.ok()) {
    std::fprintf(stderr, "%s\n", server.error().message.c_str());
    return EXIT_FAILURE;
  }
  const std::uint16_t port = (*server)->port();
  run("1 connection", port, 1, 0, 1);
  run("1 connection, bodies of 8 KiB", port, 1, 8'192, 1);
  run("8 connections", port, 8, 0, 1);
  run("8 connections, bodies of 8 KiB", port, 8, 8'192, 1);
  run("8 connections, 16 requests at once", port, 8, 0, 16);
  return EXIT_SUCCESS;
}
