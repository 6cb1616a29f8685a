#include "server/http/request_reader.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <cstring>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "server/http/target.h"
#include "server/http/text.h"

namespace omendb {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

// A body, and how large it may become. Beast's own limit counts the header of a malformed chunk each time it reads more of
// it: what is said of such a request would depend on how its bytes come.
struct LimitedBody {
  HttpBody bytes;
  std::uint64_t bytes_max = 0;
};

// Beast's view of it.
struct BodyOf {
  using value_type = LimitedBody;

  class reader {
   public:
    template <bool is_request, class Fields>
    reader(http::header<is_request, Fields>&, LimitedBody& body) : body_(body) {}

    void init(const boost::optional<std::uint64_t>&, error_code& error) { error = {}; }

    template <class Buffers>
    std::size_t put(const Buffers& buffers, error_code& error) {
      error = {};
      std::size_t taken = 0;
      for (auto part = asio::buffer_sequence_begin(buffers); part != asio::buffer_sequence_end(buffers); ++part) {
        const asio::const_buffer bytes(*part);
        if (bytes.size() > body_.bytes_max - body_.bytes.size()) {
          error = http::error::body_limit;
          return taken;
        }
        body_.bytes.append({static_cast<const char*>(bytes.data()), bytes.size()});
        taken += bytes.size();
      }
      return taken;
    }

    void finish(error_code& error) { error = {}; }

   private:
    LimitedBody& body_;
  };
};

using Parser = http::request_parser<BodyOf>;

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

HttpMethod method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get: return HttpMethod::Get;
    case http::verb::head: return HttpMethod::Head;
    case http::verb::post: return HttpMethod::Post;
    case http::verb::put: return HttpMethod::Put;
    case http::verb::patch: return HttpMethod::Patch;
    case http::verb::delete_: return HttpMethod::Delete;
    case http::verb::options: return HttpMethod::Options;
    default: return HttpMethod::Other;
  }
}

struct Refusal {
  int status;
  std::string_view why;
};

Refusal refusal_of(error_code error) {
  if (error == http::error::bad_version) return {505, "only HTTP/1.0 and HTTP/1.1 are spoken here"};
  if (error == http::error::body_limit) return {413, "the body is too large"};
  if (error == http::error::bad_method) return {400, "the request line is malformed"};
  if (error == http::error::bad_target) return {400, "the URL is malformed"};
  if (error == http::error::bad_field || error == http::error::bad_value || error == http::error::bad_obs_fold ||
      error == http::error::bad_line_ending) {
    return {400, "a header is malformed"};
  }
  if (error == http::error::bad_content_length || error == http::error::multiple_content_length) {
    return {400, "Content-Length is malformed or given twice, or Transfer-Encoding is given too"};
  }
  if (error == http::error::bad_transfer_encoding) {
    return {400, "Transfer-Encoding is given twice, or Content-Length is given too"};
  }
  if (error == http::error::bad_chunk || error == http::error::bad_chunk_extension) {
    return {400, "a chunk of the body is malformed"};
  }
  return {400, "this is not a request of HTTP/1.1"};
}

// "HTTP/2.0" at the end of the request line, rather than no version, or something behind ours.
bool names_another_version(std::string_view head) {
  const std::string_view line = head.substr(0, head.find_first_of("\r\n"));
  const std::string_view version = line.substr(line.rfind(' ') + 1);
  return version.size() == 8 && version.starts_with("HTTP/") && version != "HTTP/1.1" && version != "HTTP/1.0";
}

std::size_t count_of(const std::vector<HttpField>& headers, std::string_view name) {
  return static_cast<std::size_t>(std::count_if(
      headers.begin(), headers.end(), [&](const HttpField& field) { return same_word(field.name, name); }));
}

