#include "server/http/request_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "server/http/test_handler.h"

namespace omendb {
namespace {

constexpr std::string_view kHost = "Host: x\r\n";

std::string drawn(const HttpExchange& exchange) {
  std::string text;
  if (exchange.refusal) {
    text = std::to_string(exchange.refusal->status);
  } else {
    text = exchange.request.method_name + " " + exchange.request.target;
    if (!exchange.request.body.empty()) text += " " + std::string(exchange.request.body.text());
  }
  return text + (exchange.keep_alive ? "" : ", close") + "; ";
}

class Reading {
 public:
  explicit Reading(HttpLimits limits = {}, bool cors = false) : limits_(limits), reader_({&limits_, cors, "peer", nullptr}, handler) {}

  // What comes of these bytes, given in pieces of that size.
  std::string feed(std::string_view bytes, std::size_t piece = 1'000'000) {
    std::string text;
    while (!bytes.empty() && reader_.phase() != RequestReader::Phase::Ended) {
      const auto room = reader_.room();
      if (room.empty()) return "no room for more";
      const std::size_t count = std::min({bytes.size(), piece, room.size()});
      std::memcpy(room.data(), bytes.data(), count);
      bytes.remove_prefix(count);
      reader_.received(count);
      do {
        for (HttpExchange& exchange : reader_.take()) {
          text += drawn(exchange);
          exchanges.push_back(std::move(exchange));
        }
        if (reader_.take_continue()) text += "100; ";
      } while (reader_.has_unread());
    }
    return text;
  }

  RequestReader& reader() { return reader_; }

  TestHandler handler;
  std::vector<HttpExchange> exchanges;

