#include "payload/value_walk.h"

namespace omendb {

ValueWalk::ValueWalk(const FieldIndex& index) : index_(index) {
  for (const auto& part : index.parts()) left_.push_back({0, part->size()});
}

ValueWalk::ValueWalk(const FieldIndex& index, const OrderBy& order) : index_(index), descending_(order.descending) {
  for (const auto& part : index.parts()) {
    left_.push_back(order.start_from ? part->values_from(*order.start_from, descending_)
                                     : ValueRange{0, part->size()});
  }
}

// Of a part with values left: the next one's place.
std::uint32_t ValueWalk::ahead(std::size_t part) const {
  return descending_ ? left_[part].end - 1 : left_[part].begin;
}

bool ValueWalk::next() {
  places_.clear();
  for (std::size_t part = 0; part < left_.size(); ++part) {
    if (left_[part].begin == left_[part].end) continue;
    const std::string_view key = index_.parts()[part]->key(ahead(part));
    const int order = places_.empty() ? 0 : key.compare(key_);
    if (descending_ ? order < 0 : order > 0) continue;
    if (order != 0) places_.clear();
    key_ = key;
    places_.push_back({part, ahead(part)});
  }
  for (const Place& place : places_) {
    ValueRange& left = left_[place.part];
    left = descending_ ? ValueRange{left.begin, place.value} : ValueRange{place.value + 1, left.end};
  }
  return !places_.empty();
}

}  // namespace omendb
