#include "server/json_map.h"

#include <algorithm>

#include "server/json_writer.h"
#include "server/stored_json.h"

namespace omendb {

std::string text_of(const Json& value) {
  if (!value.is(JsonKind::String)) return std::string(value.text());
  JsonWriter writer;
  return writer.string(value.text()).take();
}

JsonMap::JsonMap(const Json& object) {
  if (!object.is(JsonKind::Object)) return;
  for (const Json& member : object.items()) set(member.key(), text_of(member));
}

JsonMap JsonMap::parse(std::string_view json) {
  const StoredJson stored(json);
  return stored.root() != nullptr ? JsonMap(*stored.root()) : JsonMap();
}

std::string_view JsonMap::get(std::string_view name) const {
  const auto place = places_.find(name);
  return place == places_.end() ? std::string_view() : members_[place->second].second;
}

void JsonMap::set(std::string_view name, std::string_view json) {
  const auto [place, is_new] = places_.try_emplace(std::string(name), members_.size());
  if (is_new) {
    members_.emplace_back(name, json);
  } else {
    members_[place->second].second = json;
  }
}

void JsonMap::remove(std::string_view name) {
  if (places_.find(name) == places_.end()) return;
  std::erase_if(members_, [&](const auto& member) { return member.first == name; });
  places_.clear();
  for (std::size_t i = 0; i < members_.size(); ++i) places_.emplace(members_[i].first, i);
}

void JsonMap::merge(const JsonMap& changes) {
  for (const auto& [key, json] : changes.members_) {
    if (json != "null") set(key, json);
  }
}

std::string JsonMap::text() const {
  JsonWriter writer;
  writer.begin_object();
  for (const auto& [key, json] : members_) writer.key(key).raw(json);
  return writer.end_object().take();
}

}  // namespace omendb