// What Beast lets pass and others would read differently, which is how requests are smuggled past a proxy, and what we
// do not speak.
std::optional<Refusal> objection_to(const HttpExchange& exchange, const HttpLimits& limits) {
  const HttpRequest& request = exchange.request;
  const auto too_large = [&](const HttpField& field) {
    return field.name.size() + field.value.size() > limits.header_bytes_max;
  };
  if (std::any_of(request.headers.begin(), request.headers.end(), too_large)) return Refusal{431, "a header is too large"};

  const std::string* const length = request.header("Content-Length");
  if (count_of(request.headers, "Content-Length") > 1 || (length != nullptr && length->find(',') != std::string::npos)) {
    return Refusal{400, "Content-Length is given twice"};
  }
  if (const std::string* const coding = request.header("Transfer-Encoding")) {
    if (exchange.http_1_0) return Refusal{400, "HTTP/1.0 has no Transfer-Encoding"};
    if (!same_word(*coding, "chunked")) return Refusal{501, "the only Transfer-Encoding known here is chunked"};
  }
  const std::size_t hosts = count_of(request.headers, "Host");
  if (hosts > 1 || (hosts == 0 && !exchange.http_1_0)) return Refusal{400, "exactly one Host header is needed"};

  const std::string* const coding = request.header("Content-Encoding");
  const bool known = coding == nullptr || same_word(*coding, "gzip") || same_word(*coding, "x-gzip") ||
                     same_word(*coding, "deflate") || same_word(*coding, "identity");
  if (!known) return Refusal{415, "the only Content-Encodings known here are gzip and deflate"};
  return std::nullopt;
}

bool is_preflight(const HttpRequest& request) {
  return request.method == HttpMethod::Options && request.header("Origin") != nullptr &&
         request.header("Access-Control-Request-Method") != nullptr;
}

HttpResponse preflight_answer(const HttpRequest& request) {
  HttpResponse response;
  response.status = 204;
  response.headers = {{"Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"},
                      {"Access-Control-Max-Age", "86400"}};
  // Repeated, because a "*" would not stand for Authorization.
  if (const std::string* const wanted = request.header("Access-Control-Request-Headers")) {
    response.headers.push_back({"Access-Control-Allow-Headers", *wanted});
  }
  return response;
}

}  // namespace

