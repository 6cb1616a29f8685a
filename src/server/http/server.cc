#include "server/http/server.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <map>
#include <mutex>
#include <new>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/try.h"
#include "os/executor.h"
#include "server/http/connection.h"
#include "server/http/work_queue.h"

namespace omendb {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using ConnectionPtr = std::shared_ptr<HttpConnection>;

// How many connections there are, in all and from each address.
class Doorman {
 public:
  explicit Doorman(const HttpLimits& limits) : limits_(limits) {}

  bool lets_in(const std::string& peer) {
    std::lock_guard lock(mutex_);
    if (all_ >= limits_.connections_max || of_peer_[peer] >= limits_.connections_per_address_max) {
      if (of_peer_[peer] == 0) of_peer_.erase(peer);
      return false;
    }
    ++all_;
    ++of_peer_[peer];
    return true;
  }

  void sees_out(const std::string& peer) {
    {
      std::lock_guard lock(mutex_);
      --all_;
      if (--of_peer_[peer] == 0) of_peer_.erase(peer);
    }
    changed_.notify_all();
  }

  bool waits_until_empty(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, time, [this] { return all_ == 0; });
  }

 private:
  const HttpLimits& limits_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint32_t all_ = 0;
  std::map<std::string, std::uint32_t> of_peer_;
};

// An io thread and its connections.
class Loop final : public HttpConnection::Keeper {
 public:
  Loop(HttpShared& shared, Doorman& doorman) : shared_(shared), doorman_(doorman) {}

  asio::io_context& context() { return context_; }

  void begin(const std::string& name) {
    thread_ = std::make_unique<Thread>(name, Priority::Normal, [this] { run(); });
  }

  void end() {
    context_.stop();
    thread_ = nullptr;
  }

  // Any thread.
  void take_in(tcp::socket socket, HttpConnection::TlsContext* tls, const std::string& peer) {
    auto connection = std::make_shared<HttpConnection>(std::move(socket), tls, peer, shared_, *this);
    asio::post(context_, [this, connection] { keep(connection); });
  }
  void wind_up() {
    asio::post(context_, [this] { for_each([](HttpConnection& connection) { connection.wind_up(); }); });
  }
  void close_all() {
    asio::post(context_, [this] { for_each([](HttpConnection& connection) { connection.close(); }); });
  }

 private:
  // Handlers catch what they throw; should one not, it costs that handler and not the process.
  void run() {
    for (;;) {
      try {
        context_.run();
        return;
      } catch (...) {
      }
    }
  }

  void keep(const ConnectionPtr& connection) {
    ++shared_.counters.connections_open;
    connections_.emplace(connection.get(), connection);
    if (!is_ticking_) tick();
    connection->start();
    if (shared_.stopping) connection->wind_up();
  }

  void forget(HttpConnection& connection) override {
    if (connections_.erase(&connection) == 0) return;
    --shared_.counters.connections_open;
    doorman_.sees_out(connection.peer());
  }

  // One timer for all connections: timeouts need no precision, and a timer set for each request would cost its share.
  void tick() {
    constexpr std::chrono::milliseconds kTick{100};
    is_ticking_ = !connections_.empty();
    if (!is_ticking_) return;
    timer_.expires_after(kTick);
    timer_.async_wait([this](error_code error) {
      if (error) return;
      tick();
      const auto now = std::chrono::steady_clock::now();
      for_each([&](HttpConnection& connection) {
        connection.check_time(now);
        if (shared_.stopping) connection.wind_up();
      });
    });
  }

  template <class Act>
  void for_each(Act act) {
    std::vector<ConnectionPtr> all;  // a copy: closed ones leave the map
    all.reserve(connections_.size());
    for (const auto& entry : connections_) all.push_back(entry.second);
    for (const ConnectionPtr& connection : all) act(*connection);
  }

