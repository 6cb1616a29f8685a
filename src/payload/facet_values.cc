#include "payload/facet_values.h"

#include <algorithm>
#include <optional>

#include "payload/json_values.h"

namespace omendb {
namespace {

std::optional<FacetValue> facet_value(simdjson::dom::element value) {
  std::string_view text;
  std::int64_t whole = 0;
  bool truth = false;
  if (value.get(text) == simdjson::SUCCESS) return FacetValue(std::string(text));
  if (value.get(truth) == simdjson::SUCCESS) return FacetValue(truth);
  if (value.get(whole) == simdjson::SUCCESS) return FacetValue(whole);
  return std::nullopt;
}

}  // namespace

std::vector<FacetValue> facet_values(std::string_view payload, const JsonPath& path) {
  thread_local simdjson::dom::parser parser;
  std::vector<FacetValue> values;
  simdjson::dom::element document;
  if (payload.empty() || parser.parse(payload.data(), payload.size()).get(document) != simdjson::SUCCESS) return values;
  any_element(path, document, [&](simdjson::dom::element element) {
    if (auto value = facet_value(element)) values.push_back(std::move(*value));
    return false;
  });
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

}  // namespace omendb
