// Indexes of payload fields.
#include <array>

#include "server/backend.h"
#include "server/limits.h"
#include "server/operations.h"
#include "server/settings.h"
#include "server/update_result.h"

namespace omendb {
namespace {

struct TypeName {
  std::string_view name;
  FieldType type;
};
constexpr std::array<TypeName, 8> kTypes = {{{"keyword", FieldType::Keyword},
                                             {"integer", FieldType::Integer},
                                             {"float", FieldType::Float},
                                             {"geo", FieldType::Geo},
                                             {"text", FieldType::Text},
                                             {"bool", FieldType::Bool},
                                             {"datetime", FieldType::Datetime},
                                             {"uuid", FieldType::Uuid}}};

Outcome<FieldType> read_type(std::string_view name) {
  for (const TypeName& type : kTypes) {
    if (type.name == name) return type.type;
  }
  return wrong_format("unknown variant `" + std::string(name) +
                      "`, expected one of `keyword`, `integer`, `float`, `geo`, `text`, `bool`, `datetime`, `uuid`");
}

// What would make filters mean something else than they do here.
Outcome<void> check_parameters(FieldType type, const Json& schema) {
  if (type == FieldType::Integer) {
    const auto lookup = OMEN_TRY(maybe_bool(schema, "lookup"));
    const auto range = OMEN_TRY(maybe_bool(schema, "range"));
    if (lookup == false && range == false) {
      return Refusal(422,
                     "Validation error in JSON body: [field_schema: the 'lookup' and 'range' capabilities can't be "
                     "both disabled]");
    }
  }
  if (type == FieldType::Text) OMEN_TRY(maybe_string(schema, "tokenizer"));
  return {};
}

}  // namespace

Outcome<void> create_field_index(Call& call) {
  const bool wait = OMEN_TRY(wait_parameter(call.request));
  Collection collection = OMEN_TRY(call.collection());
  const JsonDocument document = OMEN_TRY(call.body());
  const std::string_view key = OMEN_TRY(need_string(document.root(), "field_name"));
  const Json* schema = document.root().find("field_schema");
  if (schema == nullptr) schema = document.root().find("field_type");  // its older name
  if (schema == nullptr) return bad_request("the type of the field's values must be given: field_schema");
  if (key.size() > kKeyBytesMax) return bad_request("keys of indexed fields have at most 255 bytes");

  const bool is_word = schema->is(JsonKind::String);
  if (!is_word) OMEN_TRY(must_be_object(*schema, "field_schema"));
  const std::string_view name = is_word ? schema->text() : OMEN_TRY(need_string(*schema, "type"));
  const FieldType type = OMEN_TRY(read_type(name));
  OMEN_TRY(check_parameters(type, *schema));
  {
    std::lock_guard turn(call.backend.settings_turn());
    OMEN_TRY(collection.create_field_index(key, type));
    Settings settings = Settings::of(collection);
    const std::string before = settings.field(key);
    settings.set_field(key, is_word ? std::string_view() : schema->text());
    if (settings.field(key) != before) OMEN_TRY(settings.save(collection));
  }
  // An index of many rows takes minutes: who names no timeout waits as long as anybody may. It is built on after that.
  const std::chrono::seconds time = call.request.parameter("timeout") != nullptr ? call.time : kRequestTimeMax;
  const bool in_time = !wait || OMEN_TRY(collection.wait_field_indexes(time));
  write_update_result(call.result, collection.stats().lsn, wait, in_time);
  return {};
}

Outcome<void> delete_field_index(Call& call) {
  const bool wait = OMEN_TRY(wait_parameter(call.request));
  Collection collection = OMEN_TRY(call.collection());
  const std::string_view key = call.arguments[1];
  {
    std::lock_guard turn(call.backend.settings_turn());
    const Result<void> dropped = collection.drop_field_index(key);
    // Qdrant has nothing against dropping what is not there.
    if (!dropped.ok() && dropped.error().code != ErrorCode::NotFound) return dropped.error();
    Settings settings = Settings::of(collection);
    if (!settings.field(key).empty()) {
      settings.set_field(key, {});
      OMEN_TRY(settings.save(collection));
    }
  }
  write_update_result(call.result, collection.stats().lsn, wait);
  return {};
}

}  // namespace omendb
