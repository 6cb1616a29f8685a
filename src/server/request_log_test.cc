// What the log says of requests.
#include "server/request_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/test_log.h"
#include "server/test_service.h"

namespace omendb {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr std::string_view kPlane = R"({"vectors": {"size": 2, "distance": "Dot"}})";
constexpr std::string_view kPoint =
    R"({"points": [{"id": 1, "vector": [0.015625, 0.25], "payload": {"who": "somebody"}}]})";

TEST(RequestLogTest, WhatFailsOnOurSideIsAnErrorWithoutWhatWasSent) {
  TestService server({}, {.memory_budget = 1});
  ASSERT_EQ(server.ask("PUT", "/collections/a", kPlane).status, 200);
  CaughtLog log;
  ASSERT_EQ(server.ask("PUT", "/collections/a/points", kPoint).status, 507);
  EXPECT_THAT(log.take(),
              ElementsAre(AllOf(HasSubstr("Z error request failed method=PUT route=/collections/{}/points collection=a "
                                          "status=507 milliseconds="),
                                HasSubstr("error=\""), Not(HasSubstr("0.015625")), Not(HasSubstr("somebody")))));
}

TEST(RequestLogTest, WhatClientsDoWrongIsNotLogged) {
  TestService server({.full = "secret", .read_only = ""});
  CaughtLog log;
  EXPECT_EQ(server.ask("GET", "/collections").status, 401);
  EXPECT_EQ(server.ask("PUT", "/collections/a", "{", "api-key: secret").status, 400);
  EXPECT_EQ(server.ask("GET", "/collections/a", "", "api-key: secret").status, 404);
  RequestLog requests({});
  for (const int status : {400, 404, 408, 413, 429, 501, 505}) requests.refused(status, "no");
  EXPECT_THAT(log.take(), IsEmpty());
}

TEST(RequestLogTest, WhatHttpRefusesForOurSakeIsAnErrorAndAFloodOfThemIsNot) {
  CaughtLog log;
  RequestLog requests({});
  for (int i = 0; i < 1'000; ++i) requests.refused(503, "too many connections are open");
  const std::vector<std::string> lines = log.take();
  EXPECT_THAT(lines, SizeIs(testing::Le(20)));
  EXPECT_THAT(lines.front(), EndsWith("error request refused status=503 error=\"too many connections are open\"\n"));
}

constexpr std::chrono::microseconds kEverything{1};

TEST(RequestLogTest, ASlowSearchIsLoggedWithItsPlanAndWithoutWhatWasAskedFor) {
  TestService server({}, {}, kEverything);
  server.ask("PUT", "/collections/a", kPlane);
  server.ask("PUT", "/collections/a/points", kPoint);
  const char* searches[] = {"query", "query/batch", "search", "query/groups"};
  const char* bodies[] = {
      R"({"query": [0.640625, 0.5], "filter": {"must": [{"key": "who", "match": {"value": "somebody"}}]}, "with_payload": true})",
      R"({"searches": [{"query": [0.640625, 0.5]}, {"query": [0.640625, 0.5]}]})",
      R"({"vector": [0.640625, 0.5], "limit": 3})",
      R"({"query": [0.640625, 0.5], "group_by": "who"})",
  };
  for (int i = 0; i < 4; ++i) {
    SCOPED_TRACE(searches[i]);
    CaughtLog log;
    ASSERT_EQ(server.ask("POST", std::string("/collections/a/points/") + searches[i], bodies[i]).status, 200);
    EXPECT_THAT(
        log.take(),
        ElementsAre(AllOf(HasSubstr(std::string("warning slow request method=POST route=/collections/{}/points/") +
                                    searches[i] + " collection=a status=200 milliseconds="),
                          HasSubstr(" plan=exact rows_by_graph=0 rows_by_scan="), HasSubstr(" search_milliseconds="),
                          Not(HasSubstr("0.640625")), Not(HasSubstr("0.015625")), Not(HasSubstr("somebody")))));
  }
}

TEST(RequestLogTest, OtherSlowRequestsHaveNoPlan) {
  TestService server({}, {}, kEverything);
  server.ask("PUT", "/collections/a", kPlane);
  CaughtLog log;
  server.ask("PUT", "/collections/a/points", kPoint);
  server.ask("GET", "/collections");
  EXPECT_THAT(
      log.take(),
      ElementsAre(AllOf(HasSubstr("route=/collections/{}/points collection=a status=200"), Not(HasSubstr("plan="))),
                  AllOf(HasSubstr("route=/collections status=200"), Not(HasSubstr("collection=")))));
}

TEST(RequestLogTest, WhatIsFastEnoughIsNotLoggedNorAnythingWhereNothingIsSlow) {
  for (const std::chrono::microseconds slow_from :
       {std::chrono::microseconds(0), std::chrono::microseconds(60'000'000)}) {
    TestService server({}, {}, slow_from);
    server.ask("PUT", "/collections/a", kPlane);
    CaughtLog log;
    server.ask("POST", "/collections/a/points/query", R"({"query": [1, 2]})");
    EXPECT_THAT(log.take(), IsEmpty());
  }
}

TEST(RequestLogTest, AFloodOfSlowRequestsIsThinnedOut) {
  TestService server({}, {}, kEverything);
  CaughtLog log;
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 1'000; ++i) server.ask("GET", "/collections");
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  EXPECT_LE(static_cast<double>(log.take().size()), 10 * (seconds + 1));
}

TEST(RequestLogTest, CollectionsComeAndGo) {
  TestService server;
  CaughtLog log;
  server.ask("PUT", "/collections/a", kPlane);
  server.ask("PUT", "/collections/a", kPlane);
  server.ask("DELETE", "/collections/a");
  server.ask("DELETE", "/collections/a");
  EXPECT_THAT(log.take(), ElementsAre(EndsWith("info collection created collection=a\n"),
                                      EndsWith("info collection dropped collection=a\n")));
}

}  // namespace
}  // namespace omendb
