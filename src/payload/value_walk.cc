#include "payload/value_walk.h"

namespace omendb {

ValueWalk::ValueWalk(const FieldIndex& index) : index_(index) {
  for (const auto& part : index.parts()) left_.push_back({0, part->size()});
}

bool ValueWalk::next() {
  places_.clear();
  for (std::size_t part = 0; part < left_.size(); ++part) {
    if (left_[part].begin == left_[part].end) continue;
    const std::uint32_t value = left_[part].begin;
    const std::string_view key = index_.parts()[part]->key(value);
    if (!places_.empty() && key_ < key) continue;
    if (!places_.empty() && key < key_) places_.clear();
    key_ = key;
    places_.push_back({part, value});
  }
  for (const Place& place : places_) ++left_[place.part].begin;
  return !places_.empty();
}

}  // namespace omendb
