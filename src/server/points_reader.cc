#include "server/points_reader.h"

#include <simdjson.h>

#include <algorithm>
#include <functional>
#include <span>
#include <string>

#include "server/float_list.h"
#include "server/limits.h"
#include "server/parser_pool.h"
#include "server/selection.h"

namespace omendb {
namespace {

namespace ondemand = simdjson::ondemand;

Refusal unreadable(simdjson::error_code error) { return wrong_format(simdjson::error_message(error)); }

// The value, or return what simdjson has against it.
template <class T, class Source>
Outcome<T> take(Source&& source) {
  T value;
  if (const auto error = std::forward<Source>(source).get(value)) return unreadable(error);
  return value;
}

// False as well for what is no value at all but begins as null does: whoever reads it says so.
bool is_null(ondemand::value& value) {
  bool null = false;
  return simdjson::simdjson_result<bool>(value.is_null()).get(null) == simdjson::SUCCESS && null;
}

Refusal no_models() {
  return bad_request("this server has no models for inference: send vectors in place of texts and images");
}

class PointsParser {
 public:
  explicit PointsParser(const CollectionOptions& options) : request_{.points = PointBatch(options)} {}

  Outcome<PointsRequest> read(std::string_view json) {
    const ParserPool::Lease parser = ParserPool::take(json.size());
    ondemand::document document;
    if (const auto error =
            parser->iterate(json.data(), json.size(), json.size() + simdjson::SIMDJSON_PADDING).get(document))
      return unreadable(error);
    ondemand::object root;
    if (const auto error = document.get_object().get(root)) return unreadable(error);
    OMEN_TRY(read_root(root));
    if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) return wrong_format("trailing characters");
    if (!found_points_)
      return wrong_format(
          "data did not match any variant of untagged enum PointInsertOperations: there is neither `points` nor "
          "`batch`");
    return std::move(request_);
  }

 private:
  Outcome<void> read_root(ondemand::object& root) {
    for (auto member : root) {
      ondemand::field field;
      if (const auto error = std::move(member).get(field)) return unreadable(error);
      const std::string_view key = OMEN_TRY(take<std::string_view>(field.unescaped_key()));
      ondemand::value value = field.value();
      if (key == "points") {
        OMEN_TRY(read_list(value));
      } else if (key == "batch") {
        OMEN_TRY(read_columns(value));
      } else {
        OMEN_TRY(read_setting(key, value));
      }
    }
    return {};
  }

  Outcome<void> read_setting(std::string_view key, ondemand::value& value) {
    const ondemand::json_type type = OMEN_TRY(take<ondemand::json_type>(value.type()));
    if (type == ondemand::json_type::null) {
      return skip(value);
    }
    if (key == "update_mode") {
      const std::string_view mode = OMEN_TRY(take<std::string_view>(value.get_string()));
      return read_mode(mode);
    }
    if (key == "update_filter") {
      ondemand::object object = OMEN_TRY(take<ondemand::object>(value.get_object()));
      const std::string_view json = OMEN_TRY(take<std::string_view>(object.raw_json()));
      request_.update_filter = OMEN_TRY(read_filter_text(json));
      return {};
    }
    if (key == "shard_key") return bad_request("shard_key is not supported by this server: it has one shard");
    return skip(value);
  }

  // Values that mean nothing to us. raw_json() goes over them; a scalar has to be read.
  Outcome<void> skip(ondemand::value& value) {
    const ondemand::json_type type = OMEN_TRY(take<ondemand::json_type>(value.type()));
    if (type == ondemand::json_type::object) {
      ondemand::object object = OMEN_TRY(take<ondemand::object>(value.get_object()));
      OMEN_TRY(take<std::string_view>(object.raw_json()));
    } else if (type == ondemand::json_type::array) {
      ondemand::array array = OMEN_TRY(take<ondemand::array>(value.get_array()));
      OMEN_TRY(take<std::string_view>(array.raw_json()));
    } else if (type == ondemand::json_type::string) {
      OMEN_TRY(take<std::string_view>(value.get_string()));
    } else if (type == ondemand::json_type::number) {
      OMEN_TRY(take<double>(value.get_double()));
    } else if (type == ondemand::json_type::boolean) {
      OMEN_TRY(take<bool>(value.get_bool()));
    } else if (!is_null(value)) {
      return wrong_format("expected ident");
    }
    return {};
  }

  Outcome<void> read_mode(std::string_view mode) {
    if (mode == "upsert")
      request_.mode = UpsertMode::Upsert;
    else if (mode == "insert_only")
      request_.mode = UpsertMode::InsertOnly;
    else if (mode == "update_only")
      request_.mode = UpsertMode::UpdateOnly;
    else
      return wrong_format("unknown variant `" + std::string(mode) +
                          "`, expected one of `upsert`, `insert_only`, `update_only`");
    return {};
  }

