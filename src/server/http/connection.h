// One client's connection: a socket, perhaps TLS on it, and the reader of its requests.
//
// The io thread of its loop reads and keeps the time. A batch of requests is answered by one thread at a time, which holds
// the connection's *turn*: it sends the answers itself if the socket takes them, which saves a hop, and leaves the rest to
// the io thread. While somebody has the turn, no request is taken from the reader.
#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/answer.h"
#include "server/http/request_reader.h"
#include "server/http/server.h"
#include "server/http/work_queue.h"

namespace omendb {

// What the connections of a server have in common.
struct HttpShared {
  HttpShared(const HttpOptions& chosen, HttpHandler& theirs);

  const HttpOptions options;
  HttpHandler& handler;
  RequestMemory memory;
  HttpCounters counters;
  std::atomic<bool> stopping{false};  // set by stop(), looked at by whoever decides whether a connection goes on
  WorkQueue* workers = nullptr;       // set before the first connection
};

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using TlsContext = boost::asio::ssl::context;
  using TimePoint = std::chrono::steady_clock::time_point;

  // Whoever keeps the connections of a loop. On its io thread.
  class Keeper {
   public:
    virtual ~Keeper() = default;
    virtual void forget(HttpConnection& connection) = 0;
  };

  HttpConnection(Socket socket, TlsContext* tls, std::string peer, HttpShared& shared, Keeper& keeper);
  ~HttpConnection();

  const std::string& peer() const { return peer_; }

  // On the io thread, all of them.
  void start();
  void check_time(TimePoint now);
  void wind_up();  // the server stops: ends what is idle, and streams
  void close();

 private:
  enum class Stage { Handshake, Open, Leaving, Closed };
  using Error = boost::system::error_code;

  // The io thread.
  void read();
  void on_read(Error error, std::size_t bytes);
  void on_peer_closed(Error error);
  void advance();
  void give_turn(std::vector<HttpExchange> batch);
  void resume();
  void send_rest();
  void on_sent(Error error, std::size_t bytes);
  void leave();
  void await_tick();
  std::chrono::milliseconds time_allowed() const;

  // Whoever has the turn.
  void deal_out();
  void answer_batch();
  void answer(HttpExchange& exchange, std::string& out);
  void replace_answer(HttpExchange& exchange, HttpResponse refusal, std::size_t begin, std::string& out);
  void begin_stream(HttpExchange& exchange, OpenStream stream, std::size_t answer_begin, std::string& out);
  void poll_stream(std::string& out);
  void continue_stream();
  void send(std::string bytes);
  void sent();
  bool end_turn();
  void post(void (HttpConnection::*act)());   // to the io thread
  bool offer(void (HttpConnection::*act)());  // to the workers
  template <class Act>
  void guard(Act act) noexcept;

  HttpShared& shared_;
  Keeper& keeper_;
  const std::string peer_;
  const AnswerSettings settings_;
  const std::shared_ptr<std::atomic<bool>> gone_ = std::make_shared<std::atomic<bool>>(false);

  // The io thread's.
  RequestReader reader_;
  Stage stage_ = Stage::Handshake;
  RequestReader::Phase phase_ = RequestReader::Phase::Idle;  // when it was last looked at
  bool reading_ = false;
  bool peer_closed_ = false;
  boost::asio::steady_timer tick_;  // of a stream

  // Of whoever has the turn.
  std::vector<HttpExchange> batch_;
  std::size_t answered_ = 0;  // of the batch
  bool goes_on_ = true;       // after the batch
  OpenStream stream_;
  bool holds_stream_ = false;  // counted in streams_open
  MemoryLease sending_;        // covers the answers until they are sent

  // Guards the socket against being closed, shut down or written to at once, and what follows. Reading, by the io thread
  // alone, needs no guard: the system allows it beside writing.
  std::mutex mutex_;
  Socket socket_;
  std::optional<boost::asio::ssl::stream<Socket&>> tls_;  // used by the io thread alone
  bool closed_ = false;
  bool taken_ = false;    // somebody has the turn
  bool streaming_ = false;
  bool overslept_ = false;  // the io thread has something to do when the turn ends
  std::string unsent_;
  std::size_t unsent_begin_ = 0;
  TimePoint since_ = std::chrono::steady_clock::now();  // the last step forward
};

}  // namespace omendb
