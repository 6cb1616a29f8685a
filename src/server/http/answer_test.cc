#include "server/http/answer.h"

#include <gtest/gtest.h>

#include <new>
#include <stdexcept>

#include "server/http/coding.h"
#include "server/http/test_handler.h"

namespace omendb {
namespace {

struct Answered {
  std::string head, body;
  bool keep_alive = false;
  bool has(std::string_view line) const { return head.find("\r\n" + std::string(line) + "\r\n") != std::string::npos; }
  std::string status() const { return head.substr(9, 3); }
};

HttpExchange exchange_of(HttpMethod method = HttpMethod::Get) {
  HttpExchange exchange;
  exchange.request.method = method;
  exchange.body_bytes_max = 1'000;
  return exchange;
}

Answered answer(HttpExchange exchange, TestHandler& handler, AnswerSettings settings = {}) {
  std::string out;
  const OpenStream stream = append_answer(exchange, handler, settings, out);
  EXPECT_EQ(stream.source, nullptr);
  const std::size_t end = out.find("\r\n\r\n");
  return {out.substr(0, end + 2), out.substr(end + 4), exchange.keep_alive};
}

TEST(Answer, HasItsLengthAndItsHeaders) {
  TestHandler handler;
  handler.answers = [](HttpRequest&) {
    HttpResponse response = TestHandler::text("hello", 201);
    response.content_type = "application/json";
    response.headers = {{"X-A", "b"}};
    return response;
  };
  const Answered got = answer(exchange_of(), handler);
  EXPECT_EQ(got.head.substr(0, 22), "HTTP/1.1 201 Created\r\n");
  EXPECT_TRUE(got.has("Content-Length: 5"));
  EXPECT_TRUE(got.has("Content-Type: application/json"));
  EXPECT_TRUE(got.has("X-A: b"));
  EXPECT_TRUE(got.has("Access-Control-Allow-Origin: *"));
  EXPECT_EQ(got.head.find("Connection"), std::string::npos);
  EXPECT_EQ(got.body, "hello");
  EXPECT_FALSE(answer(exchange_of(), handler, {false, true}).has("Access-Control-Allow-Origin: *"));
}

TEST(Answer, ToHeadHasTheLengthAndNoBody) {
  TestHandler handler;
  handler.answers = [](HttpRequest&) { return TestHandler::text("hello"); };
  const Answered got = answer(exchange_of(HttpMethod::Head), handler);
  EXPECT_TRUE(got.has("Content-Length: 5"));
  EXPECT_EQ(got.body, "");
}

TEST(Answer, WithoutContentHasNeitherLengthNorType) {
  TestHandler handler;
  handler.answers = [](HttpRequest&) { return TestHandler::text("ignored", 204); };
  const Answered got = answer(exchange_of(), handler);
  EXPECT_EQ(got.head.find("Content-"), std::string::npos);
  EXPECT_EQ(got.body, "");
}

TEST(Answer, SaysWhetherTheConnectionGoesOn) {
  TestHandler handler;
  HttpExchange last = exchange_of();
  last.keep_alive = false;
  EXPECT_TRUE(answer(std::move(last), handler).has("Connection: close"));
  HttpExchange old = exchange_of();
  old.http_1_0 = true;
  EXPECT_TRUE(answer(std::move(old), handler).has("Connection: keep-alive"));
}

TEST(Answer, IsCompressedForWhoAcceptsItIfItIsLarge) {
  TestHandler handler;
  std::string text(1'025, 'a');
  handler.answers = [&](HttpRequest&) { return TestHandler::text(text); };
  HttpExchange accepts = exchange_of();
  accepts.request.headers = {{"accept-encoding", "gzip, deflate"}};
  const auto again = [&] {
    HttpExchange exchange = exchange_of();
    exchange.request.headers = accepts.request.headers;
    return exchange;
  };
  const Answered got = answer(again(), handler);
  EXPECT_TRUE(got.has("Content-Encoding: gzip"));
  EXPECT_TRUE(got.has("Content-Length: " + std::to_string(got.body.size())));
  EXPECT_LT(got.body.size(), 100u);
  EXPECT_EQ(inflate_body(got.body, 2'000)->text(), text);

  EXPECT_EQ(answer(exchange_of(), handler).body, text) << "not accepted";
  EXPECT_EQ(answer(again(), handler, {true, false}).body, text) << "not wanted";
  text.pop_back();
  EXPECT_EQ(answer(again(), handler).body, text) << "small";
}

TEST(Answer, TheHandlerSeesTheBodyInflated) {
  TestHandler handler;
  std::string seen;
  handler.answers = [&](HttpRequest& request) {
    seen = request.body.text();
    return HttpResponse{};
  };
  const auto outcome = [&](const std::string& coding, const std::string& body) {
    HttpExchange exchange = exchange_of(HttpMethod::Post);
    exchange.request.headers = {{"Content-Encoding", coding}};
    exchange.request.body.append(body);
    return answer(std::move(exchange), handler).status();
  };
  EXPECT_EQ(outcome("gzip", gzip("hello")), "200");
  EXPECT_EQ(seen, "hello");
  EXPECT_EQ(outcome("identity", "plain"), "200");
  EXPECT_EQ(seen, "plain");
  EXPECT_EQ(outcome("gzip", gzip(std::string(1'000, 'a'))), "200");
  EXPECT_EQ(outcome("gzip", gzip(std::string(1'001, 'a'))), "413");
  EXPECT_EQ(outcome("gzip", "{}"), "400");
}

TEST(Answer, WhatAHandlerThrowsBecomesARefusal) {
  TestHandler handler;
  handler.answers = [](HttpRequest&) -> HttpResponse { throw std::bad_alloc(); };
  EXPECT_EQ(answer(exchange_of(), handler).status(), "503");
  handler.answers = [](HttpRequest&) -> HttpResponse { throw std::runtime_error("secret"); };
  const Answered got = answer(exchange_of(), handler);
  EXPECT_EQ(got.status(), "500");
  EXPECT_EQ(got.body.find("secret"), std::string::npos);
}

TEST(Answer, WhatIsRepeatedOfARequestBeginsNoHeader) {
  TestHandler handler;
  handler.answers = [](HttpRequest&) {
    HttpResponse response;
    response.headers = {{"X-Echo", "a\r\nSet-Cookie: b"}};
    return response;
  };
  EXPECT_TRUE(answer(exchange_of(), handler).has("X-Echo: a  Set-Cookie: b"));
}

}  // namespace
}  // namespace omendb
