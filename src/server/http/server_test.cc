#include "server/http/server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "server/http/coding.h"
#include "server/http/test_handler.h"

namespace omendb {
namespace {

using std::chrono::milliseconds;

struct Got {
  std::string head, body;
  int status() const { return head.size() < 12 ? 0 : std::stoi(head.substr(9, 3)); }
  bool has(std::string_view line) const { return head.find("\r\n" + std::string(line) + "\r\n") != std::string::npos; }
};

// One connection of a client that sends any bytes and understands answers with a Content-Length.
class Client {
 public:
  explicit Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval patience{20, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  ~Client() { leave(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
  void end_sending() { ::shutdown(fd_, SHUT_WR); }
  void leave() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  // Leaves with a reset, and what was sent to it unread.
  void break_off() {
    const linger at_once{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    leave();
  }

  Got read(bool is_head = false) {
    const std::string head = read_until("\r\n\r\n");
    const std::size_t length = head.find("Content-Length: ");
    const std::size_t bytes = length == std::string::npos || is_head ? 0 : std::stoul(head.substr(length + 16));
    return {head, read_bytes(bytes)};
  }
  Got ask(std::string_view request) {
    send(request);
    return read();
  }
  std::string read_until(std::string_view end) {
    while (come_.find(end) == std::string::npos && more()) {
    }
    return take(come_.find(end) == std::string::npos ? come_.size() : come_.find(end) + end.size());
  }
  std::string read_bytes(std::size_t bytes) {
    while (come_.size() < bytes && more()) {
    }
    return take(std::min(bytes, come_.size()));
  }
  std::string read_all() {
    while (more()) {
    }
    return take(come_.size());
  }
  bool is_closed() { return read_all().empty() && ended_; }

 private:
  bool more() {
    char bytes[65'536];
    const ssize_t count = ::recv(fd_, bytes, sizeof bytes, 0);
    ended_ = count == 0 || (count < 0 && errno == ECONNRESET);
    if (count > 0) come_.append(bytes, static_cast<std::size_t>(count));
    return count > 0;
  }
  std::string take(std::size_t bytes) {
    std::string taken = come_.substr(0, bytes);
    come_.erase(0, bytes);
    return taken;
  }

  int fd_;
  std::string come_;
  bool ended_ = false;
};

// Something that happens once, for whoever waits.
class Event {
 public:
  void happens() {
    std::lock_guard lock(mutex_);  // held until all is done: whoever waits may destroy this then
    happened_ = true;
    changed_.notify_all();
  }
  bool happens_within(milliseconds time) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, time, [this] { return happened_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool happened_ = false;
};

constexpr milliseconds kLong{20'000};

bool becomes_true(const std::function<bool()>& condition, milliseconds limit = kLong) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(milliseconds(1));
  }
  return true;
}

std::string get(std::string_view target, std::string_view headers = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n" + std::string(headers) + "\r\n";
}

std::string post(std::string_view body, std::string_view headers = "") {
  return "POST / HTTP/1.1\r\nHost: x\r\n" + std::string(headers) + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + std::string(body);
}

class HttpServerTest : public testing::Test {
 protected:
  void start() {
    auto started = HttpServer::start(options, handler);
    ASSERT_TRUE(started.ok()) << started.error().message;
    server = std::move(*started);
  }
  Client connect() { return Client(server->port()); }
  const HttpCounters& counters() { return server->counters(); }

  HttpOptions options;
  TestHandler handler;
  std::unique_ptr<HttpServer> server;
};

TEST_F(HttpServerTest, AConnectionIsUsedAgain) {
  start();
  Client client(server->port());
  for (int i = 0; i < 100; ++i) {
    const std::string target = "/" + std::to_string(i);
    const Got got = client.ask(get(target));
    EXPECT_EQ(got.status(), 200);
    EXPECT_EQ(got.body, "GET " + target + " ");
  }
  EXPECT_EQ(counters().connections_accepted, 1u);
  EXPECT_EQ(counters().requests, 100u);
}

TEST_F(HttpServerTest, PipelinedRequestsAreAnsweredInTheirOrder) {
  handler.answers = [](HttpRequest& request) {
    if (request.target.ends_with("7")) std::this_thread::sleep_for(milliseconds(2));  // others would overtake it
    return TestHandler::text(request.target);
  };
  start();
  Client client(server->port());
  std::string requests;
  for (int i = 0; i < 500; ++i) requests += get("/" + std::to_string(i));
  std::thread sender([&] { client.send(requests); });
  for (int i = 0; i < 500; ++i) ASSERT_EQ(client.read().body, "/" + std::to_string(i));
  sender.join();
}

TEST_F(HttpServerTest, ARequestMayComeByteByByte) {
  start();
  Client client(server->port());
  for (const char c : post("hello")) {
    client.send({&c, 1});
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  EXPECT_EQ(client.read().body, "POST / hello");
}

TEST_F(HttpServerTest, LargeBodiesAndLargeAnswersPass) {
  const std::string large(10'000'000, 'a');
  handler.answers = [](HttpRequest& request) { return TestHandler::text(std::string(request.body.text())); };
  start();
  Client client(server->port());
  for (int i = 0; i < 3; ++i) {
    std::thread sender([&] { client.send(post(large) + post("small")); });
    EXPECT_TRUE(client.read().body == large);
    EXPECT_EQ(client.read().body, "small");
    sender.join();
  }
  EXPECT_GT(counters().bytes_received, 30'000'000u);
  EXPECT_GT(counters().bytes_sent, 30'000'000u);
}

TEST_F(HttpServerTest, AnswersWaitForAClientThatReadsLate) {
  handler.answers = [](HttpRequest&) { return TestHandler::text(std::string(1'000'000, 'a')); };
  start();
  Client client(server->port());
  std::string requests;
  for (int i = 0; i < 30; ++i) requests += get("/");
  client.send(requests);
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_LT(counters().requests, 30u) << "answers that nobody takes are not made";
  for (int i = 0; i < 30; ++i) ASSERT_EQ(client.read().body.size(), 1'000'000u);
}

TEST_F(HttpServerTest, BodiesAreCompressedBothWays) {
  handler.answers = [](HttpRequest& request) { return TestHandler::text(std::string(request.body.text())); };
  start();
  Client client(server->port());
  const std::string text(100'000, 'a');
  const Got got = client.ask(post(gzip(text), "Content-Encoding: gzip\r\nAccept-Encoding: gzip\r\n"));
  EXPECT_TRUE(got.has("Content-Encoding: gzip"));
  EXPECT_EQ(inflate_body(got.body, 200'000)->text(), text);
}

TEST_F(HttpServerTest, ABombIsRefusedAndTheConnectionGoesOn) {
  options.limits.body_bytes_max = 100'000;
  start();
  Client client(server->port());
  EXPECT_EQ(client.ask(post(gzip(std::string(100'001, 'a')), "Content-Encoding: gzip\r\n")).status(), 413);
  EXPECT_EQ(client.ask(post(gzip(std::string(100'000, 'a')), "Content-Encoding: gzip\r\n")).status(), 200);
}

TEST_F(HttpServerTest, AnAnswerIsReadableThoughTheBodyIsRefused) {
  options.limits.body_bytes_max = 1'000;
  start();
  Client client(server->port());
  std::thread sender([&] { client.send(post(std::string(5'000'000, 'a'))); });
  const Got got = client.read();
  sender.join();
  EXPECT_EQ(got.status(), 413);
  EXPECT_TRUE(got.has("Connection: close"));
}

TEST_F(HttpServerTest, AStrangerIsRefusedBeforeTheBody) {
  handler.admits = [](HttpRequest&) { return HttpAdmission{TestHandler::text("who?", 401), 0}; };
  start();
  Client client(server->port());
  const Got got = client.ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n");
  EXPECT_EQ(got.status(), 401);
  client.end_sending();
  EXPECT_TRUE(client.is_closed());
  EXPECT_EQ(counters().requests, 0u);
  EXPECT_EQ(counters().requests_refused, 1u);
}

TEST_F(HttpServerTest, AClientThatWaitsIsToldToContinueAfterEarlierAnswers) {
  handler.answers = [](HttpRequest& request) {
    std::this_thread::sleep_for(milliseconds(20));
    return TestHandler::text(std::string(request.body.text()));
  };
  start();
  Client client(server->port());
  client.send(get("/") + "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(client.read().status(), 200);
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(client.ask("abc").body, "abc");
}

TEST_F(HttpServerTest, HeadHasNoBody) {
  start();
  Client client(server->port());
  client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
  const Got got = client.read(true);
  EXPECT_TRUE(got.has("Content-Length: 7"));
  EXPECT_EQ(client.ask(get("/b")).body, "GET /b ");
}

TEST_F(HttpServerTest, ConnectionsEndWhenTheClientSaysSo) {
  start();
  for (const char* request : {"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"}) {
    Client client(server->port());
    EXPECT_TRUE(client.ask(request).has("Connection: close"));
    EXPECT_TRUE(client.is_closed());
  }
}

TEST_F(HttpServerTest, AClientMayCloseItsSideBeforeItReads) {
  handler.answers = [](HttpRequest& request) {
    std::this_thread::sleep_for(milliseconds(20));
    return TestHandler::text(request.target);
  };
  start();
  Client client(server->port());
  client.send(get("/a") + get("/b"));
  client.end_sending();
  EXPECT_EQ(client.read().body, "/a");
  EXPECT_EQ(client.read().body, "/b");
  EXPECT_TRUE(client.is_closed());
}

TEST_F(HttpServerTest, WhoIsSlowIsTimedOut) {
  options.limits.head_time = milliseconds(150);
  options.limits.body_time = milliseconds(150);
  options.limits.idle_time = milliseconds(150);
  start();
  Client idle(server->port()), head(server->port()), body(server->port());
  head.send("GET / HT");
  body.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_EQ(head.read().status(), 408);
  EXPECT_EQ(body.read().status(), 408);
  EXPECT_TRUE(idle.is_closed());
}

TEST_F(HttpServerTest, ASlowRequestCannotBeKeptAliveByDrops) {
  options.limits.head_time = milliseconds(200);
  start();
  Client client(server->port());
  std::atomic<bool> refused = false;
  std::thread dripping([&] {
    client.send("GET / HTTP/1.1\r\nX: ");
    while (!refused && client.send("a")) std::this_thread::sleep_for(milliseconds(10));
  });
  EXPECT_EQ(client.read().status(), 408);
  refused = true;
  dripping.join();
}

TEST_F(HttpServerTest, ABodyMayTakeLongerWhileItComesFastEnough) {
  options.limits.body_time = milliseconds(200);
  options.limits.body_bytes_per_second_min = 100;
  start();
  Client client(server->port());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n");
  for (int i = 0; i < 10; ++i) {  // 2,000 bytes a second, for half a second
    std::this_thread::sleep_for(milliseconds(50));
    client.send(std::string(100, 'a'));
  }
  EXPECT_EQ(client.read().status(), 200);
}

TEST_F(HttpServerTest, TimeSpentInTheHandlerIsNoFaultOfTheClient) {
  options.limits.idle_time = options.limits.head_time = options.limits.body_time = milliseconds(100);
  handler.answers = [](HttpRequest&) {
    std::this_thread::sleep_for(milliseconds(500));
    return TestHandler::text("done");
  };
  start();
  Client client(server->port());
  EXPECT_EQ(client.ask(get("/")).body, "done");
}

TEST_F(HttpServerTest, TooManyConnectionsAreTurnedAway) {
  options.limits.connections_max = 3;
  start();
  {
    Client one(server->port()), two(server->port()), three(server->port());
    for (Client* client : {&one, &two, &three}) EXPECT_EQ(client->ask(get("/")).status(), 200);
    Client four(server->port());
    EXPECT_EQ(four.read().status(), 503);
    EXPECT_EQ(counters().connections_refused, 1u);
    EXPECT_EQ(counters().connections_open, 3u);
  }
  EXPECT_TRUE(becomes_true([&] { return counters().connections_open == 0; }));
  Client again(server->port());
  EXPECT_EQ(again.ask(get("/")).status(), 200);
}

TEST_F(HttpServerTest, TooManyConnectionsOfOneAddressAreTurnedAway) {
  options.limits.connections_per_address_max = 1;
  start();
  Client one(server->port());
  EXPECT_EQ(one.ask(get("/")).status(), 200);
  Client two(server->port());
  EXPECT_EQ(two.read().status(), 503);
}

TEST_F(HttpServerTest, MoreRequestsThanMayWaitAreRefusedAndCanBeTriedAgain) {
  options.workers = 1;
  options.limits.queued_requests_max = 1;
  Event go_on;
  std::atomic<int> begun = 0;
  handler.answers = [&](HttpRequest&) {
    ++begun;
    go_on.happens_within(kLong);
    return TestHandler::text("done");
  };
  start();
  Client running(server->port()), waiting(server->port()), refused(server->port());
  running.send(get("/"));
  ASSERT_TRUE(becomes_true([&] { return begun == 1; }));
  waiting.send(get("/"));
  ASSERT_TRUE(becomes_true([&] { return counters().bytes_received == 2 * get("/").size(); }));
  std::this_thread::sleep_for(milliseconds(20));
  const Got got = refused.ask(get("/"));
  EXPECT_EQ(got.status(), 429);
  EXPECT_TRUE(got.has("Retry-After: 1"));
  go_on.happens();
  EXPECT_EQ(running.read().body, "done");
  EXPECT_EQ(waiting.read().body, "done");
  EXPECT_TRUE(becomes_true([&] { return refused.ask(get("/")).status() == 200; })) << "on the same connection";
}

TEST_F(HttpServerTest, LargeBodiesAreRefusedWhileOthersHoldTheMemory) {
  options.limits.memory_bytes_max = std::size_t{4} << 20;
  handler.answers = [](HttpRequest& request) { return TestHandler::text(std::to_string(request.body.size())); };
  start();
  const std::string large(std::size_t{1} << 20, 'x');
  Client holder(server->port());
  const std::string held = post(std::string(std::size_t{2} << 20, 'x'));
  holder.send(held.substr(0, held.size() - 1));  // of twice its size while it grows
  ASSERT_TRUE(becomes_true([&] { return server->request_memory_bytes() > options.limits.memory_bytes_max - 262'144; }));

  const Got refused = connect().ask(post(large));
  EXPECT_EQ(refused.status(), 429);
  EXPECT_TRUE(refused.has("Retry-After: 1")) << refused.head;
  EXPECT_EQ(connect().ask(post("small")).body, "5") << "small requests go on";

  holder.send(held.substr(held.size() - 1));
  EXPECT_EQ(holder.read().body, std::to_string(std::size_t{2} << 20));
  EXPECT_TRUE(becomes_true([&] { return server->request_memory_bytes() == 0; })) << "given back";
  EXPECT_EQ(connect().ask(post(large)).body, std::to_string(large.size()));
}

TEST_F(HttpServerTest, AnswersHoldMemoryUntilTheyAreTaken) {
  options.limits.memory_bytes_max = std::size_t{12} << 20;
  handler.answers = [](HttpRequest& request) {
    return TestHandler::text(std::string(request.target == "/large" ? std::size_t{8} << 20 : 1, 'x'));
  };
  start();
  Client reader(server->port());
  reader.send(get("/large"));
  ASSERT_TRUE(becomes_true([&] { return counters().requests == 1 && server->request_memory_bytes() > 0; }));
  EXPECT_EQ(connect().ask(get("/large")).status(), 429);
  EXPECT_EQ(connect().ask(get("/small")).status(), 200);
  EXPECT_EQ(reader.read().body.size(), std::size_t{8} << 20);
  EXPECT_TRUE(becomes_true([&] { return server->request_memory_bytes() == 0; }));
  EXPECT_EQ(connect().ask(get("/large")).status(), 200);
}

TEST_F(HttpServerTest, AHandlerLearnsThatItsClientHasGone) {
  Event begun, noticed;
  handler.answers = [&](HttpRequest& request) {
    begun.happens();
    if (becomes_true([&] { return request.cancelled(); })) noticed.happens();
    return TestHandler::text("for nobody");
  };
  start();
  Client client(server->port());
  client.send(get("/"));
  ASSERT_TRUE(begun.happens_within(kLong));
  client.break_off();
  EXPECT_TRUE(noticed.happens_within(kLong));
  EXPECT_TRUE(becomes_true([&] { return counters().connections_open == 0; }));
}

TEST_F(HttpServerTest, StoppingAnswersWhatHasBegunAndClosesWhatIsIdle) {
  Event begun;
  handler.answers = [&](HttpRequest&) {
    begun.happens();
    std::this_thread::sleep_for(milliseconds(200));
    return TestHandler::text("done");
  };
  start();
  const std::uint16_t port = server->port();
  Client idle(port), running(port), half(port);
  half.send("GET / HTTP/1.1\r\nHost: x\r\n");
  running.send(get("/"));
  ASSERT_TRUE(begun.happens_within(kLong));
  std::thread stopping([&] { server->stop(milliseconds(10'000)); });
  EXPECT_TRUE(idle.is_closed());
  const Got got = running.read();
  EXPECT_EQ(got.body, "done");
  EXPECT_TRUE(got.has("Connection: close"));
  EXPECT_EQ(half.ask("\r\n").body, "done");
  for (Client* client : {&idle, &running, &half}) client->leave();
  stopping.join();
  EXPECT_EQ(counters().connections_open, 0u);
}

TEST_F(HttpServerTest, StoppingIsBoundedByItsGrace) {
  std::atomic<int> begun = 0;
  options.workers = 1;
  handler.answers = [&](HttpRequest& request) {
    ++begun;
    becomes_true([&] { return request.cancelled(); });
    return TestHandler::text("for nobody");
  };
  start();
  Client running(server->port()), queued(server->port()), half(server->port());
  half.send("GET");
  running.send(get("/"));
  ASSERT_TRUE(becomes_true([&] { return begun == 1; }));
  queued.send(get("/"));
  const auto begin = std::chrono::steady_clock::now();
  server->stop(milliseconds(100));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(5'000));
  EXPECT_EQ(begun, 1) << "what was queued is dropped";
  EXPECT_TRUE(queued.is_closed());
  EXPECT_TRUE(half.is_closed());
}

// Counts to `end`, then goes on silently or ends.
class Counting final : public HttpStream {
 public:
  Counting(int end, bool ends, std::atomic<int>& alive) : end_(end), ends_(ends), alive_(alive) { ++alive_; }
  ~Counting() override { --alive_; }
  std::optional<std::string> next() override {
    if (count_ == end_) return ends_ ? std::nullopt : std::optional<std::string>("");
    return "data: " + std::to_string(++count_) + "\n\n";
  }

 private:
  const int end_;
  const bool ends_;
  std::atomic<int>& alive_;
  int count_ = 0;
};

class HttpStreamTest : public HttpServerTest {
 protected:
  void stream(int end, bool ends) {
    handler.answers = [=, this](HttpRequest& request) {
      if (request.target != "/stream") return TestHandler::text("other");
      HttpResponse response;
      response.content_type = "text/event-stream";
      response.stream = std::make_unique<Counting>(end, ends, alive);
      response.stream_every = milliseconds(20);
      return response;
    };
  }
  std::atomic<int> alive = 0;
};

TEST_F(HttpStreamTest, IsSentInChunksUntilItsSourceEnds) {
  stream(3, true);
  start();
  Client client(server->port());
  client.send(get("/stream"));
  const std::string head = client.read_until("\r\n\r\n");
  EXPECT_NE(head.find("Transfer-Encoding: chunked"), std::string::npos);
  EXPECT_NE(head.find("Content-Type: text/event-stream"), std::string::npos);
  EXPECT_EQ(client.read_all(), "9\r\ndata: 1\n\n\r\n9\r\ndata: 2\n\n\r\n9\r\ndata: 3\n\n\r\n0\r\n\r\n");
  client.leave();
  EXPECT_TRUE(becomes_true([&] { return alive == 0 && counters().streams_open == 0; }));
}

TEST_F(HttpStreamTest, ToHttp10IsSentBare) {
  stream(2, true);
  start();
  Client client(server->port());
  client.send("GET /stream HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n").find("Transfer-Encoding"), std::string::npos);
  EXPECT_EQ(client.read_all(), "data: 1\n\ndata: 2\n\n");
}

TEST_F(HttpStreamTest, HoldsNoWorkerAndEndsWithItsClient) {
  options.workers = 1;
  stream(1, false);
  start();
  {
    Client one(server->port()), two(server->port()), other(server->port());
    for (Client* client : {&one, &two}) {
      client->send(get("/stream"));
      client->read_until("data: 1\n\n\r\n");
    }
    EXPECT_EQ(other.ask(get("/")).body, "other");
    EXPECT_EQ(counters().streams_open, 2u);
  }
  EXPECT_TRUE(becomes_true([&] { return alive == 0 && counters().streams_open == 0; }));
}

TEST_F(HttpStreamTest, TooManyAreRefused) {
  options.limits.streams_max = 1;
  stream(1, false);
  start();
  Client one(server->port()), two(server->port());
  one.send(get("/stream"));
  one.read_until("data: 1\n\n\r\n");
  EXPECT_EQ(two.ask(get("/stream")).status(), 429);
}

TEST_F(HttpStreamTest, EndsInOrderWhenTheServerStops) {
  stream(1, false);
  start();
  Client client(server->port());
  client.send(get("/stream"));
  client.read_until("data: 1\n\n\r\n");
  std::thread stopping([&] { server->stop(milliseconds(10'000)); });
  EXPECT_EQ(client.read_all(), "0\r\n\r\n");
  client.leave();
  stopping.join();
  EXPECT_EQ(alive, 0);
}

TEST_F(HttpServerTest, ManyClientsAtOnceGetTheirOwnAnswers) {
  options.io_threads = 2;
  start();
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round < 10; ++round) {
        Client client(server->port());
        for (int i = 0; i < 20; ++i) {
          const std::string body = std::to_string(t * 1'000 + i) + std::string(static_cast<std::size_t>(i) * 999, 'x');
          if (client.ask(post(body)).body != "POST / " + body) ++wrong;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(HttpServer, CannotStartWithWhatItCannotUse) {
  TestHandler handler;
  HttpOptions options;
  const auto first = HttpServer::start(options, handler);
  ASSERT_TRUE(first.ok());
  options.port = (*first)->port();
  EXPECT_EQ(HttpServer::start(options, handler).error().code, ErrorCode::IoError) << "the port is taken";
  options.port = 0;
  options.address = "localhost";
  EXPECT_EQ(HttpServer::start(options, handler).error().code, ErrorCode::InvalidArgument);
  options.address = "127.0.0.1";
  options.certificate_file = "/nowhere.pem";
  EXPECT_EQ(HttpServer::start(options, handler).error().code, ErrorCode::InvalidArgument) << "no key";
  options.key_file = "/nowhere.pem";
  EXPECT_EQ(HttpServer::start(options, handler).error().code, ErrorCode::InvalidArgument);
}

TEST(HttpServer, ComesAndGoes) {
  TestHandler handler;
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(HttpServer::start({}, handler).ok());
}

}  // namespace
}  // namespace omendb
