// GET /collections/{c}.
#include "server/collection_status.h"
#include "server/operations.h"
#include "server/settings.h"
#include "server/vector_settings.h"

namespace omendb {
namespace {

void write_section(JsonWriter& json, std::string_view name, const Settings& settings, std::string_view section) {
  json.key(name).raw(settings.shown(section).text());
}

void write_config(JsonWriter& json, const CollectionOptions& options, const Settings& settings) {
  json.begin_object().key("params").begin_object();
  write_vector_settings(json, options, settings);
  for (const auto& [key, value] : settings.shown("params").members()) json.key(key).raw(value);
  json.end_object();
  write_section(json, "hnsw_config", settings, "hnsw_config");
  write_section(json, "optimizer_config", settings, "optimizers_config");
  write_section(json, "wal_config", settings, "wal_config");
  const std::string_view quantization = settings.raw("quantization_config");
  json.key("quantization_config").raw(quantization.empty() ? "null" : quantization);
  write_section(json, "strict_mode_config", settings, "strict_mode_config");
  const std::string_view metadata = settings.raw("metadata");
  if (!metadata.empty()) json.key("metadata").raw(metadata);
  json.end_object();
}

void write_fields(JsonWriter& json, const Collection& collection, const Settings& settings) {
  json.begin_object();
  for (const FieldIndexInfo& field : collection.field_indexes()) {
    json.key(field.key).begin_object().member("data_type", name_of(field.type));
    const std::string parameters = settings.field(field.key);
    if (!parameters.empty()) json.key("params").raw(parameters);
    json.member("points", field.points).end_object();
  }
  json.end_object();
}

}  // namespace

Outcome<void> show_collection(Call& call) {
  const Collection collection = OMEN_TRY(call.collection());
  const Settings settings = Settings::of(collection);
  const Progress progress = collection.progress();
  const std::optional<Error> read_only = collection.stats().read_only;
  const std::uint64_t points = collection.count();
  JsonWriter& json = call.result;
  json.begin_object().member("status", name_of(status_of(progress, read_only.has_value())));
  const bool broken = progress.state == IndexState::Stopped && !settings.indexing_paused() && !progress.reason.empty();
  json.key("optimizer_status");
  if (read_only || broken) {
    json.begin_object().member("error", read_only ? read_only->message : progress.reason).end_object();
  } else {
    json.string("ok");
  }
  json.member("indexed_vectors_count", indexed_count(progress, points)).member("points_count", points);
  // The graph and the tail.
  json.member("segments_count", progress.covered > 0 && progress.tail > 0 ? 2 : 1);
  json.key("config");
  write_config(json, collection.options(), settings);
  json.key("payload_schema");
  write_fields(json, collection, settings);
  // A write is applied before it is answered, and rows can be found before they are indexed.
  json.key("update_queue").begin_object().member("length", 0).member("deferred_points", 0).end_object();
  json.end_object();
  return {};
}

}  // namespace omendb
