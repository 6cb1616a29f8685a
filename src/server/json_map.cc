#include "server/json_map.h"

#include <algorithm>

#include "server/http/body.h"
#include "server/json_writer.h"

namespace omendb {
namespace {

std::string text_of(const Json& value) {
  if (!value.is(JsonKind::String)) return std::string(value.text());
  JsonWriter writer;
  return writer.string(value.text()).take();
}

}  // namespace

JsonMap::JsonMap(const Json& object) {
  for (const Json& member : object.items()) set(member.key(), text_of(member));
}

JsonMap JsonMap::parse(std::string_view json) {
  if (json.empty()) return {};
  HttpBody padded;
  padded.append(json);
  const Outcome<JsonDocument> document = JsonDocument::parse(padded.text());
  if (!document.ok() || !document->root().is(JsonKind::Object)) return {};
  return JsonMap(document->root());
}

std::string_view JsonMap::get(std::string_view name) const {
  for (const auto& [key, json] : members_) {
    if (key == name) return json;
  }
  return {};
}

void JsonMap::set(std::string_view name, std::string_view json) {
  for (auto& [key, old] : members_) {
    if (key != name) continue;
    old = json;
    return;
  }
  members_.emplace_back(name, json);
}

void JsonMap::remove(std::string_view name) {
  std::erase_if(members_, [&](const auto& member) { return member.first == name; });
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