  Outcome<void> begin_points() {
    if (found_points_) return wrong_format("points are given twice");
    found_points_ = true;
    return {};
  }

  // --- {"points": [...]}

  Outcome<void> read_list(ondemand::value& value) {
    OMEN_TRY(begin_points());
    ondemand::array points = OMEN_TRY(take<ondemand::array>(value.get_array()));
    std::size_t row = 0;
    for (auto element : points) {
      ondemand::object point = OMEN_TRY(take<ondemand::object>(std::move(element).get_object()));
      const Outcome<void> read = read_point(point, row);
      if (!read.ok()) return in_point(row, read.error());
      if (++row > kPointsPerBatchMax) return too_many();
    }
    return {};
  }

  // Texts that clients compare stay as they are.
  static Refusal in_point(std::size_t row, const Refusal& refusal) {
    if (!refusal.text.starts_with("Format error")) return refusal;
    return {refusal.status, refusal.text + " (points[" + std::to_string(row) + "])"};
  }

  static Refusal too_many() {
    return bad_request("at most " + std::to_string(kPointsPerBatchMax) + " points fit in a request");
  }

  Outcome<void> read_point(ondemand::object& point, std::size_t row) {
    bool has_id = false;
    bool has_vector = false;
    for (auto member : point) {
      ondemand::field field;
      if (const auto error = std::move(member).get(field)) return unreadable(error);
      const std::string_view key = OMEN_TRY(take<std::string_view>(field.unescaped_key()));
      ondemand::value value = field.value();
      if (key == "id") {
        if (has_id) return wrong_format("duplicate field `id`");
        request_.points.add_point(OMEN_TRY(read_id(value)));
        has_id = true;
      } else if (key == "vector" || key == "vectors") {
        OMEN_TRY(read_vectors(value, row));
        has_vector = true;
      } else if (key == "payload") {
        OMEN_TRY(read_payload(value, row));
      } else {
        OMEN_TRY(skip(value));
      }
    }
    if (!has_id) return wrong_format("missing field `id`");
    if (!has_vector) return wrong_format("missing field `vector`");
    return {};
  }

  static Outcome<PointId> read_id(ondemand::value& value) {
    const ondemand::json_type type = OMEN_TRY(take<ondemand::json_type>(value.type()));
    if (type == ondemand::json_type::number) {
      std::uint64_t id = 0;
      if (value.get_uint64().get(id) == simdjson::SUCCESS) return PointId(id);
      return no_id("number " + std::string(std::string_view(value.raw_json_token())));
    }
    const std::string_view text = OMEN_TRY(take<std::string_view>(value.get_string()));
    const Result<PointId> id = PointId::parse(text);
    if (id.ok() && id->is_uuid()) return *id;
    return no_id(std::string(text.substr(0, kNameBytesMax)));
  }

  static Refusal no_id(const std::string& what) {
    return wrong_format("value " + what +
                        " is not a valid point ID, valid values are either an unsigned integer or a UUID");
  }

  Outcome<void> read_payload(ondemand::value& value, std::size_t row) {
    if (is_null(value)) return {};
    ondemand::object object = OMEN_TRY(take<ondemand::object>(value.get_object()));
    request_.points.set_payload(row, OMEN_TRY(take<std::string_view>(object.raw_json())));
    return {};
  }

  // A list is the unnamed vector, an object has vectors by name.
  Outcome<void> read_vectors(ondemand::value& value, std::size_t row) {
    const ondemand::json_type type = OMEN_TRY(take<ondemand::json_type>(value.type()));
    if (type == ondemand::json_type::array) return read_named("", value, row);
    ondemand::object object = OMEN_TRY(take<ondemand::object>(value.get_object()));
    for (auto member : object) {
      ondemand::field field;
      if (const auto error = std::move(member).get(field)) return unreadable(error);
      const std::string_view name = OMEN_TRY(take<std::string_view>(field.unescaped_key()));
      ondemand::value vector = field.value();
      OMEN_TRY(read_named(name, vector, row));
    }
    return {};
  }

  Outcome<void> read_named(std::string_view name, ondemand::value& value, std::size_t row) {
    const ondemand::json_type type = OMEN_TRY(take<ondemand::json_type>(value.type()));
    if (type == ondemand::json_type::string) return no_models();
    if (type == ondemand::json_type::object) return read_sparse(name, value, row);
    PointBatch::Dense* column = request_.points.dense(name);
    if (column != nullptr) return read_dense(*column, value, row);
    if (request_.points.sparse(name) != nullptr)
      return wrong_input("Vector inserting error: `" + std::string(name) + "` is a sparse vector");
    return wrong_input("Not existing vector name error: " + std::string(name));
  }

