#include "server/json.h"

#include <simdjson.h>

#include <deque>
#include <limits>

#include "server/parser_pool.h"
#include "server/work_memory.h"

namespace omendb {

namespace ondemand = simdjson::ondemand;

// Reads the whole body with a parser that goes forward only, and keeps what it finds.
class JsonTree {
 public:
  JsonTree(MemoryLease* memory, std::size_t depth_max) : memory_(memory), depth_max_(depth_max) {}

  Outcome<void> read(std::string_view body) {
    ondemand::document document;
    bytes_ = kBytesPerBodyByte * body.size();
    if (memory_ != nullptr) OMEN_TRY(cover(*memory_, bytes_));
    parser_ = ParserPool::take(body.size());
    if (const auto error =
            parser_->iterate(body.data(), body.size(), body.size() + simdjson::SIMDJSON_PADDING).get(document)) {
      return refusal(error);
    }
    body_ = body;
    document_ = &document;
    if (const auto error = read_document(document)) return uncovered_ ? *uncovered_ : refusal(error);
    if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) return wrong_format("trailing characters");
    return {};
  }

  const Json& root() const { return root_; }

 private:
  using Status = simdjson::error_code;

  static Refusal refusal(Status error) {
    if (error == simdjson::EMPTY) return wrong_format("EOF while parsing a value at line 1 column 0");
    return wrong_format(simdjson::error_message(error));
  }

  // A document that is one scalar is another type than a value.
  Status read_document(ondemand::document& document) {
    ondemand::json_type type{};
    if (const auto error = document.type().get(type)) return error;
    if (type == ondemand::json_type::array || type == ondemand::json_type::object) {
      ondemand::value value;
      if (const auto error = document.get_value().get(value)) return error;
      return read_value(value, 1, root_);
    }
    return read_scalar(document, type, root_);
  }

  template <class Value>
  Status read_scalar(Value& value, ondemand::json_type type, Json& json) {
    switch (type) {
      case ondemand::json_type::string:
        json.kind_ = JsonKind::String;
        return value.get_string().get(json.text_);
      case ondemand::json_type::number:
        return read_number(value, json);
      case ondemand::json_type::boolean: {
        bool flag = false;
        const auto error = value.get_bool().get(flag);
        json.kind_ = JsonKind::Bool;
        json.integer_ = flag ? 1 : 0;
        json.text_ = flag ? "true" : "false";
        return error;
      }
      default: {
        json.text_ = "null";
        return read_null(value);
      }
    }
  }

  template <class Value>
  static Status read_null(Value& value) {
    bool null = false;
    if (const auto error = simdjson::simdjson_result<bool>(value.is_null()).get(null)) return error;
    return null ? simdjson::SUCCESS : simdjson::N_ATOM_ERROR;
  }

  template <class Value>
  Status read_number(Value& value, Json& json) {
    std::string_view token;
    if (const auto error = simdjson::simdjson_result<std::string_view>(value.raw_json_token()).get(token)) return error;
    json.text_ = token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
    ondemand::number number;
    if (const auto error = value.get_number().get(number))
      return error == simdjson::NUMBER_ERROR ? read_huge(value, json) : error;
    if (number.is_double()) {
      json.kind_ = JsonKind::Number;
      json.number_ = number.get_double();
    } else if (number.is_uint64()) {
      json.kind_ = JsonKind::Unsigned;
      json.integer_ = number.get_uint64();
    } else {
      json.kind_ = JsonKind::Integer;
      json.integer_ = static_cast<std::uint64_t>(number.get_int64());
    }
    return simdjson::SUCCESS;
  }

  // Integers of more than 64 bits are numbers all the same.
  template <class Value>
  static Status read_huge(Value& value, Json& json) {
    double number = 0;
    if (const auto error = value.get_double().get(number)) return error;
    json.kind_ = JsonKind::Number;
    json.number_ = number;
    return simdjson::SUCCESS;
  }

  Status read_value(ondemand::value value, std::size_t depth, Json& json) {
    if (depth > depth_max_) return simdjson::DEPTH_ERROR;
    ondemand::json_type type{};
    if (const auto error = value.type().get(type)) return error;
    if (type != ondemand::json_type::array && type != ondemand::json_type::object)
      return read_scalar(value, type, json);
    std::string_view token;
    if (const auto error = simdjson::simdjson_result<std::string_view>(value.raw_json_token()).get(token)) return error;
    const std::size_t base = pending_.size();
    const auto error = type == ondemand::json_type::array ? read_array(value, depth) : read_object(value, depth);
    if (error) return error;
    json.kind_ = type == ondemand::json_type::array ? JsonKind::Array : JsonKind::Object;
    if (const auto unsettled = settle(base, json)) return unsettled;
    json.text_ = text_from(token.data());
    return simdjson::SUCCESS;
  }

