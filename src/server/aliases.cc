// Other names of collections.
#include <algorithm>
#include <optional>
#include <set>

#include "server/backend.h"
#include "server/limits.h"
#include "server/operations.h"

namespace omendb {
namespace {

Outcome<AliasChange> read_change(const Json& action) {
  OMEN_TRY(must_be_object(action, "actions"));
  AliasChange change;
  if (const Json* create = action.find("create_alias")) {
    change.alias = OMEN_TRY(need_string(*create, "alias_name"));
    change.target = OMEN_TRY(need_string(*create, "collection_name"));
  } else if (const Json* remove = action.find("delete_alias")) {
    change.kind = AliasChange::Kind::Remove;
    change.alias = OMEN_TRY(need_string(*remove, "alias_name"));
  } else if (const Json* rename = action.find("rename_alias")) {
    change.kind = AliasChange::Kind::Rename;
    change.alias = OMEN_TRY(need_string(*rename, "old_alias_name"));
    change.target = OMEN_TRY(need_string(*rename, "new_alias_name"));
  } else {
    return wrong_format("data did not match any variant of untagged enum AliasOperations");
  }
  return change;
}

// As Qdrant would say it, for what clients look at.
Outcome<void> check_change(const AliasChange& change, Database& database) {
  if (change.kind != AliasChange::Kind::Create) return {};
  const std::vector<std::string> names = database.names();
  const auto is_collection = [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (is_collection(change.alias))
    return Refusal(409, "Wrong input: Collection `" + change.alias + "` already exists!");
  if (!is_collection(change.target)) return not_found("Collection `" + change.target + "` doesn't exist!");
  return {};
}

// The first that a change needs and that is not there when its turn comes.
std::optional<std::string> missing_alias(const std::vector<AliasChange>& changes, const std::vector<Alias>& aliases) {
  std::set<std::string> there;
  for (const Alias& alias : aliases) there.insert(alias.alias);
  for (const AliasChange& change : changes) {
    if (change.kind != AliasChange::Kind::Create && there.erase(change.alias) == 0) return change.alias;
    if (change.kind == AliasChange::Kind::Create) there.insert(change.alias);
    if (change.kind == AliasChange::Kind::Rename) there.insert(change.target);
  }
  return std::nullopt;
}

void write_aliases(JsonWriter& json, Database& database, const std::string* collection) {
  json.begin_object().key("aliases").begin_array();
  for (const Alias& alias : database.aliases()) {
    if (collection != nullptr && alias.collection != *collection) continue;
    json.begin_object().member("alias_name", alias.alias).member("collection_name", alias.collection).end_object();
  }
  json.end_array().end_object();
}

}  // namespace

Outcome<void> change_aliases(Call& call) {
  const JsonDocument document = OMEN_TRY(call.body());
  const std::span<const Json> actions = OMEN_TRY(need_list(document.root(), "actions"));
  if (actions.size() > kOperationsMax) return bad_request("too many actions");
  Database& database = call.backend.database();
  std::vector<AliasChange> changes;
  for (const Json& action : actions) {
    changes.push_back(OMEN_TRY(read_change(action)));
    OMEN_TRY(check_change(changes.back(), database));
  }
  const Result<void> changed = database.change_aliases(changes);
  if (!changed.ok() && changed.error().code == ErrorCode::NotFound) {
    const std::optional<std::string> missing = missing_alias(changes, database.aliases());
    if (missing) return not_found("Alias " + *missing + " does not exists!");
  }
  OMEN_TRY(changed);
  call.result.boolean(true);
  return {};
}

Outcome<void> list_aliases(Call& call) {
  write_aliases(call.result, call.backend.database(), nullptr);
  return {};
}

Outcome<void> list_collection_aliases(Call& call) {
  OMEN_TRY(call.collection());
  std::string name(call.arguments[0]);
  for (const Alias& alias : call.backend.database().aliases()) {
    if (alias.alias == name) name = alias.collection;
  }
  write_aliases(call.result, call.backend.database(), &name);
  return {};
}

}  // namespace omendb