  Outcome<void> read_dense(PointBatch::Dense& column, ondemand::value& value, std::size_t row) {
    ondemand::array array = OMEN_TRY(take<ondemand::array>(value.get_array()));
    float* slot = column.slot(row);
    const std::size_t dimensions = column.dimensions;
    const std::string_view text = OMEN_TRY(take<std::string_view>(array.raw_json()));
    if (const auto found = parse_float_list(text, std::span(slot, dimensions))) return check_width(dimensions, *found);

    // Not a list of plain numbers. What is it, then?
    std::size_t count = 0;
    if (const auto error = array.reset().error()) return unreadable(error);
    for (auto element : array) {
      double number = 0;
      if (const auto error = element.get_double().get(number)) return wrong_element(element, error);
      if (count < dimensions) slot[count] = static_cast<float>(number);
      ++count;
    }
    return check_width(dimensions, count);
  }

  static Outcome<void> check_width(std::size_t dimensions, std::size_t count) {
    if (count == dimensions) return {};
    return wrong_input("Vector dimension error: expected dim: " + std::to_string(dimensions) + ", got " +
                       std::to_string(count));
  }

  template <class Element>
  static Refusal wrong_element(Element& element, simdjson::error_code error) {
    ondemand::json_type type{};
    if (error == simdjson::INCORRECT_TYPE && element.type().get(type) == simdjson::SUCCESS &&
        type == ondemand::json_type::array) {
      return bad_request("multivectors are not supported by this server");
    }
    return unreadable(error);
  }

  Outcome<void> read_sparse(std::string_view name, ondemand::value& value, std::size_t row) {
    ondemand::object object = OMEN_TRY(take<ondemand::object>(value.get_object()));
    PointBatch::Sparse* column = request_.points.sparse(name);
    if (column != nullptr) column->begin(row);
    bool has_indices = false;
    bool has_values = false;
    for (auto member : object) {
      ondemand::field field;
      if (const auto error = std::move(member).get(field)) return unreadable(error);
      const std::string_view key = OMEN_TRY(take<std::string_view>(field.unescaped_key()));
      ondemand::value part = field.value();
      if (key == "text" || key == "image" || key == "object") return no_models();
      if (column == nullptr) return no_sparse(name);
      if (key == "indices") {
        has_indices = true;
        OMEN_TRY(read_indices(part, *column));
      } else if (key == "values") {
        has_values = true;
        OMEN_TRY(read_values(part, *column));
      } else {
        OMEN_TRY(skip(part));
      }
    }
    if (column == nullptr) return no_sparse(name);
    if (!has_indices || !has_values) return wrong_format("a sparse vector needs `indices` and `values`");
    if (column->indices.size() != column->values.size()) {
      return Refusal(422, "Validation error in JSON body: [values: must be the same length as indices]");
    }
    return check_unique(std::span(column->indices).subspan(column->begins.back()));
  }

  static Outcome<void> check_unique(std::span<const std::uint32_t> indices) {
    const bool ascending = std::adjacent_find(indices.begin(), indices.end(), std::greater_equal<>()) == indices.end();
    if (ascending) return {};
    std::vector<std::uint32_t> sorted(indices.begin(), indices.end());
    std::sort(sorted.begin(), sorted.end());
    if (std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end()) return {};
    return Refusal(422, "Validation error in JSON body: [indices: must be unique]");
  }

  Refusal no_sparse(std::string_view name) {
    if (request_.points.dense(name) == nullptr)
      return wrong_input("Not existing vector name error: " + std::string(name));
    return wrong_input("Conversion between sparse and regular vectors failed: `" + std::string(name) +
                       "` is a dense vector");
  }

  static Outcome<void> read_indices(ondemand::value& value, PointBatch::Sparse& column) {
    ondemand::array array = OMEN_TRY(take<ondemand::array>(value.get_array()));
    column.indices.resize(column.begins.back());
    for (auto element : array) {
      const std::uint64_t index = OMEN_TRY(take<std::uint64_t>(element.get_uint64()));
      if (index > UINT32_MAX)
        return wrong_format("invalid value: integer `" + std::to_string(index) + "`, expected u32");
      column.indices.push_back(static_cast<std::uint32_t>(index));
    }
    return {};
  }

