// What pages, counts of values and orders cost: scroll_bench DIRECTORY ROWS [seconds]. Makes a collection of so many
// points in the directory, which must be new, once with ids that ascend and once with random ones. Then pages through
// it, up to so many seconds a case (default 5), and prints the milliseconds of the first page, of a page after it, and
// how many there were.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "omendb/omendb.h"

namespace omendb {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

// Payloads of about 60 bytes: "n" counts up, "color" is one of 100, "rare" holds for 1 %.
Collection make(Database& database, const std::string& name, std::uint64_t rows, bool random_ids) {
  Collection points = database.create(name, {.dimensions = 4}).value();
  points.pause_indexing(true);
  std::mt19937_64 random(1);
  constexpr std::uint64_t kBatch = 10'000;
  const std::vector<float> vectors(kBatch * 4, 1.0f);
  for (std::uint64_t begin = 0; begin < rows; begin += kBatch) {
    std::vector<PointId> ids;
    std::vector<std::string> texts;
    for (std::uint64_t i = begin; i < begin + kBatch; ++i) {
      ids.emplace_back(random_ids ? random() : i);
      texts.push_back("{\"n\":" + std::to_string(random() % rows) + ",\"color\":\"c" + std::to_string(i % 100) +
                      "\",\"rare\":" + (random() % 100 == 0 ? "true" : "false") + ",\"text\":\"some words\"}");
    }
    const std::vector<std::string_view> payloads(texts.begin(), texts.end());
    if (!points.upsert({.ids = ids, .vectors = vectors, .payloads = payloads}).ok()) std::exit(1);
  }
  return points;
}

// Runs `step` until it says that it was the last, or the time is over.
void measure(const std::string& what, double seconds, const std::function<bool()>& step) {
  const auto begin = Clock::now();
  bool more = step();
  const double first = milliseconds_since(begin);
  std::uint64_t others = 0;
  const auto next = Clock::now();
  while (more && milliseconds_since(begin) < 1'000 * seconds) {
    more = step();
    ++others;
  }
  std::printf("%-44s first %9.3f ms, then %9.4f ms%s", what.c_str(), first,
              others == 0 ? 0 : milliseconds_since(next) / static_cast<double>(others), more ? "" : ", to the end");
  std::printf(" (%llu)\n", static_cast<unsigned long long>(others + 1));
  std::fflush(stdout);
}

void measure_pages(const std::string& what, double seconds, const Collection& points, ScrollOptions options) {
  measure(what, seconds, [&] {
    const ScrollPage page = points.scroll(options).value();
    options.from = page.next;
    return page.next.has_value();
  });
}

// Of the same page or count, over and over.
void measure_again(const std::string& what, double seconds, const std::function<void()>& step) {
  measure(what, seconds, [&] {
    step();
    return true;
  });
}

void run_values(const Collection& points, const std::string& with, double seconds) {
  const Filter rare = parse_filter(R"({"must":[{"key":"rare","match":{"value":true}}]})").value();
  ScrollOptions ordered{.limit = 100, .order_by = OrderBy{.key = "n"}, .reading = {.vectors = false}};
  measure_again("order_by n, 100, " + with, seconds, [&] { (void)points.scroll(ordered).value(); });
  ordered.order_by->start_from = OrderValue(std::int64_t{100'000});
  ordered.order_by->descending = true;
  measure_again("order_by n from 100,000 down, 100, " + with, seconds, [&] { (void)points.scroll(ordered).value(); });
  measure_again("facet color, " + with, seconds, [&] { (void)points.facet("color", {}, 10).value(); });
  measure_again("facet color of rare, " + with, seconds, [&] { (void)points.facet("color", rare, 10).value(); });
}

void run(const std::string& directory, std::uint64_t rows, double seconds) {
  Database database = Database::open(directory).value();
  const Filter rare = parse_filter(R"({"must":[{"key":"rare","match":{"value":true}}]})").value();
  for (const bool random_ids : {false, true}) {
    Collection points = make(database, random_ids ? "random" : "ascending", rows, random_ids);
    const std::string ids = random_ids ? "random ids, " : "ascending ids, ";
    for (const std::uint32_t limit : {100u, 1'000u}) {
      const std::string pages = ids + "pages of " + std::to_string(limit);
      measure_pages(pages, seconds, points, {.limit = limit, .reading = {.vectors = false}});
      measure_pages(pages + ", filter 1 %", seconds, points,
                    {.filter = rare, .limit = limit, .reading = {.vectors = false}});
    }
    if (!random_ids) continue;
    run_values(points, "payloads", seconds);
    if (!points.create_field_index("n", FieldType::Integer).ok()) std::exit(1);
    if (!points.create_field_index("color", FieldType::Keyword).ok()) std::exit(1);
    if (!points.create_field_index("rare", FieldType::Bool).ok()) std::exit(1);
    if (!points.wait_field_indexes(std::chrono::hours(1)).ok()) std::exit(1);
    run_values(points, "indexes", seconds);
    measure_pages(ids + "pages of 100, filter 1 %, index", seconds, points,
                  {.filter = rare, .limit = 100, .reading = {.vectors = false}});
  }
}

}  // namespace
}  // namespace omendb

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "scroll_bench DIRECTORY ROWS [seconds]\n");
    return 2;
  }
  omendb::run(argv[1], std::strtoull(argv[2], nullptr, 10), argc > 3 ? std::strtod(argv[3], nullptr) : 5);
  return 0;
}
