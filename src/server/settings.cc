#include "server/settings.h"

#include <array>
#include <limits>

#include "server/json_writer.h"

namespace omendb {
namespace {

constexpr std::uint64_t kAny = std::numeric_limits<std::uint64_t>::max();

enum class Kind { Count, Share, Number, Flag, Word, CountOrAuto, Object };

struct Rule {
  std::string_view section;
  std::string_view field;
  Kind kind;
  std::uint64_t least = 0;  // of a count
  std::uint64_t most = kAny;
};

constexpr Rule kRules[] = {
    {"hnsw_config", "m", Kind::Count, 0, 10'000},
    {"hnsw_config", "ef_construct", Kind::Count, 4},
    {"hnsw_config", "full_scan_threshold", Kind::Count, 10},
    {"hnsw_config", "max_indexing_threads", Kind::Count},
    {"hnsw_config", "on_disk", Kind::Flag},
    {"hnsw_config", "memory", Kind::Word},
    {"hnsw_config", "payload_m", Kind::Count},
    {"hnsw_config", "inline_storage", Kind::Flag},
    {"optimizers_config", "deleted_threshold", Kind::Share},
    {"optimizers_config", "vacuum_min_vector_number", Kind::Count, 100},
    {"optimizers_config", "default_segment_number", Kind::Count},
    {"optimizers_config", "max_segment_size", Kind::Count, 1},
    {"optimizers_config", "memmap_threshold", Kind::Count},
    {"optimizers_config", "indexing_threshold", Kind::Count},
    {"optimizers_config", "flush_interval_sec", Kind::Count},
    {"optimizers_config", "max_optimization_threads", Kind::CountOrAuto},
    {"optimizers_config", "prevent_unoptimized", Kind::Flag},
    {"wal_config", "wal_capacity_mb", Kind::Count, 1},
    {"wal_config", "wal_segments_ahead", Kind::Count},
    {"wal_config", "wal_retain_closed", Kind::Count, 1},
    {"params", "replication_factor", Kind::Count, 1},
    {"params", "write_consistency_factor", Kind::Count, 1},
    {"params", "read_fan_out_factor", Kind::Count},
    {"params", "read_fan_out_delay_ms", Kind::Count},
    {"params", "on_disk_payload", Kind::Flag},
    {"params", "payload", Kind::Object},
    {"params", "id_tracker", Kind::Object},
    {"params", "shard_number", Kind::Count, 1},
    {"params", "sharding_method", Kind::Word},
    {"vectors", "on_disk", Kind::Flag},
    {"vectors", "memory", Kind::Word},
    {"sparse_vectors", "index", Kind::Object},
    {"strict_mode_config", "enabled", Kind::Flag},
    {"strict_mode_config", "max_query_limit", Kind::Count, 1},
    {"strict_mode_config", "max_timeout", Kind::Count, 1},
    {"strict_mode_config", "unindexed_filtering_retrieve", Kind::Flag},
    {"strict_mode_config", "unindexed_filtering_update", Kind::Flag},
    {"strict_mode_config", "search_max_hnsw_ef", Kind::Count},
    {"strict_mode_config", "search_allow_exact", Kind::Flag},
    {"strict_mode_config", "search_max_oversampling", Kind::Number},
    {"strict_mode_config", "upsert_max_batchsize", Kind::Count},
    {"strict_mode_config", "max_collection_vector_size_bytes", Kind::Count},
    {"strict_mode_config", "read_rate_limit", Kind::Count, 1},
    {"strict_mode_config", "write_rate_limit", Kind::Count, 1},
    {"strict_mode_config", "max_collection_payload_size_bytes", Kind::Count},
    {"strict_mode_config", "max_points_count", Kind::Count, 1},
    {"strict_mode_config", "filter_max_conditions", Kind::Count},
    {"strict_mode_config", "condition_max_size", Kind::Count},
    {"strict_mode_config", "max_payload_index_count", Kind::Count},
};

// Sections whose fields the table knows, or whose shape is tested here.
constexpr std::string_view kSections[] = {"hnsw_config", "optimizers_config", "wal_config", "strict_mode_config"};

Outcome<void> check_field(const Rule& rule, const Json& value, const std::string& path) {
  switch (rule.kind) {
    case Kind::CountOrAuto:
      if (value.is(JsonKind::String) && value.text() == "auto") return {};
      [[fallthrough]];
    case Kind::Count: {
      const std::uint64_t count = OMEN_TRY(read_unsigned(value, path));
      OMEN_TRY(in_bounds(count, path, rule.least, rule.most));
      return {};
    }
    case Kind::Share: {
      const double share = OMEN_TRY(read_double(value, path));
      if (share < 0 || share > 1) return invalid_value(path, value.text(), "from 0.0 to 1.0");
      return {};
    }
    case Kind::Number:
      OMEN_TRY(read_double(value, path));
      return {};
    case Kind::Flag:
      OMEN_TRY(read_bool(value, path));
      return {};
    case Kind::Word:
      OMEN_TRY(read_string(value, path));
      return {};
    case Kind::Object:
      return must_be_object(value, path);
  }
  return {};
}

Outcome<void> check_quantization(const Json& value, const std::string& path) {
  if (value.is(JsonKind::String) && (value.text() == "Disabled")) return {};
  OMEN_TRY(must_be_object(value, path));
  for (const std::string_view kind : {"scalar", "product", "binary", "turbo"}) {
    if (const Json* parameters = value.find(kind)) return must_be_object(*parameters, path);
  }
  return wrong_format("data did not match any variant of untagged enum QuantizationConfig");
}

// What is wanted of the strict mode and would not happen must not be promised.
Outcome<void> check_strict_mode(const Json& object) {
  const Json* enabled = object.find("enabled");
  if (enabled == nullptr || !enabled->as_bool()) return {};
  return bad_request("strict_mode_config cannot be enabled: this server does not enforce its limits");
}

constexpr std::string_view kHnswDefaults =
    R"({"m":16,"ef_construct":100,"full_scan_threshold":10000,"max_indexing_threads":0,"on_disk":false})";
constexpr std::string_view kOptimizersDefaults =
    R"({"deleted_threshold":0.2,"vacuum_min_vector_number":1000,"default_segment_number":0,"max_segment_size":null,)"
    R"("memmap_threshold":null,"indexing_threshold":10000,"flush_interval_sec":5,"max_optimization_threads":null})";
constexpr std::string_view kWalDefaults = R"({"wal_capacity_mb":32,"wal_segments_ahead":0,"wal_retain_closed":1})";
constexpr std::string_view kStrictDefaults = R"({"enabled":false})";
constexpr std::string_view kParamsDefaults =
    R"({"shard_number":1,"replication_factor":1,"write_consistency_factor":1,"on_disk_payload":true})";

std::string_view defaults_of(std::string_view section) {
  if (section == "hnsw_config") return kHnswDefaults;
  if (section == "optimizers_config") return kOptimizersDefaults;
  if (section == "wal_config") return kWalDefaults;
  if (section == "strict_mode_config") return kStrictDefaults;
  if (section == "params") return kParamsDefaults;
  return "{}";
}

}  // namespace

Outcome<void> check_section(std::string_view section, const Json& object, std::string_view path) {
  OMEN_TRY(must_be_object(object, path));
  for (const Rule& rule : kRules) {
    if (rule.section != section) continue;
    const Json* value = object.find(rule.field);
    if (value != nullptr) OMEN_TRY(check_field(rule, *value, std::string(path) + "." + std::string(rule.field)));
  }
  if (const Json* hnsw = object.find("hnsw_config"))
    OMEN_TRY(check_section("hnsw_config", *hnsw, std::string(path) + ".hnsw_config"));
  if (const Json* quantization = object.find("quantization_config")) {
    OMEN_TRY(check_quantization(*quantization, std::string(path) + ".quantization_config"));
  }
  if (section == "strict_mode_config") OMEN_TRY(check_strict_mode(object));
  return {};
}

Outcome<void> Settings::merge(const Json& request) {
  JsonMap params = sections_.map("params");
  for (const Rule& rule : kRules) {
    const Json* value = rule.section == "params" ? request.find(rule.field) : nullptr;
    if (value == nullptr) continue;
    OMEN_TRY(check_field(rule, *value, std::string(rule.field)));
    params.set(rule.field, text_of(*value));
  }
  if (const Json* changes = request.find("params")) {
    OMEN_TRY(check_section("params", *changes, "params"));
    params.merge(JsonMap(*changes));
  }
  if (!params.empty()) sections_.set("params", params.text());

  for (const std::string_view section : kSections) {
    const Json* changes = request.find(section);
    // An older name of the same.
    if (changes == nullptr && section == "optimizers_config") changes = request.find("optimizer_config");
    if (changes == nullptr) continue;
    OMEN_TRY(check_section(section, *changes, section));
    JsonMap merged = sections_.map(section);
    merged.merge(JsonMap(*changes));
    sections_.set(section, merged.text());
  }
  const Json* quantization = request.find("quantization_config");
  if (quantization == nullptr) quantization = request.find("quantization");
  if (quantization != nullptr) {
    OMEN_TRY(check_quantization(*quantization, "quantization_config"));
    if (quantization->is(JsonKind::String))
      sections_.remove("quantization_config");
    else
      sections_.set("quantization_config", quantization->text());
  }
  if (const Json* metadata = request.find("metadata")) {
    OMEN_TRY(must_be_object(*metadata, "metadata"));
    JsonMap merged = sections_.map("metadata");
    for (const auto& [key, json] : JsonMap(*metadata).members()) {
      if (json == "null")
        merged.remove(key);
      else
        merged.set(key, json);
    }
    sections_.set("metadata", merged.text());
  }
  return {};
}

void Settings::set_vector(std::string_view kind, std::string_view name, const JsonMap& parameters) {
  JsonMap all = sections_.map(kind);
  all.set(name, parameters.text());
  sections_.set(kind, all.text());
}

JsonMap Settings::vector(std::string_view kind, std::string_view name) const { return sections_.map(kind).map(name); }

void Settings::set_field(std::string_view key, std::string_view schema) {
  JsonMap fields = sections_.map("fields");
  if (schema.empty())
    fields.remove(key);
  else
    fields.set(key, schema);
  sections_.set("fields", fields.text());
}

std::string Settings::field(std::string_view key) const { return std::string(sections_.map("fields").get(key)); }

bool Settings::indexing_paused() const {
  return sections_.map("optimizers_config").get("max_optimization_threads") == "0";
}

JsonMap Settings::shown(std::string_view section) const {
  JsonMap shown = JsonMap::parse(defaults_of(section));
  shown.merge(sections_.map(section));
  if (section == "optimizers_config" && shown.get("max_optimization_threads") == "\"auto\"")
    shown.set("max_optimization_threads", "null");
  return shown;
}

}  // namespace omendb