 private:
  const HttpLimits limits_;
  RequestReader reader_;
};

std::string get(std::string_view target, std::string_view headers = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\n" + std::string(kHost) + std::string(headers) + "\r\n";
}

std::string post(std::string_view body, std::string_view headers = "") {
  return "POST / HTTP/1.1\r\n" + std::string(kHost) + std::string(headers) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::string chunked(std::string_view chunks) {
  return "POST / HTTP/1.1\r\n" + std::string(kHost) + "Transfer-Encoding: chunked\r\n\r\n" + std::string(chunks);
}

TEST(RequestReader, PipelinedRequestsComeInTheirOrder) {
  std::string bytes;
  std::string want;
  for (int i = 0; i < 200; ++i) {
    const std::string target = "/" + std::to_string(i);
    bytes += get(target);
    want += "GET " + target + "; ";
  }
  EXPECT_EQ(Reading().feed(bytes), want);
}

TEST(RequestReader, TheExchangesDoNotDependOnThePieces) {
  const std::string streams[] = {
      get("/a") + post("hello") + chunked("3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n") + get("/b"),
      "\r\n\r\n" + get("/a") + "\r\n" + get("/b"),
      get("/a") + "NONSENSE\r\n\r\n" + get("/b"),
      get("/" + std::string(9'000, 'a')),
      get("/" + std::string(20'000, 'a')),
      get("/", "X: " + std::string(15'000, 'a') + "\r\n") + get("/b"),
      get("/", "X: " + std::string(20'000, 'a') + "\r\n"),
      chunked("zz\r\n"),
      chunked("3\r\nabcX\r\n"),
      chunked("6;x=\"a\r\nlonger than what came before\x01\r\n"),  // a text of several lines is no extension
      post("12345678901", ""),
  };
  for (const std::string& bytes : streams) {
    SCOPED_TRACE(bytes.substr(0, 60));
    HttpLimits limits;
    limits.body_bytes_max = 10;
    const std::string want = Reading(limits).feed(bytes);
    for (const std::size_t piece : std::initializer_list<std::size_t>{1, 2, 3, 7, 64, 1'000}) EXPECT_EQ(Reading(limits).feed(bytes, piece), want) << piece;
  }
}

TEST(RequestReader, ARequestIsDecoded) {
  Reading reading;
  reading.feed(post("hi", "X-A: 1\r\nx-a:  2 \r\nFolded: a\r\n b\r\n"));
  ASSERT_EQ(reading.exchanges.size(), 1u);
  const HttpRequest& request = reading.exchanges[0].request;
  EXPECT_EQ(request.method, HttpMethod::Post);
  EXPECT_EQ(*request.header("x-A"), "1");
  EXPECT_EQ(*request.header("folded"), "a b");
  EXPECT_EQ(request.header("y"), nullptr);
  EXPECT_EQ(request.peer, "peer");
  EXPECT_FALSE(request.cancelled());
  EXPECT_EQ(std::string_view(request.body.data(), 2 + HttpBody::kPadding), "hi" + std::string(HttpBody::kPadding, '\0'));
}

TEST(RequestReader, WhatIsNotARequestIsRefusedAndEndsTheConnection) {
  struct Case {
    const char* name;
    std::string bytes;
    const char* want;
  };
  const Case cases[] = {
      {"no HTTP", "hello\r\n\r\n", "400, close; "},
      {"no version", "GET /\r\n\r\n", "400, close; "},
      {"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505, close; "},
      {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: x\r\n\r\n", "505, close; "},
      {"no host", "GET / HTTP/1.1\r\n\r\n", "400, close; "},
      {"two hosts", get("/", "Host: y\r\n"), "400, close; "},
      {"space before the colon", get("/", "A : b\r\n"), "400, close; "},
      {"no colon", get("/", "A\r\n"), "400, close; "},
      {"no name", get("/", ": b\r\n"), "400, close; "},
      {"control character", get("/", "A: b\x01\r\n"), "400, close; "},
      {"relative target", get("a"), "400, close; "},
      {"bad escape", get("/%zz"), "400, close; "},
      {"dots", get("/a/../b"), "400, close; "},
      {"both lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       "400, close; "},
      {"both lengths, turned", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
       "400, close; "},
      {"two lengths", post("abc", "Content-Length: 3\r\n"), "400, close; "},
      {"two different lengths", post("abc", "Content-Length: 4\r\n"), "400, close; "},
      {"a list of lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 3\r\n\r\nabc", "400, close; "},
      {"negative length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", "400, close; "},
      {"length with a sign", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\na", "400, close; "},
      {"length over 64 bits", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 18446744073709551617\r\n\r\na", "400, close; "},
      {"two codings", get("/", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), "400, close; "},
      {"unknown transfer coding", get("/", "Transfer-Encoding: gzip\r\n"), "501, close; "},
      {"listed transfer coding", get("/", "Transfer-Encoding: gzip, chunked\r\n"), "501, close; "},
      {"disguised transfer coding", get("/", "Transfer-Encoding: xchunked\r\n"), "501, close; "},
      {"chunks in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400, close; "},
      {"unknown content coding", post("abc", "Content-Encoding: br\r\n"), "415, close; "},
      {"chunk of no length", chunked("\r\nabc\r\n0\r\n\r\n"), "400, close; "},
      {"negative chunk", chunked("-1\r\nabc\r\n0\r\n\r\n"), "400, close; "},
      {"chunk over 64 bits", chunked("10000000000000000\r\nabc\r\n0\r\n\r\n"), "400, close; "},
      {"chunk longer than said", chunked("2\r\nabc\r\n0\r\n\r\n"), "400, close; "},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Reading reading;
    EXPECT_EQ(reading.feed(c.bytes + get("/smuggled")), c.want);
    EXPECT_EQ(reading.reader().phase(), RequestReader::Phase::Ended);
  }
}

TEST(RequestReader, LinesEndWithBothCharacters) {
  // A bare line feed does not end a line: the head goes on until it is too large, or too late.
  EXPECT_EQ(Reading().feed("GET / HTTP/1.1\nHost: x\n\n"), "");
  EXPECT_EQ(Reading().feed("GET / HTTP/1.1\nHost: x\n\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n"), "400, close; ");
}

TEST(RequestReader, LimitsHoldAtTheirEdge) {
  HttpLimits limits;
  limits.body_bytes_max = 1'000;
  const auto outcome = [&](const std::string& bytes) { return Reading(limits).feed(bytes).substr(0, 3); };

  const auto head_of = [](std::size_t bytes) {
    const std::string most(7'000, 'a');
    const std::string two = get("/", "A: " + most + "\r\nB: " + most + "\r\nC: \r\n");
    return get("/", "A: " + most + "\r\nB: " + most + "\r\nC: " + std::string(bytes - two.size(), 'a') + "\r\n");
  };
  EXPECT_EQ(outcome(head_of(limits.head_bytes_max)), "GET");
  EXPECT_EQ(outcome(head_of(limits.head_bytes_max + 1)), "431");

  const auto header_of = [](std::size_t bytes) { return get("/", "A: " + std::string(bytes - 1, 'a') + "\r\n"); };
  EXPECT_EQ(outcome(header_of(limits.header_bytes_max)), "GET");
  EXPECT_EQ(outcome(header_of(limits.header_bytes_max + 1)), "431");

  const auto target_of = [](std::size_t bytes) { return get("/" + std::string(bytes - 1, 'a')); };
  EXPECT_EQ(outcome(target_of(limits.target_bytes_max)), "GET");
  EXPECT_EQ(outcome(target_of(limits.target_bytes_max + 1)), "414");
  EXPECT_EQ(outcome(target_of(limits.head_bytes_max + 1)), "414");

  EXPECT_EQ(outcome(post(std::string(1'000, 'b'))), "POS");
  EXPECT_EQ(outcome(post(std::string(1'001, 'b'))), "413");
  const std::string half(500, 'b');
  EXPECT_EQ(outcome(chunked("1f4\r\n" + half + "\r\n1f4\r\n" + half + "\r\n0\r\n\r\n")), "POS");
  EXPECT_EQ(outcome(chunked("1f4\r\n" + half + "\r\n1f5\r\n" + half + "b\r\n0\r\n\r\n")), "413");
}

TEST(RequestReader, AChunksHeaderAndTheTrailersAreBounded) {
  EXPECT_EQ(Reading().feed(chunked("1;x=" + std::string(200'000, 'a'))), "400, close; ");
  EXPECT_EQ(Reading().feed(chunked("0\r\nX: " + std::string(200'000, 'a'))), "400, close; ");
}

TEST(RequestReader, TrailersChangeNoHeader) {
  Reading reading;
  EXPECT_EQ(reading.feed(chunked("1\r\na\r\n0\r\nApi-Key: secret\r\n\r\n") + get("/b")), "POST / a; GET /b; ");
  EXPECT_EQ(reading.exchanges[0].request.header("Api-Key"), nullptr);
}

TEST(RequestReader, ADecisionOnTheHeadKeepsNoBody) {
  Reading reading;
  reading.handler.admits = [](HttpRequest& request) {
    HttpAdmission admission;
    if (request.header("Api-Key") == nullptr) admission.refusal = TestHandler::text("who?", 401);
    request.tag = 7;
    return admission;
  };
  EXPECT_EQ(reading.feed(get("/a") + get("/b", "Api-Key: 1\r\n")), "401; GET /b; ") << "nothing is unread: it goes on";
  EXPECT_EQ(reading.exchanges[1].request.tag, 7u);
  EXPECT_EQ(reading.feed("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"), "401, close; ")
      << "before any of the body has come";
}

TEST(RequestReader, TheHandlerMayNameASmallerBodyLimit) {
  const auto outcome = [](const std::string& bytes) {
    Reading reading;
    reading.handler.admits = [](HttpRequest&) { return HttpAdmission{std::nullopt, 3}; };
    return reading.feed(bytes);
  };
  EXPECT_EQ(outcome(post("abc")), "POST / abc; ");
  EXPECT_EQ(outcome(post("abcd")), "413, close; ");
  EXPECT_EQ(outcome(chunked("3\r\nabc\r\n0\r\n\r\n")), "POST / abc; ");
  EXPECT_EQ(outcome(chunked("3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n")), "413, close; ");
}

TEST(RequestReader, AClientThatWaitsIsToldToContinueOnceItsHeadIsAdmitted) {
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
  Reading reading;
  EXPECT_EQ(reading.feed(head), "100; ");
  EXPECT_EQ(reading.feed("abc"), "POST / abc; ");
  EXPECT_EQ(reading.feed(head + "abc"), "POST / abc; ") << "it did not wait";
  reading.handler.admits = [](HttpRequest&) { return HttpAdmission{TestHandler::text("no", 403), 0}; };
  EXPECT_EQ(reading.feed(head), "403, close; ");
}

TEST(RequestReader, ConnectionsGoOnOrEndAsTheVersionSays) {
  struct Case {
    const char* head;
    bool keep_alive;
  };
  const Case cases[] = {
      {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", true},
      {"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", false},
      {"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, Close\r\n\r\n", false},
      {"GET / HTTP/1.0\r\n\r\n", false},
      {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.head);
    Reading reading;
    EXPECT_EQ(reading.feed(std::string(c.head) + get("/b")), c.keep_alive ? "GET /; GET /b; " : "GET /, close; ");
  }
}

TEST(RequestReader, PreflightsAreAnsweredBeforeAnyAdmission) {
  const std::string preflight =
      "OPTIONS /a HTTP/1.1\r\nHost: x\r\nOrigin: http://y\r\nAccess-Control-Request-Method: PUT\r\n"
      "Access-Control-Request-Headers: api-key\r\n\r\n";
  Reading reading({}, true);
  reading.handler.admits = [](HttpRequest&) { return HttpAdmission{TestHandler::text("no", 401), 0}; };
  EXPECT_EQ(reading.feed(preflight), "204; ");
  EXPECT_EQ(*find_header(reading.exchanges[0].refusal->headers, "Access-Control-Allow-Headers"), "api-key");
  EXPECT_EQ(reading.feed("OPTIONS /a HTTP/1.1\r\nHost: x\r\n\r\n"), "401; ") << "no preflight";
  EXPECT_EQ(Reading({}, false).feed(preflight), "OPTIONS /a; ");
}

TEST(RequestReader, SaysHowFarTheRequestIs) {
  Reading reading;
  using Phase = RequestReader::Phase;
  EXPECT_EQ(reading.reader().phase(), Phase::Idle);
  reading.feed("\r\nPOST / HTTP/1.1\r\n");
  EXPECT_EQ(reading.reader().phase(), Phase::Head);
  reading.feed("Host: x\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(reading.reader().phase(), Phase::Body);
  EXPECT_EQ(reading.reader().body_bytes(), 0u);
  reading.feed("abc");
  EXPECT_EQ(reading.reader().body_bytes(), 3u);
  reading.feed("d");
  EXPECT_EQ(reading.reader().phase(), Phase::Idle);
  reading.feed("GET");
  EXPECT_EQ(drawn(reading.reader().give_up(408, "too late")), "408, close; ");
  EXPECT_EQ(reading.reader().phase(), Phase::Ended);
}

}  // namespace
}  // namespace omendb