  Status read_array(ondemand::value& value, std::size_t depth) {
    ondemand::array array;
    if (const auto error = value.get_array().get(array)) return error;
    for (auto element : array) {
      ondemand::value item;
      if (const auto error = std::move(element).get(item)) return error;
      Json json;
      if (const auto error = read_value(item, depth + 1, json)) return error;
      pending_.push_back(json);
    }
    return simdjson::SUCCESS;
  }

  Status read_object(ondemand::value& value, std::size_t depth) {
    ondemand::object object;
    if (const auto error = value.get_object().get(object)) return error;
    for (auto element : object) {
      ondemand::field field;
      if (const auto error = std::move(element).get(field)) return error;
      Json json;
      if (const auto error = field.unescaped_key().get(json.key_)) return error;
      if (const auto error = read_value(field.value(), depth + 1, json)) return error;
      pending_.push_back(json);
    }
    return simdjson::SUCCESS;
  }

  // What was found since `base` becomes the items of `json`; an error with uncovered_ set if no memory covers them.
  Status settle(std::size_t base, Json& json) {
    const std::size_t count = pending_.size() - base;
    json.count_ = static_cast<std::uint32_t>(count);
    json.items_ = nullptr;
    if (count == 0) return simdjson::SUCCESS;
    bytes_ += 2 * count * sizeof(Json);  // here and in pending_
    if (memory_ != nullptr) {
      const Outcome<void> covered = cover(*memory_, bytes_);
      if (!covered.ok()) {
        uncovered_ = covered.error();
        return simdjson::MEMALLOC;
      }
    }
    auto& block = blocks_.emplace_back(pending_.begin() + static_cast<std::ptrdiff_t>(base), pending_.end());
    json.items_ = block.data();
    pending_.resize(base);
    return simdjson::SUCCESS;
  }

  // The array or object that begins here and has been read to its end: behind it only blanks lie before the next token.
  std::string_view text_from(const char* begin) {
    const char* end = nullptr;
    if (document_->current_location().get(end) != simdjson::SUCCESS) end = body_.data() + body_.size();
    while (end[-1] != ']' && end[-1] != '}') --end;
    return {begin, static_cast<std::size_t>(end - begin)};
  }

  ParserPool::Lease parser_;
  MemoryLease* const memory_;
  const std::size_t depth_max_;
  std::size_t bytes_ = 0;  // of the body, its parser and the tree
  std::optional<Refusal> uncovered_;
  std::string_view body_;
  ondemand::document* document_ = nullptr;  // while it is read
  Json root_;
  std::vector<Json> pending_;
  std::deque<std::vector<Json>> blocks_;
};

JsonDocument::JsonDocument(std::unique_ptr<JsonTree> tree) : tree_(std::move(tree)) {}
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;
JsonDocument::~JsonDocument() = default;

Outcome<JsonDocument> JsonDocument::parse(std::string_view body, MemoryLease* memory, std::size_t depth_max) {
  auto tree = std::make_unique<JsonTree>(memory, depth_max);
  OMEN_TRY(tree->read(body));
  return JsonDocument(std::move(tree));
}

const Json& JsonDocument::root() const { return tree_->root(); }

const Json* Json::find(std::string_view name) const {
  if (kind_ != JsonKind::Object) return nullptr;
  for (std::size_t i = count_; i-- > 0;) {
    if (items_[i].key_ == name) return items_[i].is(JsonKind::Null) ? nullptr : &items_[i];
  }
  return nullptr;
}

double Json::as_double() const {
  switch (kind_) {
    case JsonKind::Number:
      return number_;
    case JsonKind::Unsigned:
      return static_cast<double>(integer_);
    case JsonKind::Integer:
      return static_cast<double>(static_cast<std::int64_t>(integer_));
    default:
      return 0;
  }
}

namespace {

std::string quoted(std::string_view name) { return "`" + std::string(name) + "`"; }

std::string described(const Json& json) {
  switch (json.kind()) {
    case JsonKind::Null:
      return "null";
    case JsonKind::Bool:
      return "boolean " + quoted(json.text());
    case JsonKind::Integer:
    case JsonKind::Unsigned:
      return "integer " + quoted(json.text());
    case JsonKind::Number:
      return "floating point " + quoted(json.text());
    case JsonKind::String:
      return "string \"" + std::string(json.text().substr(0, kNameBytesMax)) + "\"";
    case JsonKind::Array:
      return "sequence";
    case JsonKind::Object:
      return "map";
  }
  return "value";
}

Refusal wrong_type(const Json& json, std::string_view where, std::string_view expected) {
  std::string text(where);
  if (!text.empty()) text += ": ";
  const bool negative = json.is(JsonKind::Integer) && json.text().starts_with('-');
  text += negative ? "invalid value: " : "invalid type: ";
  return wrong_format(text + described(json) + ", expected " + std::string(expected));
}

template <class T>
Outcome<std::optional<T>> maybe(const Json& object, std::string_view name,
                                Outcome<T> (*read)(const Json&, std::string_view)) {
  const Json* json = object.find(name);
  if (json == nullptr) return std::optional<T>();
  return std::optional<T>(OMEN_TRY(read(*json, name)));
}

template <class T>
Outcome<std::vector<T>> read_list(const Json& json, std::string_view where,
                                  Outcome<T> (*read)(const Json&, std::string_view)) {
  OMEN_TRY(must_be_list(json, where));
  std::vector<T> list;
  list.reserve(json.items().size());
  for (const Json& item : json.items()) list.push_back(OMEN_TRY(read(item, where)));
  return list;
}

Outcome<float> read_float(const Json& json, std::string_view where) {
  if (!json.is_number()) return wrong_type(json, where, "f32");
  return static_cast<float>(json.as_double());
}

}  // namespace

