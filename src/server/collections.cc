// Collections as a whole: made, changed, listed, dropped.
#include <algorithm>

#include "server/backend.h"
#include "server/limits.h"
#include "server/log.h"
#include "server/operations.h"
#include "server/settings.h"
#include "server/vector_settings.h"

namespace omendb {
namespace {

// Refused at the request: a sharding of the user's own would decide where points are.
Outcome<void> refuse_sharding(const Json& request) {
  const auto method = OMEN_TRY(maybe_string(request, "sharding_method"));
  if (method == "custom")
    return bad_request("sharding_method custom is not supported by this server: it has one shard");
  return {};
}

Outcome<void> check_name(std::string_view name) {
  constexpr std::string_view kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
  const bool fits = !name.empty() && name.size() <= kNameBytesMax;
  if (fits && name.front() != '.' && name.find_first_not_of(kAllowed) == std::string_view::npos) return {};
  return Refusal(422, "Validation error in path parameters: [collection_name: value \"" +
                          std::string(name.substr(0, kNameBytesMax)) +
                          "\" invalid, must be 1 to 255 of A-Z a-z 0-9 _ . - and not start with a dot]");
}

}  // namespace

Outcome<void> list_collections(Call& call) {
  call.result.begin_object().key("collections").begin_array();
  for (const std::string& name : call.backend.database().names()) {
    call.result.begin_object().member("name", name).end_object();
  }
  call.result.end_array().end_object();
  return {};
}

Outcome<void> create_collection(Call& call) {
  const std::string name(call.arguments[0]);
  OMEN_TRY(check_name(name));
  Database& database = call.backend.database();
  const JsonDocument document = OMEN_TRY(call.body());
  const Json& request = document.root();
  OMEN_TRY(refuse_sharding(request));
  Settings settings;
  const CollectionOptions options = OMEN_TRY(read_vector_settings(request, settings));
  OMEN_TRY(settings.merge(request));
  if (database.collection(name).ok()) return Refusal(409, "Wrong input: Collection `" + name + "` already exists!");
  std::lock_guard turn(call.backend.settings_turn());
  if (database.names().size() >= kCollectionsMax)
    return bad_request("there are " + std::to_string(kCollectionsMax) + " collections already");
  Result<Collection> created = database.create(name, options);
  if (!created.ok()) {
    if (created.error().code == ErrorCode::AlreadyExists)
      return Refusal(409, "Wrong input: Collection `" + name + "` already exists!");
    return created.error();
  }
  const Result<void> saved = settings.save(*created);
  if (!saved.ok()) {
    (void)database.drop(name);  // all or nothing
    return saved.error();
  }
  if (settings.indexing_paused()) created->pause_indexing(true);
  log_info("collection created", {{"collection", name}});
  call.result.boolean(true);
  return {};
}

Outcome<void> update_collection(Call& call) {
  Collection collection = OMEN_TRY(call.collection());
  const JsonDocument document = OMEN_TRY(call.body());
  std::lock_guard turn(call.backend.settings_turn());
  Settings settings = Settings::of(collection);
  OMEN_TRY(change_vector_settings(document.root(), collection.options(), settings));
  OMEN_TRY(settings.merge(document.root()));
  OMEN_TRY(settings.save(collection));
  collection.pause_indexing(settings.indexing_paused());
  call.result.boolean(true);
  return {};
}

Outcome<void> delete_collection(Call& call) {
  const Result<void> dropped = call.backend.database().drop(call.arguments[0]);
  const bool was_there = dropped.ok();
  const bool unknown =
      !was_there && (dropped.error().code == ErrorCode::NotFound || dropped.error().code == ErrorCode::InvalidArgument);
  if (!was_there && !unknown) return dropped.error();
  if (was_there) log_info("collection dropped", {{"collection", call.arguments[0]}});
  call.result.boolean(was_there);
  return {};
}

Outcome<void> collection_exists(Call& call) {
  call.result.begin_object().member("exists", call.collection().ok()).end_object();
  return {};
}

}  // namespace omendb