  HttpShared& shared_;
  Doorman& doorman_;
  asio::io_context context_{1};
  const asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};

  // The io thread's.
  std::unordered_map<HttpConnection*, ConnectionPtr> connections_;
  asio::steady_timer timer_{context_};
  bool is_ticking_ = false;

  std::unique_ptr<Thread> thread_;
};

Error bad_file(const char* what, const std::string& file, const error_code& error) {
  return Error{ErrorCode::InvalidArgument, std::string(what) + " " + file + " cannot be used: " + error.message()};
}

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_length, const unsigned char* offered,
                    unsigned int offered_length, void*) {
  static constexpr unsigned char kOurs[] = "\x08http/1.1";
  unsigned char* found = nullptr;
  const int match =
      ::SSL_select_next_proto(&found, chosen_length, kOurs, sizeof kOurs - 1, offered, offered_length);
  if (match != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

Result<std::unique_ptr<asio::ssl::context>> make_tls(const HttpOptions& options) {
  if (options.certificate_file.empty() != options.key_file.empty()) {
    return Error{ErrorCode::InvalidArgument, "TLS needs a certificate file and a key file, only one was given"};
  }
  if (options.certificate_file.empty()) return std::unique_ptr<asio::ssl::context>();
  auto tls = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  ::SSL_CTX_set_min_proto_version(tls->native_handle(), TLS1_2_VERSION);
  ::SSL_CTX_set_options(tls->native_handle(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  ::SSL_CTX_set_alpn_select_cb(tls->native_handle(), choose_protocol, nullptr);
  error_code error;
  if (tls->use_certificate_chain_file(options.certificate_file, error)) {
    return bad_file("the certificate", options.certificate_file, error);
  }
  if (tls->use_private_key_file(options.key_file, asio::ssl::context::pem, error)) {
    return bad_file("the key", options.key_file, error);
  }
  return tls;
}

Result<tcp::endpoint> endpoint_of(const HttpOptions& options) {
  error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) return Error{ErrorCode::InvalidArgument, "'" + options.address + "' is not an IP address"};
  return tcp::endpoint(address, options.port);
}

Result<void> listen(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
  if (!error) return {};
  return Error{ErrorCode::IoError, "cannot listen on " + endpoint.address().to_string() + " port " +
                                       std::to_string(endpoint.port()) + ": " + error.message()};
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(const HttpOptions& options, HttpHandler& handler, std::unique_ptr<asio::ssl::context> tls)
      : shared_(options, handler), doorman_(shared_.options.limits), tls_(std::move(tls)) {
    for (std::size_t i = 0; i < std::max<std::size_t>(1, options.io_threads); ++i) {
      loops_.push_back(std::make_unique<Loop>(shared_, doorman_));
    }
    acceptor_.emplace(loops_.front()->context());
    retry_.emplace(loops_.front()->context());
  }
  ~Impl() { stop(std::chrono::milliseconds(0)); }

  Result<void> begin() {
    const tcp::endpoint endpoint = OMEN_TRY(endpoint_of(shared_.options));
    OMEN_TRY(listen(*acceptor_, endpoint));
    error_code ignored;
    port_ = acceptor_->local_endpoint(ignored).port();

    const std::size_t workers = shared_.options.workers > 0 ? shared_.options.workers : 4 * core_count();
    workers_ = std::make_unique<WorkQueue>(workers, shared_.options.limits.queued_requests_max);
    shared_.workers = workers_.get();
    accept();
    for (std::size_t i = 0; i < loops_.size(); ++i) loops_[i]->begin("http-io-" + std::to_string(i));
    return {};
  }

  std::uint16_t port() const { return port_; }
  const HttpCounters& counters() const { return shared_.counters; }
  std::size_t request_memory_bytes() const { return shared_.memory.used(); }

  Result<void> reload_certificate() {
    std::shared_ptr<asio::ssl::context> tls = OMEN_TRY(make_tls(shared_.options));
    std::lock_guard lock(tls_mutex_);
    tls_ = std::move(tls);
    return {};
  }

  void stop(std::chrono::milliseconds grace) {
    if (!workers_ || shared_.stopping.exchange(true)) return;  // never begun, or stopped
    asio::post(loops_.front()->context(), [this] {
      error_code ignored;
      acceptor_->close(ignored);
      retry_->cancel();
    });
    for (auto& loop : loops_) loop->wind_up();
    if (!doorman_.waits_until_empty(grace)) {
      workers_->drop_waiting();
      for (auto& loop : loops_) loop->close_all();
    }
    workers_->end();  // before the loops: what it runs posts to them
    for (auto& loop : loops_) loop->end();
  }

 private:
  std::shared_ptr<asio::ssl::context> tls() {
    std::lock_guard lock(tls_mutex_);
    return tls_;
  }

  // The first loop's thread.
  void accept() {
    Loop& loop = *loops_[next_++ % loops_.size()];
    acceptor_->async_accept(loop.context(), [this, &loop](error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted || !acceptor_->is_open()) return;
      if (error) return accept_later();
      accept();
      welcome(loop, std::move(socket));
    });
  }

  // Without file descriptors left, accepting would fail at once again and again.
  void accept_later() {
    retry_->expires_after(std::chrono::milliseconds(50));
    retry_->async_wait([this](error_code error) {
      if (!error && acceptor_->is_open()) accept();
    });
  }

  void welcome(Loop& loop, tcp::socket socket) {
    error_code error;
    const auto remote = socket.remote_endpoint(error);
    if (error) return;
    const std::string peer = remote.address().to_string();
    if (!doorman_.lets_in(peer)) return turn_away(std::move(socket));
    ++shared_.counters.connections_accepted;
    try {
      loop.take_in(std::move(socket), tls().get(), peer);  // needs it no longer than that: OpenSSL counts who does
    } catch (const std::bad_alloc&) {
      doorman_.sees_out(peer);
    }
  }

  // Says why, if one packet can.
  void turn_away(tcp::socket socket) {
    ++shared_.counters.connections_refused;
    if (tls() != nullptr) return;
    HttpExchange exchange;
    exchange.keep_alive = false;
    exchange.refusal = refuse_for_now(shared_.handler, 503, "too many connections are open");
    std::string out;
    const AnswerSettings settings{
        .cors = shared_.options.cors, .compress = false, .server_name = shared_.options.server_name};
    append_answer(exchange, shared_.handler, settings, out);
    error_code ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(out), ignored);
    socket.shutdown(tcp::socket::shutdown_send, ignored);
  }

  HttpShared shared_;
  Doorman doorman_;

  std::mutex tls_mutex_;
  std::shared_ptr<asio::ssl::context> tls_;  // null: there is none

  std::uint16_t port_ = 0;

  std::vector<std::unique_ptr<Loop>> loops_;
  std::unique_ptr<WorkQueue> workers_;

  // The first loop's thread, once it runs.
  std::optional<tcp::acceptor> acceptor_;
  std::optional<asio::steady_timer> retry_;
  std::size_t next_ = 0;
};

Result<std::unique_ptr<HttpServer>> HttpServer::start(const HttpOptions& options, HttpHandler& handler) {
  std::unique_ptr<asio::ssl::context> tls = OMEN_TRY(make_tls(options));
  auto impl = std::make_unique<Impl>(options, handler, std::move(tls));
  OMEN_TRY(impl->begin());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

std::uint16_t HttpServer::port() const { return impl_->port(); }
const HttpCounters& HttpServer::counters() const { return impl_->counters(); }
std::size_t HttpServer::request_memory_bytes() const { return impl_->request_memory_bytes(); }
Result<void> HttpServer::reload_certificate() { return impl_->reload_certificate(); }
void HttpServer::stop(std::chrono::milliseconds grace) { impl_->stop(grace); }

}  // namespace omendb
