#include "payload/facet_counts.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/first_in_order.h"
#include "payload/facet_values.h"
#include "payload/value_key.h"
#include "payload/value_walk.h"

namespace omendb {
namespace {

struct MoreRows {
  bool operator()(const FacetHit& a, const FacetHit& b) const {
    return a.count != b.count ? a.count > b.count : a.value < b.value;
  }
};

FacetValue value_of_key(FieldType type, std::string_view key) {
  if (type == FieldType::Integer) return integer_of_key(key);
  if (type == FieldType::Bool) return integer_of_key(key) != 0;
  return std::string(key);
}

}  // namespace

bool FacetCounts::serves(FieldType type) {
  return type == FieldType::Keyword || type == FieldType::Uuid || type == FieldType::Integer || type == FieldType::Bool;
}

FacetCounts::FacetCounts(const FieldIndex& index) : index_(index) {
  for (const auto& part : index.parts()) by_part_.emplace_back(part->size());
}

void FacetCounts::add_all() {
  for (std::size_t part = 0; part < by_part_.size(); ++part) {
    for (std::uint32_t value = 0; value < by_part_[part].size(); ++value) {
      by_part_[part][value] += static_cast<std::uint32_t>(index_.parts()[part]->rows_of({value, value + 1}).size());
    }
  }
}

template <class Change>
void FacetCounts::change(Row row, Change change) {
  const auto& parts = index_.parts();
  const auto after =
      std::upper_bound(parts.begin(), parts.end(), index(row),
                       [](std::uint32_t wanted, const auto& part) { return wanted < part->rows().begin; });
  const auto part = static_cast<std::size_t>(after - parts.begin()) - 1;
  for (const std::uint32_t value : parts[part]->values_of(row)) change(by_part_[part][value]);
}

void FacetCounts::add(Row row) {
  change(row, [](std::uint32_t& count) { ++count; });
}

void FacetCounts::subtract(Row row) {
  change(row, [](std::uint32_t& count) { --count; });
}

void FacetCounts::add(std::string_view payload, const JsonPath& path) {
  for (FacetValue& value : facet_values(payload, path)) ++by_payload_[std::move(value)];
}

std::vector<FacetHit> FacetCounts::most(std::uint32_t limit) const {
  FirstInOrder<FacetHit, MoreRows> hits(limit);
  auto rest = by_payload_;  // those that the index does not have
  for (ValueWalk walk(index_); walk.next();) {
    std::uint64_t count = 0;
    for (const auto& [part, value] : walk.places()) count += by_part_[part][value];
    if (count == 0 && rest.empty()) continue;
    FacetValue value = value_of_key(index_.type(), walk.key());
    if (const auto also = rest.find(value); also != rest.end()) {
      count += also->second;
      rest.erase(also);
    }
    if (count != 0) hits.add({std::move(value), count});
  }
  for (const auto& [value, count] : rest) hits.add({value, count});
  return std::move(hits).take();
}

}  // namespace omendb
