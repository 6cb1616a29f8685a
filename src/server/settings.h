// What Qdrant's users may say about a collection and this engine does not need: checked, kept, and given back.
#pragma once

#include <string>
#include <string_view>

#include "omendb/collection.h"
#include "server/json_map.h"

namespace omendb {

// Checks one section ("hnsw_config", "optimizers_config", ...) of a request. `path` is for messages. Unknown fields are
// left to those who know them.
Outcome<void> check_section(std::string_view section, const Json& object, std::string_view path);

// What a collection's notes hold: one JSON object, with the sections by their names.
class Settings {
 public:
  static Settings of(const Collection& collection) { return Settings(JsonMap::parse(collection.notes())); }
  Settings() = default;

  // Checks the sections of the request and merges them over those that are kept.
  Outcome<void> merge(const Json& request);

  // Of the vector of that name, dense or sparse: what was said beside its size and distance.
  void set_vector(std::string_view kind, std::string_view name, const JsonMap& parameters);
  JsonMap vector(std::string_view kind, std::string_view name) const;

  void set_field(std::string_view key, std::string_view schema);  // empty: none any more
  std::string field(std::string_view key) const;

  bool indexing_paused() const;  // max_optimization_threads is 0

  Result<void> save(Collection& collection) const { return collection.set_notes(sections_.text()); }

  // The sections as the collection's information shows them, defaults filled in.
  JsonMap shown(std::string_view section) const;
  std::string_view raw(std::string_view section) const { return sections_.get(section); }

 private:
  explicit Settings(JsonMap sections) : sections_(std::move(sections)) {}

  JsonMap sections_;
};

}  // namespace omendb
