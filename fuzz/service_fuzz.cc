// A request from anybody, past HTTP: "METHOD /target" in its first line, the body behind it. Whatever it asks, it gets an
// answer that is JSON where it says so, the server has nothing to complain of itself, and the next request is answered.
#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "server/test_service.h"

namespace omendb {
namespace {

// Requests change what later ones meet, for so long.
constexpr int kRequestsPerDatabase = 2'000;

std::unique_ptr<TestService> make_service() {
  auto service = std::make_unique<TestService>();
  const auto must = [&](std::string_view method, std::string_view target, std::string_view body) {
    OMEN_ASSERT(service->ask(method, target, body).status == 200);
  };
  must("PUT", "/collections/c", R"({"vectors": {"size": 2, "distance": "Cosine"}})");
  must("PUT", "/collections/d", R"({"vectors": {"": {"size": 2, "distance": "Euclid"},
      "b": {"size": 3, "distance": "Dot", "datatype": "uint8"}, "l": {"size": 1, "distance": "Manhattan"}},
      "sparse_vectors": {"s": {"modifier": "idf"}}})");
  must("PUT", "/collections/c/points", R"({"points": [
      {"id": 1, "vector": [1, 0], "payload": {"a": 1, "city": "Ulm", "n": {"x": [1, 2.5, "t"]}}},
      {"id": 2, "vector": [0, 1], "payload": {"a": 2, "city": ["Bonn", "Ulm"], "at": "2024-01-01T00:00:00Z"}},
      {"id": "00000000-0000-0000-0000-00000000000a", "vector": [1, 1], "payload": {"geo": {"lon": 1, "lat": 2}}},
      {"id": 4, "vector": [3, 1]}]})");
  must("PUT", "/collections/d/points", R"({"points": [
      {"id": 1, "vector": {"": [1, 0], "b": [1, 2, 3], "s": {"indices": [1, 9], "values": [1, 2]}}},
      {"id": 2, "vector": {"l": [4]}, "payload": {"a": [1, 2]}}]})");
  must("PUT", "/collections/c/index", R"({"field_name": "city", "field_schema": "keyword"})");
  must("POST", "/collections/aliases",
       R"({"actions": [{"create_alias": {"collection_name": "c", "alias_name": "e"}}]})");
  return service;
}

void check(const TestService::Answer& answer) {
  // 500: something broke. 507 and 413 are bounds, 403 and 404 are said of what is not there.
  OMEN_ASSERT(answer.status >= 200 && answer.status != 500);
  if (!answer.body.starts_with('{')) return;
  simdjson::dom::parser parser;
  const auto error = parser.parse(answer.body).error();
  // Settings are given back as they were sent, and this reader takes no integers of more than 64 bits.
  OMEN_ASSERT(error == simdjson::SUCCESS || error == simdjson::NUMBER_ERROR);
}

}  // namespace
}  // namespace omendb

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace omendb;
  static std::unique_ptr<TestService> service;
  static int left = 0;
  if (left-- == 0) {
    service = nullptr;
    service = make_service();
    left = kRequestsPerDatabase;
  }
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line = std::min(input.find('\n'), input.size());
  const std::size_t space = std::min(input.find(' '), line);
  const std::string_view target = input.substr(std::min(space + 1, line), line - std::min(space + 1, line));
  if (!parse_target(target).ok()) return 0;
  check(service->ask(input.substr(0, space), target, input.substr(std::min(line + 1, size))));
  OMEN_ASSERT(service->ask("GET", "/healthz").status == 200);
  return 0;
}
