#include "server/http/connection.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <span>
#include <utility>

#include "os/memory.h"

namespace omendb {
namespace {

namespace asio = boost::asio;

// A batch is answered in pieces of about this size, so that the answers of many requests never lie in memory together.
constexpr std::size_t kPieceBytes = std::size_t{256} << 10;

// For a client to read the last answer. A socket closed while bytes come in would take that answer back.
constexpr std::chrono::milliseconds kLeaveTime{2'000};

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

HttpShared::HttpShared(const HttpOptions& chosen, HttpHandler& theirs)
    : options(chosen),
      handler(theirs),
      memory(chosen.limits.memory_bytes_max > 0 ? chosen.limits.memory_bytes_max : memory_limit_bytes() / 4) {}

HttpConnection::HttpConnection(Socket socket, TlsContext* tls, std::string peer, HttpShared& shared, Keeper& keeper)
    : shared_(shared),
      keeper_(keeper),
      peer_(std::move(peer)),
      settings_{shared.options.cors, shared.options.compress, shared.options.server_name, &shared.stopping},
      reader_({&shared.options.limits, shared.options.cors, peer_, gone_, &shared.memory}, shared.handler),
      tick_(socket.get_executor()),
      sending_(shared.memory),
      socket_(std::move(socket)) {
  Error ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
  if (tls != nullptr) tls_.emplace(socket_, *tls);
}

HttpConnection::~HttpConnection() {
  if (holds_stream_) --shared_.counters.streams_open;
}

void HttpConnection::start() {
  if (!tls_) {
    stage_ = Stage::Open;
    return read();
  }
  tls_->async_handshake(asio::ssl::stream_base::server, [self = shared_from_this()](Error error) {
    if (error) return self->close();
    if (self->stage_ != Stage::Handshake) return;
    {
      std::lock_guard lock(self->mutex_);
      self->since_ = std::chrono::steady_clock::now();
    }
    self->stage_ = Stage::Open;
    self->read();
  });
}

void HttpConnection::read() {
  if (reading_ || peer_closed_ || stage_ == Stage::Closed) return;
  const auto room = reader_.room();
  if (room.empty()) return;  // until the turn ends
  reading_ = true;
  const auto on_done = [self = shared_from_this()](Error error, std::size_t bytes) {
    self->guard([&] { self->on_read(error, bytes); });
  };
  const asio::mutable_buffer buffer(room.data(), room.size());
  if (tls_) {
    tls_->async_read_some(buffer, on_done);
  } else {
    socket_.async_read_some(buffer, on_done);
  }
}

void HttpConnection::on_read(Error error, std::size_t bytes) {
  reading_ = false;
  if (stage_ == Stage::Closed) return;
  if (error) return on_peer_closed(error);
  shared_.counters.bytes_received += bytes;
  if (stage_ == Stage::Open) {
    reader_.received(bytes);
    advance();
  }
  read();
}

// A client that only closed its sending side may still wait for answers.
void HttpConnection::on_peer_closed(Error error) {
  peer_closed_ = true;
  gone_->store(true, std::memory_order_relaxed);
  bool waits_for_answers = false;
  {
    std::lock_guard lock(mutex_);
    waits_for_answers = taken_ && !streaming_;
    overslept_ = true;
  }
  const bool orderly = error == asio::error::eof || error == asio::ssl::error::stream_truncated;
  if (!orderly || !waits_for_answers || stage_ == Stage::Leaving) close();
}

// Gives the turn to the requests that are complete, if nobody has it.
void HttpConnection::advance() {
  if (stage_ != Stage::Open) return;
  {
    std::lock_guard lock(mutex_);
    if (taken_) {
      overslept_ = true;
      return;
    }
  }
  std::vector<HttpExchange> batch = reader_.take();
  const auto phase = reader_.phase();
  if (std::exchange(phase_, phase) != phase) {
    std::lock_guard lock(mutex_);
    since_ = std::chrono::steady_clock::now();
  }
  if (!batch.empty()) return give_turn(std::move(batch));
  if (peer_closed_) return leave();
  if (!reader_.take_continue()) return;
  {
    std::lock_guard lock(mutex_);
    taken_ = true;
  }
  send(std::string(kContinue));
}

void HttpConnection::give_turn(std::vector<HttpExchange> batch) {
  batch_ = std::move(batch);
  answered_ = 0;
  {
    std::lock_guard lock(mutex_);
    taken_ = true;
    overslept_ = reader_.has_unread() || peer_closed_;
  }
  deal_out();
}

// Has the rest of the batch answered: by a worker, or here if that needs no handler.
void HttpConnection::deal_out() {
  const auto rest = std::span(batch_).subspan(answered_);
  const bool is_work = std::any_of(rest.begin(), rest.end(), [](const auto& exchange) { return !exchange.refusal; });
  if (is_work && offer(&HttpConnection::answer_batch)) return;
  for (HttpExchange& exchange : rest) {
    if (exchange.refusal) continue;
    exchange.refusal = refuse_for_now(shared_.handler, 429, "too many requests are waiting");
  }
  answer_batch();
}

void HttpConnection::answer_batch() {
  std::string out;
  while (goes_on_ && answered_ < batch_.size() && !stream_.source && out.size() < kPieceBytes) {
    answer(batch_[answered_++], out);
  }
  send(std::move(out));
}

void HttpConnection::answer(HttpExchange& exchange, std::string& out) {
  ++(exchange.refusal ? shared_.counters.requests_refused : shared_.counters.requests);
  const std::size_t begin = out.size();
  OpenStream stream = append_answer(exchange, shared_.handler, settings_, out);
  if (stream.source) {
    begin_stream(exchange, std::move(stream), begin, out);
  } else if (!sending_.cover(out.size())) {
    replace_answer(exchange, refuse_for_now(shared_.handler, 429, kNoMemory), begin, out);
  }
  goes_on_ = exchange.keep_alive;
  exchange = {};
}

// Changes that were answered are done all the same.
void HttpConnection::replace_answer(HttpExchange& exchange, HttpResponse refusal, std::size_t begin, std::string& out) {
  out.resize(begin);
  out.shrink_to_fit();
  exchange.refusal = std::move(refusal);
  append_answer(exchange, shared_.handler, settings_, out);
}

void HttpConnection::begin_stream(HttpExchange& exchange, OpenStream stream, std::size_t answer_begin,
                                  std::string& out) {
  if (++shared_.counters.streams_open > shared_.options.limits.streams_max) {
    --shared_.counters.streams_open;
    return replace_answer(exchange, refuse_for_now(shared_.handler, 429, "too many streams are open"), answer_begin,
                          out);
  }
  holds_stream_ = true;
  stream_ = std::move(stream);
  {
    std::lock_guard lock(mutex_);
    streaming_ = true;
  }
  poll_stream(out);
}

void HttpConnection::poll_stream(std::string& out) {
  const auto part = shared_.stopping ? std::nullopt : stream_.source->next();
  if (part) return append_stream_part(*part, stream_.chunked, out);
  append_stream_end(stream_.chunked, out);
  stream_.source = nullptr;
}

void HttpConnection::continue_stream() {
  std::string out;
  poll_stream(out);
  send(std::move(out));
}

// The socket is written to here, whichever thread this is: the io thread would have to be woken for it.
void HttpConnection::send(std::string bytes) {
  std::unique_lock lock(mutex_);
  if (closed_) return;
  since_ = std::chrono::steady_clock::now();
  std::size_t count = 0;
  Error error;
  while (!tls_ && !error && count < bytes.size()) count += socket_.write_some(asio::buffer(bytes) + count, error);
  shared_.counters.bytes_sent += count;
  if (error && error != asio::error::would_block) {
    lock.unlock();
    return post(&HttpConnection::close);
  }
  if (count < bytes.size()) {
    unsent_ = std::move(bytes);
    unsent_begin_ = count;
    lock.unlock();
    return post(&HttpConnection::send_rest);
  }
  lock.unlock();
  sent();
}

void HttpConnection::send_rest() {
  if (stage_ == Stage::Closed) return;
  const auto rest = asio::buffer(unsent_) + unsent_begin_;
  const auto on_done = [self = shared_from_this()](Error error, std::size_t bytes) {
    self->guard([&] { self->on_sent(error, bytes); });
  };
  if (tls_) {
    tls_->async_write_some(rest, on_done);
  } else {
    socket_.async_write_some(rest, on_done);
  }
}

void HttpConnection::on_sent(Error error, std::size_t bytes) {
  if (stage_ == Stage::Closed) return;
  if (error) return close();
  shared_.counters.bytes_sent += bytes;
  {
    std::lock_guard lock(mutex_);
    since_ = std::chrono::steady_clock::now();
    unsent_begin_ += bytes;
  }
  if (unsent_begin_ < unsent_.size()) return send_rest();
  {
    std::lock_guard lock(mutex_);
    unsent_ = {};
    unsent_begin_ = 0;
  }
  sent();
}

// What was to be sent is sent: what is next?
void HttpConnection::sent() {
  sending_.release();
  if (stream_.source) return post(&HttpConnection::await_tick);
  if (!goes_on_) return post(&HttpConnection::leave);
  if (answered_ < batch_.size()) return deal_out();
  if (end_turn()) post(&HttpConnection::resume);
}

// Whether the io thread has something to do.
bool HttpConnection::end_turn() {
  std::lock_guard lock(mutex_);
  taken_ = false;
  since_ = std::chrono::steady_clock::now();
  return std::exchange(overslept_, false);
}

void HttpConnection::resume() {
  advance();
  read();
}

void HttpConnection::await_tick() {
  if (stage_ == Stage::Closed) return;
  constexpr std::chrono::milliseconds kRetry{5};  // should the workers be too busy to end it
  tick_.expires_after(shared_.stopping ? kRetry : std::max(kRetry, stream_.every));
  tick_.async_wait([self = shared_from_this()](Error) {
    if (self->stage_ == Stage::Closed) return;
    if (!self->offer(&HttpConnection::continue_stream)) self->await_tick();
  });
}

// Lets the client read the last answer before the socket is closed.
void HttpConnection::leave() {
  if (stage_ != Stage::Open) return;
  stage_ = Stage::Leaving;
  reader_.end();
  if (peer_closed_) return close();
  {
    std::lock_guard lock(mutex_);
    since_ = std::chrono::steady_clock::now();
    Error ignored;
    if (!tls_) socket_.shutdown(Socket::shutdown_send, ignored);
  }
  if (tls_) tls_->async_shutdown([self = shared_from_this()](Error) { self->close(); });
  read();
}

void HttpConnection::close() {
  if (std::exchange(stage_, Stage::Closed) == Stage::Closed) return;
  gone_->store(true, std::memory_order_relaxed);
  tick_.cancel();
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
    Error ignored;
    socket_.close(ignored);
  }
  keeper_.forget(*this);
}

void HttpConnection::wind_up() {
  if (stage_ == Stage::Handshake) return close();
  if (stage_ != Stage::Open) return;
  tick_.cancel();
  bool is_idle = false;
  {
    std::lock_guard lock(mutex_);
    is_idle = !taken_ && reader_.phase() == RequestReader::Phase::Idle;
  }
  if (!is_idle) return;
  if (!tls_) return close();
  // As if the client had said its goodbye: ours is sent and not waited upon.
  ::SSL_set_shutdown(tls_->native_handle(), SSL_RECEIVED_SHUTDOWN);
  leave();
}

std::chrono::milliseconds HttpConnection::time_allowed() const {
  const HttpLimits& limits = shared_.options.limits;
  if (stage_ == Stage::Handshake) return limits.head_time;
  if (stage_ == Stage::Leaving) return kLeaveTime;
  if (!unsent_.empty()) return limits.send_time;
  if (taken_) return std::chrono::milliseconds::max();
  switch (reader_.phase()) {
    case RequestReader::Phase::Idle: return limits.idle_time;
    case RequestReader::Phase::Head: return limits.head_time;
    case RequestReader::Phase::Body:
      return limits.body_time +
             std::chrono::seconds(reader_.body_bytes() / std::max<std::size_t>(1, limits.body_bytes_per_second_min));
    case RequestReader::Phase::Ended: return kLeaveTime;
  }
  return kLeaveTime;
}

void HttpConnection::check_time(TimePoint now) {
  bool too_late = false;
  bool can_answer = false;
  {
    std::lock_guard lock(mutex_);
    too_late = std::chrono::duration_cast<std::chrono::milliseconds>(now - since_) >= time_allowed();
    can_answer = stage_ == Stage::Open && !taken_ && reader_.phase() != RequestReader::Phase::Idle;
  }
  if (!too_late) return;
  if (!can_answer) return close();
  std::vector<HttpExchange> batch;
  batch.push_back(reader_.give_up(408, "the request took too long to arrive"));
  give_turn(std::move(batch));
}

void HttpConnection::post(void (HttpConnection::*act)()) {
  asio::post(socket_.get_executor(), [self = shared_from_this(), act] { self->guard([&] { (self.get()->*act)(); }); });
}

bool HttpConnection::offer(void (HttpConnection::*act)()) {
  return shared_.workers->offer([self = shared_from_this(), act] { self->guard([&] { (self.get()->*act)(); }); });
}

// What is thrown here is want of memory where no answer can be made of it, or by a stream.
template <class Act>
void HttpConnection::guard(Act act) noexcept {
  try {
    act();
  } catch (...) {
    post(&HttpConnection::close);
  }
}

}  // namespace omendb