  static Outcome<void> read_values(ondemand::value& value, PointBatch::Sparse& column) {
    ondemand::array array = OMEN_TRY(take<ondemand::array>(value.get_array()));
    column.values.resize(column.begins.back());
    for (auto element : array)
      column.values.push_back(static_cast<float>(OMEN_TRY(take<double>(element.get_double()))));
    return {};
  }

  // --- {"batch": {"ids": [...], "vectors": ..., "payloads": [...]}}

  Outcome<void> read_columns(ondemand::value& value) {
    OMEN_TRY(begin_points());
    ondemand::object batch = OMEN_TRY(take<ondemand::object>(value.get_object()));
    std::optional<std::size_t> payloads;
    std::vector<std::size_t> vectors;  // how many of each name
    bool has_ids = false;
    for (auto member : batch) {
      ondemand::field field;
      if (const auto error = std::move(member).get(field)) return unreadable(error);
      const std::string_view key = OMEN_TRY(take<std::string_view>(field.unescaped_key()));
      ondemand::value part = field.value();
      if (key == "ids" && !has_ids) {
        has_ids = true;
        OMEN_TRY(read_column(part, [&](ondemand::value& id, std::size_t) { return read_column_id(id); }));
      } else if (key == "vectors") {
        OMEN_TRY(read_vector_columns(part, vectors));
      } else if (key == "payloads" && !is_null(part)) {
        payloads = OMEN_TRY(
            read_column(part, [&](ondemand::value& payload, std::size_t row) { return read_payload(payload, row); }));
      } else if (key != "payloads") {
        OMEN_TRY(skip(part));
      }
    }
    if (!has_ids) return wrong_format("missing field `ids`");
    if (vectors.empty()) return wrong_format("missing field `vectors`");
    return check_counts(vectors, payloads);
  }

  Outcome<void> read_column_id(ondemand::value& value) {
    request_.points.add_point(OMEN_TRY(read_id(value)));
    return {};
  }

  Outcome<void> check_counts(const std::vector<std::size_t>& vectors, std::optional<std::size_t> payloads) {
    const std::size_t ids = request_.points.ids.size();
    for (const std::size_t count : vectors) {
      if (count != ids) return different("vectors", count, ids);
    }
    if (payloads && *payloads != ids) return different("payloads", *payloads, ids);
    return {};
  }

  static Refusal different(const std::string& what, std::size_t count, std::size_t ids) {
    return Refusal(422, "Validation error in JSON body: [batch: number of ids (" + std::to_string(ids) + ") and " +
                            what + " (" + std::to_string(count) + ") must be equal]");
  }

  Outcome<void> read_vector_columns(ondemand::value& value, std::vector<std::size_t>& counts) {
    const ondemand::json_type type = OMEN_TRY(take<ondemand::json_type>(value.type()));
    if (type == ondemand::json_type::array) {
      OMEN_TRY(begin_column(""));
      counts.push_back(OMEN_TRY(
          read_column(value, [&](ondemand::value& vector, std::size_t row) { return read_named("", vector, row); })));
      return {};
    }
    ondemand::object names = OMEN_TRY(take<ondemand::object>(value.get_object()));
    counts.reserve(1);
    for (auto member : names) {
      ondemand::field field;
      if (const auto error = std::move(member).get(field)) return unreadable(error);
      const std::string_view name = OMEN_TRY(take<std::string_view>(field.unescaped_key()));
      ondemand::value column = field.value();
      OMEN_TRY(begin_column(name));
      counts.push_back(OMEN_TRY(read_column(
          column, [&](ondemand::value& vector, std::size_t row) { return read_named(name, vector, row); })));
    }
    if (counts.empty()) counts.push_back(request_.points.ids.size());
    return {};
  }

  Outcome<void> begin_column(std::string_view name) {
    if (!request_.points.has_vectors(name)) return {};
    return wrong_format("vectors of `" + std::string(name) + "` are given twice");
  }

  // Calls read(element, its place); returns how many there were.
  template <class Read>
  Outcome<std::size_t> read_column(ondemand::value& value, const Read& read) {
    ondemand::array array = OMEN_TRY(take<ondemand::array>(value.get_array()));
    std::size_t row = 0;
    for (auto element : array) {
      ondemand::value item = OMEN_TRY(take<ondemand::value>(std::move(element)));
      OMEN_TRY(read(item, row));
      if (++row > kPointsPerBatchMax) return too_many();
    }
    return row;
  }

  PointsRequest request_;
  bool found_points_ = false;
};

}  // namespace

Outcome<PointsRequest> read_points(std::string_view json, const CollectionOptions& options) {
  return PointsParser(options).read(json);
}

}  // namespace omendb
