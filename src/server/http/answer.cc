#include "server/http/answer.h"

#include <array>
#include <charconv>
#include <ctime>
#include <exception>
#include <new>
#include <optional>
#include <utility>

#include "server/http/coding.h"
#include "server/http/text.h"

namespace omendb {
namespace {

std::string_view reason_of(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 412: return "Precondition Failed";
    case 413: return "Payload Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 422: return "Unprocessable Entity";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 499: return "Client Closed Request";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 507: return "Insufficient Storage";
    default: return "Unknown";
  }
}

void append_number(std::size_t number, int base, std::string& out) {
  std::array<char, 24> digits;
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr);
}

// What a handler repeats of a request must not begin a header of its own.
void append_printable(std::string_view text, std::string& out) {
  for (const char c : text) out += static_cast<unsigned char>(c) < ' ' && c != '\t' ? ' ' : c;
}

void append_header(std::string_view name, std::string_view value, std::string& out) {
  append_printable(name, out);
  out += ": ";
  append_printable(value, out);
  out += "\r\n";
}

// Made once a second, by each thread for itself. The names are those of HTTP, whatever the locale.
std::string_view date_now() {
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  thread_local std::time_t made_at = -1;
  thread_local std::array<char, 64> text;
  thread_local int length = 0;
  const std::time_t now = std::time(nullptr);
  if (now != made_at) {
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    length = std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT", kDays[parts.tm_wday],
                           parts.tm_mday, kMonths[parts.tm_mon], parts.tm_year + 1'900, parts.tm_hour, parts.tm_min,
                           parts.tm_sec);
    made_at = now;
  }
  return {text.data(), static_cast<std::size_t>(length)};
}

bool has_no_body(int status) { return status / 100 == 1 || status == 204 || status == 304; }

// Into the body as the handler wants it; or the refusal.
std::optional<HttpResponse> inflate(HttpExchange& exchange, HttpHandler& handler) {
  HttpRequest& request = exchange.request;
  const std::string* const coding = request.header("Content-Encoding");
  if (coding == nullptr || same_word(*coding, "identity") || request.body.empty()) return std::nullopt;
  Result<HttpBody> inflated = inflate_body(request.body.text(), exchange.body_bytes_max);
  if (!inflated.ok()) {
    const bool too_large = inflated.error().code == ErrorCode::TooLarge;
    return handler.refuse(too_large ? 413 : 400, inflated.error().message);
  }
  if (!request.memory.cover(2 * inflated->size())) return refuse_for_now(handler, 429, kNoMemory);
  request.body = std::move(*inflated);
  return std::nullopt;
}

HttpResponse response_to(HttpExchange& exchange, HttpHandler& handler) {
  if (exchange.refusal) return *std::exchange(exchange.refusal, std::nullopt);
  try {
    if (auto refused = inflate(exchange, handler)) return std::move(*refused);
    return handler.answer(exchange.request);
  } catch (const std::bad_alloc&) {
    return refuse_for_now(handler, 503, kNoMemory);
  } catch (...) {
    return handler.refuse(500, "the request failed in an unexpected way");
  }
}

void compress(const HttpRequest& request, HttpResponse& response) {
  constexpr std::size_t kBytesMin = 1'024;               // less fits into one packet anyway
  constexpr std::size_t kBytesMax = std::size_t{1} << 30;  // zlib counts to 4 GiB
  if (response.body.size() <= kBytesMin || response.body.size() > kBytesMax) return;
  if (find_header(response.headers, "Content-Encoding") != nullptr) return;
  response.headers.push_back({"Vary", "Accept-Encoding"});
  const std::string* const accepted = request.header("Accept-Encoding");
  if (accepted == nullptr || !accepts_gzip(*accepted)) return;
  std::string smaller = gzip(response.body);
  if (smaller.size() >= response.body.size()) return;
  response.body = std::move(smaller);
  response.headers.push_back({"Content-Encoding", "gzip"});
}

void append_head(const HttpExchange& exchange, const HttpResponse& response, const AnswerSettings& settings,
                 std::string& out) {
  out += "HTTP/1.1 ";
  append_number(static_cast<std::size_t>(response.status), 10, out);
  out += ' ';
  out += reason_of(response.status);
  out += "\r\n";
  append_header("Date", date_now(), out);
  if (!settings.server_name.empty()) append_header("Server", settings.server_name, out);
  if (!has_no_body(response.status)) {
    append_header("Content-Type", response.content_type, out);
    if (!response.stream) {
      out += "Content-Length: ";
      append_number(response.body.size(), 10, out);
      out += "\r\n";
    } else if (!exchange.http_1_0) {
      append_header("Transfer-Encoding", "chunked", out);
    }
  }
  if (settings.cors) append_header("Access-Control-Allow-Origin", "*", out);
  for (const HttpField& field : response.headers) append_header(field.name, field.value, out);
  if (!exchange.keep_alive) {
    append_header("Connection", "close", out);
  } else if (exchange.http_1_0) {
    append_header("Connection", "keep-alive", out);
  }
  out += "\r\n";
}

// A connection ends with its stream: what would follow has no use for the clients of streams.
OpenStream append(HttpExchange& exchange, HttpResponse response, const AnswerSettings& settings, std::string& out) {
  const bool only_head = exchange.request.method == HttpMethod::Head || has_no_body(response.status);
  if (settings.stopping != nullptr && *settings.stopping) exchange.keep_alive = false;
  if (response.stream) {
    exchange.keep_alive = exchange.keep_alive && only_head;
  } else if (settings.compress) {
    compress(exchange.request, response);
  }
  append_head(exchange, response, settings, out);
  if (only_head) return {};
  if (!response.stream) {
    out += response.body;
    return {};
  }
  return {std::move(response.stream), response.stream_every, !exchange.http_1_0};
}

}  // namespace

HttpResponse HttpHandler::refuse(int status, std::string_view why) {
  HttpResponse response;
  response.status = status;
  response.body = why;
  response.body += '\n';
  return response;
}

HttpResponse refuse_for_now(HttpHandler& handler, int status, std::string_view why) {
  HttpResponse response = handler.refuse(status, why);
  if (find_header(response.headers, "Retry-After") == nullptr) response.headers.push_back({"Retry-After", "1"});
  return response;
}

OpenStream append_answer(HttpExchange& exchange, HttpHandler& handler, const AnswerSettings& settings,
                         std::string& out) {
  const std::size_t begin = out.size();
  try {
    return append(exchange, response_to(exchange, handler), settings, out);
  } catch (...) {  // no memory to send it
    out.resize(begin);
    exchange.keep_alive = false;
    return {};
  }
}

void append_stream_part(std::string_view part, bool chunked, std::string& out) {
  if (part.empty()) return;  // an empty chunk would be the end
  if (chunked) {
    append_number(part.size(), 16, out);
    out += "\r\n";
  }
  out += part;
  if (chunked) out += "\r\n";
}

void append_stream_end(bool chunked, std::string& out) {
  if (chunked) out += "0\r\n\r\n";
}

}  // namespace omendb
