// How fast points are read from JSON: requests of 1,000 points, by the width of their vectors.
#include <chrono>
#include <cstdio>
#include <random>

#include "server/http/body.h"
#include "server/json_writer.h"
#include "server/points_reader.h"

namespace omendb {
namespace {

constexpr std::uint64_t kPoints = 1'000;

HttpBody request_of(std::uint32_t dimensions) {
  std::mt19937 random(1);
  std::normal_distribution<float> value;
  JsonWriter json;
  json.begin_object().key("points").begin_array();
  for (std::uint64_t id = 0; id < kPoints; ++id) {
    json.begin_object().member("id", id).key("vector").begin_array();
    for (std::uint32_t i = 0; i < dimensions; ++i) json.number(value(random));
    json.end_array()
        .key("payload")
        .begin_object()
        .member("city", "Berlin")
        .member("number", id)
        .end_object()
        .end_object();
  }
  json.end_array().end_object();
  HttpBody body;
  body.append(json.text());
  return body;
}

void time(std::uint32_t dimensions) {
  using Clock = std::chrono::steady_clock;
  const CollectionOptions options{.dimensions = dimensions};
  const HttpBody body = request_of(dimensions);
  const Clock::time_point end = Clock::now() + std::chrono::seconds(2);
  double best = 1e9;
  while (Clock::now() < end) {
    const Clock::time_point begin = Clock::now();
    const auto request = read_points(body.text(), options);
    const std::chrono::duration<double> took = Clock::now() - begin;
    if (!request.ok() || request->points.ids.size() != kPoints) std::abort();
    best = std::min(best, took.count());
  }
  std::printf("%5u dimensions: %6.0f MB/s, %8.0f points/s\n", dimensions, static_cast<double>(body.size()) / best / 1e6,
              kPoints / best);
}

}  // namespace
}  // namespace omendb

int main() {
  for (const std::uint32_t dimensions : {128U, 768U}) omendb::time(dimensions);
}
