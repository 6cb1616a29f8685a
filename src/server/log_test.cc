#include "server/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "server/test_log.h"

namespace omendb {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;

TEST(LogTest, AsTextALineHasTimeLevelMessageAndFields) {
  CaughtLog log;
  log_warning("slow request",
              {{"method", "GET"}, {"status", 200}, {"milliseconds", 0.5}, {"fits", true}, {"delta", -3}});
  EXPECT_THAT(log.take(), ElementsAre(MatchesRegex(
                              "20[0-9][0-9]-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z warning slow "
                              "request method=GET status=200 milliseconds=0.5 fits=true delta=-3\n")));
}

TEST(LogTest, AsJsonALineIsAnObject) {
  CaughtLog log(LogFormat::Json);
  log_error("it broke", {{"why", "a \"b\"\nc"}, {"rows", std::uint64_t{1} << 63}, {"plain", false}});
  log_info("alone");
  const std::vector<std::string> lines = log.take();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_THAT(lines[0], EndsWith("}\n"));
  simdjson::dom::parser parser;
  simdjson::dom::object line = parser.parse(lines[0]);
  EXPECT_EQ(std::string_view(line["level"]), "error");
  EXPECT_EQ(std::string_view(line["message"]), "it broke");
  EXPECT_EQ(std::string_view(line["why"]), "a \"b\"\nc");
  EXPECT_EQ(std::uint64_t(line["rows"]), std::uint64_t{1} << 63);
  EXPECT_FALSE(bool(line["plain"]));
  EXPECT_THAT(std::string(std::string_view(line["time"])), MatchesRegex("20.*T.*\\.[0-9]{3}Z"));
  EXPECT_EQ(parser.parse(lines[1]).error(), simdjson::SUCCESS);
}

TEST(LogTest, NobodysTextBeginsALineOfItsOwnOrMovesACursor) {
  struct Case {
    std::string text;
    std::string shown;
  };
  const Case cases[] = {
      {"a b", "\"a b\""},
      {"", "\"\""},
      {"a=b", "\"a=b\""},
      {"a\n2026-01-01T00:00:00.000Z error all is lost", "\"a\\n2026-01-01T00:00:00.000Z error all is lost\""},
      {"\x1b[2J", "\"\\u001b[2J\""},
      {"\x7f", "\"?\""},
      {"\xC2\x9B"
       "2J",
       "\"??2J\""},
      {"\xFF\xFE", "\"??\""},
      {"ü", "\"ü\""},
      {std::string(5'000, 'a'), std::string("\"").append(1'000, 'a').append("...\"")},
  };
  for (const LogFormat format : {LogFormat::Text, LogFormat::Json}) {
    CaughtLog log(format);
    for (const Case& c : cases) {
      log_info("x", {{"field", c.text}});
      const std::vector<std::string> lines = log.take();
      ASSERT_EQ(lines.size(), 1u);
      EXPECT_THAT(lines[0], EndsWith(format == LogFormat::Text ? "field=" + c.shown + "\n" : ":" + c.shown + "}\n"));
      EXPECT_EQ(lines[0].find('\n'), lines[0].size() - 1);
    }
  }
}

TEST(LogTest, ALongTextIsCutBetweenCharacters) {
  CaughtLog log(LogFormat::Json);
  std::string text(999, 'a');
  log_info("x", {{"field", text.append("üü")}});
  EXPECT_THAT(log.take(), ElementsAre(HasSubstr(std::string(999, 'a').append("...\""))));
}

TEST(LogTest, WhatIsBelowTheLevelIsNotWritten) {
  CaughtLog log(LogFormat::Text, LogLevel::Warning);
  log_info("no");
  log_warning("yes");
  EXPECT_THAT(log.take(), ElementsAre(HasSubstr("yes")));
  begin_log({.level = LogLevel::Off, .write = [](std::string_view) { FAIL(); }});
  log_error("no");
}

TEST(LogTest, APaceLetsSoManyASecondPassAndCountsTheOthers) {
  LogPace pace(2);
  const std::chrono::steady_clock::time_point begin;
  EXPECT_EQ(pace.lets_pass(begin), 0u);
  EXPECT_EQ(pace.lets_pass(begin), 0u);
  EXPECT_EQ(pace.lets_pass(begin + std::chrono::milliseconds(500)), std::nullopt);
  EXPECT_EQ(pace.lets_pass(begin + std::chrono::milliseconds(999)), std::nullopt);
  EXPECT_EQ(pace.lets_pass(begin + std::chrono::milliseconds(1'000)), 2u);
  EXPECT_EQ(pace.lets_pass(begin + std::chrono::milliseconds(1'001)), 0u);
}

}  // namespace
}  // namespace omendb