class RequestReader::Impl {
 public:
  Impl(Settings settings, HttpHandler& handler)
      : limits_(*settings.limits), cors_(settings.cors), peer_(settings.peer), gone_(std::move(settings.gone)),
        memory_(settings.memory), handler_(handler), capacity_(std::max(kBufferBytes, limits_.head_bytes_max + 4'096)),
        buffer_(std::make_unique_for_overwrite<char[]>(capacity_)) {}

  std::span<char> room() {
    if (begin_ > 0) {
      std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    return {buffer_.get() + end_, capacity_ - end_};
  }

  void received(std::size_t bytes) {
    end_ += bytes;
    looked_at_all_ = false;
  }

  std::vector<HttpExchange> take() {
    std::vector<HttpExchange> batch;
    while (!ended_ && batch.size() < kBatchMax) {
      auto exchange = next();
      if (!exchange) break;
      batch.push_back(std::move(*exchange));
    }
    if (ended_) end();
    return batch;
  }

  bool has_unread() const { return !ended_ && (!looked_at_all_ || owes_continue_); }
  bool take_continue() { return std::exchange(owes_continue_, false); }

  Phase phase() const {
    if (ended_) return Phase::Ended;
    if (current_) return Phase::Body;
    return begin_ < end_ ? Phase::Head : Phase::Idle;
  }

  std::size_t body_bytes() const { return current_ ? parser_->get().body().bytes.size() : 0; }

  void end() {
    ended_ = true;
    owes_continue_ = false;
    begin_ = end_;
  }

  HttpExchange give_up(int status, std::string_view why) {
    end();
    HttpExchange exchange = current_ ? std::move(*current_) : HttpExchange{};
    exchange.refusal = status == 429 ? refuse_for_now(handler_, status, why) : handler_.refuse(status, why);
    exchange.keep_alive = false;
    return exchange;
  }

 private:
  // Holds a head; and with less, a large body would come in small pieces.
  static constexpr std::size_t kBufferBytes = 65'536;

  // The next exchange; nullopt until more bytes come.
  std::optional<HttpExchange> next() {
    try {
      if (!current_) {
        if (auto refused = read_head()) return refused;
        if (!current_) return std::nullopt;
      }
      return read_body();
    } catch (const std::bad_alloc&) {
      return give_up(503, kNoMemory);
    }
  }

  void skip_empty_lines() {  // RFC 9112, section 2.2
    while (begin_ < end_ && (buffer_[begin_] == '\r' || buffer_[begin_] == '\n')) ++begin_;
  }

  // Sets current_ at the end of the head, or returns a refusal of it, or does neither until more bytes come. Nothing is
  // parsed before the head is complete, so the verdict does not depend on the pieces in which it came.
  std::optional<HttpExchange> read_head() {
    if (head_searched_ == 0) skip_empty_lines();
    const std::string_view bytes(buffer_.get() + begin_, std::min(end_ - begin_, limits_.head_bytes_max));
    constexpr std::string_view kHeadEnd = "\r\n\r\n";
    const std::size_t found = bytes.find(kHeadEnd, head_searched_);
    if (found != std::string_view::npos) return parse_head(bytes.substr(0, found + kHeadEnd.size()));
    if (bytes.size() < limits_.head_bytes_max) {
      head_searched_ = bytes.size() - std::min(bytes.size(), kHeadEnd.size() - 1);
      return wait();
    }
    if (bytes.find('\n') == std::string_view::npos) return refuse({414, "the URL is too long"});
    return refuse({431, "the headers are too large"});
  }

  std::optional<HttpExchange> parse_head(std::string_view head) {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(head.size() + 1));
    parser_->body_limit(boost::none);
    error_code error;
    begin_ += parser_->put(asio::buffer(head), error);
    if (error == http::error::bad_version && !names_another_version(head)) error = http::error::bad_method;
    if (error) return refuse(refusal_of(error));
    return begin_exchange();
  }

  std::optional<HttpExchange> begin_exchange() {
    HttpExchange exchange = exchange_of_head();
    const HttpRequest& request = exchange.request;
    if (request.target.size() > limits_.target_bytes_max) return refuse({414, "the URL is too long"}, std::move(exchange));
    if (const auto objection = objection_to(exchange, limits_)) return refuse(*objection, std::move(exchange));
    Result<HttpTarget> target = parse_target(request.target);
    if (!target.ok()) return refuse({400, target.error().message}, std::move(exchange));
    exchange.request.path = std::move(target->path);
    exchange.request.query = std::move(target->query);
    if (cors_ && is_preflight(request)) {
      HttpResponse response = preflight_answer(request);
      return answer_now(std::move(response), std::move(exchange));
    }

    HttpAdmission admission = handler_.admit(exchange.request);
    if (admission.refusal) return answer_now(std::move(*admission.refusal), std::move(exchange));
    exchange.body_bytes_max = std::min(admission.body_bytes_max, limits_.body_bytes_max);
    const auto length = parser_->content_length();
    if (length && *length > exchange.body_bytes_max) return refuse({413, "the body is too large"}, std::move(exchange));

    parser_->get().body().bytes_max = exchange.body_bytes_max;
    parser_->eager(true);
    const std::string* const expectation = request.header("Expect");
    owes_continue_ = !exchange.http_1_0 && expectation != nullptr && same_word(*expectation, "100-continue");
    current_ = std::move(exchange);
    return std::nullopt;
  }

  HttpExchange exchange_of_head() {
    const auto& head = parser_->get();
    HttpExchange exchange;
    exchange.http_1_0 = head.version() < 11;
    exchange.keep_alive = parser_->keep_alive();
    HttpRequest& request = exchange.request;
    request.method = method_of(head.method());
    request.method_name = view(head.method_string());
    request.target = view(head.target());
    for (const auto& field : head) {
      request.headers.push_back({std::string(view(field.name_string())), std::string(view(field.value()))});
    }
    request.peer = peer_;
    request.gone = gone_;
    if (memory_ != nullptr) request.memory = MemoryLease(*memory_);
    return exchange;
  }

  // An answer without asking the handler. A body that has yet to come is not read, so nothing can follow it.
  HttpExchange answer_now(HttpResponse response, HttpExchange exchange) {
    exchange.refusal = std::move(response);
    if (parser_->is_done()) {
      start_over();
    } else {
      exchange.keep_alive = false;
    }
    ended_ = !exchange.keep_alive;
    return exchange;
  }

  HttpExchange refuse(const Refusal& refusal, HttpExchange exchange = {}) {
    exchange.refusal = handler_.refuse(refusal.status, refusal.why);
    exchange.keep_alive = false;
    end();
    return exchange;
  }

  std::optional<HttpExchange> read_body() {
    error_code error;
    while (!parser_->is_done()) {
      const std::size_t count = parser_->put(asio::buffer(buffer_.get() + begin_, end_ - begin_), error);
      begin_ += count;
      if (error && error != http::error::need_more) return give_up(refusal_of(error).status, refusal_of(error).why);
      // A body that grows is copied into twice its size.
      if (!current_->request.memory.cover(2 * parser_->get().body().bytes.size())) return give_up(429, kNoMemory);
      if (count == 0 && end_ - begin_ == capacity_) return give_up(400, "a chunk's header is too long");
      if (count == 0 || begin_ == end_) break;
    }
    if (!parser_->is_done()) return wait();
    owes_continue_ = false;
    HttpExchange exchange = std::move(*current_);
    exchange.request.body = std::move(parser_->get().body().bytes);
    start_over();
    ended_ = !exchange.keep_alive;
    return exchange;
  }

  void start_over() {
    current_.reset();
    parser_.reset();
    head_searched_ = 0;
  }

  std::optional<HttpExchange> wait() {
    looked_at_all_ = true;
    return std::nullopt;
  }

  const HttpLimits& limits_;
  const bool cors_;
  const std::string peer_;
  const std::shared_ptr<const std::atomic<bool>> gone_;
  RequestMemory* const memory_;
  HttpHandler& handler_;

  const std::size_t capacity_;
  const std::unique_ptr<char[]> buffer_;
  std::size_t begin_ = 0;  // [begin_, end_) came and was not parsed
  std::size_t end_ = 0;
  bool looked_at_all_ = true;
  std::size_t head_searched_ = 0;  // bytes from begin_ in which the end of the head does not begin

  std::optional<Parser> parser_;         // of the request that is being read
  std::optional<HttpExchange> current_;  // while its body is read
  bool owes_continue_ = false;
  bool ended_ = false;
};

RequestReader::RequestReader(Settings settings, HttpHandler& handler)
    : impl_(std::make_unique<Impl>(std::move(settings), handler)) {}
RequestReader::~RequestReader() = default;

std::span<char> RequestReader::room() { return impl_->room(); }
void RequestReader::received(std::size_t bytes) { impl_->received(bytes); }
std::vector<HttpExchange> RequestReader::take() { return impl_->take(); }
bool RequestReader::has_unread() const { return impl_->has_unread(); }
bool RequestReader::take_continue() { return impl_->take_continue(); }
RequestReader::Phase RequestReader::phase() const { return impl_->phase(); }
std::size_t RequestReader::body_bytes() const { return impl_->body_bytes(); }
HttpExchange RequestReader::give_up(int status, std::string_view why) { return impl_->give_up(status, why); }
void RequestReader::end() { impl_->end(); }

}  // namespace omendb