Outcome<const Json*> need(const Json& object, std::string_view name) {
  if (const Json* json = object.find(name)) return json;
  return wrong_format("missing field " + quoted(name));
}

Outcome<std::string_view> read_string(const Json& json, std::string_view where) {
  if (!json.is(JsonKind::String)) return wrong_type(json, where, "a string");
  return json.text();
}

Outcome<bool> read_bool(const Json& json, std::string_view where) {
  if (!json.is(JsonKind::Bool)) return wrong_type(json, where, "a boolean");
  return json.as_bool();
}

Outcome<double> read_double(const Json& json, std::string_view where) {
  if (!json.is_number()) return wrong_type(json, where, "a number");
  return json.as_double();
}

Outcome<std::uint64_t> read_unsigned(const Json& json, std::string_view where) {
  const bool negative = json.is(JsonKind::Integer) && static_cast<std::int64_t>(json.as_bits()) < 0;
  if (!json.is_integer() || negative) return wrong_type(json, where, "an unsigned integer");
  return json.as_bits();
}

Outcome<PointId> read_point_id(const Json& json, std::string_view where) {
  if (json.is_integer() && !json.text().starts_with('-')) return PointId(json.as_bits());
  if (json.is(JsonKind::String)) {
    const Result<PointId> id = PointId::parse(json.text());
    if (id.ok() && id->is_uuid()) return *id;
  }
  std::string text(json.is(JsonKind::String) ? json.text() : described(json));
  return wrong_format(std::string(where) + ": value " + text.substr(0, kNameBytesMax) +
                      " is not a valid point ID, valid values are either an unsigned integer or a UUID");
}

Outcome<std::vector<PointId>> read_point_ids(const Json& json, std::string_view where) {
  if (json.items().size() > kIdsMax) return bad_request("at most " + std::to_string(kIdsMax) + " ids fit in a request");
  return read_list<PointId>(json, where, read_point_id);
}

Outcome<std::vector<float>> read_floats(const Json& json, std::string_view where) {
  return read_list<float>(json, where, read_float);
}

Outcome<std::string_view> need_string(const Json& object, std::string_view name) {
  const Json* json = OMEN_TRY(need(object, name));
  return read_string(*json, name);
}
Outcome<std::uint64_t> need_unsigned(const Json& object, std::string_view name) {
  const Json* json = OMEN_TRY(need(object, name));
  return read_unsigned(*json, name);
}

Outcome<std::optional<std::string_view>> maybe_string(const Json& object, std::string_view name) {
  return maybe<std::string_view>(object, name, read_string);
}
Outcome<std::optional<bool>> maybe_bool(const Json& object, std::string_view name) {
  return maybe<bool>(object, name, read_bool);
}
Outcome<std::optional<double>> maybe_double(const Json& object, std::string_view name) {
  return maybe<double>(object, name, read_double);
}
Outcome<std::optional<std::uint64_t>> maybe_unsigned(const Json& object, std::string_view name) {
  return maybe<std::uint64_t>(object, name, read_unsigned);
}

Outcome<std::uint64_t> in_bounds(std::uint64_t value, std::string_view path, std::uint64_t least, std::uint64_t most) {
  if (value >= least && value <= most) return value;
  const bool open = most == std::numeric_limits<std::uint64_t>::max();
  const std::string must_be =
      open ? std::to_string(least) + " or larger" : "from " + std::to_string(least) + " to " + std::to_string(most);
  return invalid_value(path, std::to_string(value), must_be);
}

Outcome<std::span<const Json>> need_list(const Json& object, std::string_view name) {
  const Json* list = OMEN_TRY(need(object, name));
  OMEN_TRY(must_be_list(*list, name));
  return list->items();
}

Outcome<void> must_be_list(const Json& json, std::string_view where) {
  if (!json.is(JsonKind::Array)) return wrong_type(json, where, "a sequence");
  return {};
}

Outcome<void> must_be_object(const Json& json, std::string_view where) {
  if (!json.is(JsonKind::Object)) return wrong_type(json, where, "a map");
  return {};
}

}  // namespace omendb
