#include "server/vector_settings.h"

#include <algorithm>

#include "server/limits.h"

namespace omendb {
namespace {

constexpr std::string_view kDense = "vectors";
constexpr std::string_view kSparse = "sparse_vectors";

Outcome<Metric> read_distance(const Json& json) {
  const std::string_view name = OMEN_TRY(read_string(json, "distance"));
  if (name == "Cosine") return Metric::Cosine;
  if (name == "Euclid") return Metric::L2;
  if (name == "Dot") return Metric::Dot;
  if (name == "Manhattan") return Metric::L1;
  return wrong_format("unknown variant `" + std::string(name) +
                      "`, expected one of `Cosine`, `Euclid`, `Dot`, `Manhattan`");
}

Outcome<Datatype> read_datatype(const Json* json) {
  if (json == nullptr) return Datatype::Float32;
  const std::string_view name = OMEN_TRY(read_string(*json, "datatype"));
  if (name == "float32") return Datatype::Float32;
  if (name == "float16") return Datatype::Float16;
  if (name == "uint8") return Datatype::Uint8;
  if (name == "turbo4")
    return bad_request("datatype turbo4 is not supported by this server; float32, float16 and uint8 are");
  return wrong_format("unknown variant `" + std::string(name) +
                      "`, expected one of `float32`, `uint8`, `float16`, `turbo4`");
}

std::string_view name_of_distance(Metric metric) {
  switch (metric) {
    case Metric::L2:
      return "Euclid";
    case Metric::Dot:
      return "Dot";
    case Metric::Cosine:
      return "Cosine";
    case Metric::L1:
      return "Manhattan";
  }
  return "";
}

std::string path_of(std::string_view name) { return name.empty() ? "vectors" : "vectors." + std::string(name); }

Outcome<void> refuse_multivector(const Json& json) {
  if (json.find("multivector_config") == nullptr) return {};
  return bad_request("multivectors are not supported by this server");
}

Outcome<VectorOptions> read_vector(std::string_view name, const Json& json) {
  const std::string path = path_of(name);
  OMEN_TRY(must_be_object(json, path));
  const std::uint64_t size = OMEN_TRY(need_unsigned(json, "size"));
  if (size == 0) return wrong_format(path + ".size: invalid value: integer `0`, expected a nonzero u64");
  OMEN_TRY(in_bounds(size, path + ".size", 1, kDimensionsMax));
  if (name.size() > kNameBytesMax) return bad_request("vector names have at most 255 bytes");
  OMEN_TRY(refuse_multivector(json));
  OMEN_TRY(check_section(kDense, json, path));
  VectorOptions vector;
  vector.name = name;
  vector.dimensions = static_cast<std::uint32_t>(size);
  const Json* distance = OMEN_TRY(need(json, "distance"));
  vector.metric = OMEN_TRY(read_distance(*distance));
  vector.datatype = OMEN_TRY(read_datatype(json.find("datatype")));
  return vector;
}

// What was said beside what the engine keeps itself.
JsonMap extras_of(const Json& json) {
  JsonMap extras(json);
  for (const std::string_view kept : {"size", "distance", "datatype"}) extras.remove(kept);
  return extras;
}

void add(CollectionOptions& options, const VectorOptions& vector) {
  if (!vector.name.empty()) {
    options.vectors.push_back(vector);
    return;
  }
  options.dimensions = vector.dimensions;
  options.metric = vector.metric;
  options.datatype = vector.datatype;
}

Outcome<void> add_vector(std::string_view name, const Json& json, CollectionOptions& options, Settings& settings) {
  add(options, OMEN_TRY(read_vector(name, json)));
  const JsonMap extras = extras_of(json);
  if (!extras.empty()) settings.set_vector(kDense, name, extras);
  return {};
}

Outcome<void> add_sparse(const Json& json, CollectionOptions& options, Settings& settings) {
  const std::string name(json.key());
  if (name.empty())
    return Refusal(422, "Validation error in JSON body: [sparse_vectors: sparse vector name cannot be empty]");
  if (name.size() > kNameBytesMax) return bad_request("vector names have at most 255 bytes");
  for (const VectorOptions& dense : options.vectors) {
    if (dense.name == name)
      return bad_request("Dense and sparse vector names must be unique - duplicate found with '" + name + "'");
  }
  SparseVectorOptions sparse{.name = name};
  if (!json.is(JsonKind::Null)) {
    OMEN_TRY(check_section(kSparse, json, "sparse_vectors." + name));
    if (const auto modifier = OMEN_TRY(maybe_string(json, "modifier"))) {
      if (*modifier != "none" && *modifier != "idf") {
        return wrong_format("unknown variant `" + std::string(*modifier) + "`, expected `none` or `idf`");
      }
      if (*modifier == "idf") sparse.modifier = SparseModifier::Idf;
    }
    const JsonMap given(json);
    if (!given.empty()) settings.set_vector(kSparse, name, given);
  }
  options.sparse_vectors.push_back(std::move(sparse));
  return {};
}

bool has_vector(const CollectionOptions& options, std::string_view kind, std::string_view name) {
  const auto is_it = [&](const auto& vector) { return vector.name == name; };
  if (kind == kSparse) return std::any_of(options.sparse_vectors.begin(), options.sparse_vectors.end(), is_it);
  if (name.empty()) return options.dimensions > 0;
  return std::any_of(options.vectors.begin(), options.vectors.end(), is_it);
}

void write_vector(JsonWriter& json, const VectorOptions& vector, const Settings& settings) {
  json.begin_object().member("size", vector.dimensions).member("distance", name_of_distance(vector.metric));
  if (vector.datatype != Datatype::Float32) json.member("datatype", name_of(vector.datatype));
  for (const auto& [key, value] : settings.vector(kDense, vector.name).members()) json.key(key).raw(value);
  json.end_object();
}

void write_sparse(JsonWriter& json, const SparseVectorOptions& sparse, const Settings& settings) {
  JsonMap shown = settings.vector(kSparse, sparse.name);
  if (sparse.modifier == SparseModifier::Idf) shown.set("modifier", "\"idf\"");
  json.key(sparse.name).raw(shown.text());
}

}  // namespace

Outcome<CollectionOptions> read_vector_settings(const Json& request, Settings& settings) {
  CollectionOptions options;
  if (const Json* vectors = request.find(kDense)) {
    OMEN_TRY(must_be_object(*vectors, kDense));
    if (vectors->find("size") != nullptr && vectors->find("size")->is_number()) {
      OMEN_TRY(add_vector("", *vectors, options, settings));
    } else {
      if (vectors->items().size() > kVectorFieldsMax)
        return bad_request("a point has at most " + std::to_string(kVectorFieldsMax) + " dense vectors");
      for (const Json& vector : vectors->items()) OMEN_TRY(add_vector(vector.key(), vector, options, settings));
    }
  }
  if (const Json* sparse = request.find(kSparse)) {
    OMEN_TRY(must_be_object(*sparse, kSparse));
    if (sparse->items().size() > kSparseFieldsMax)
      return bad_request("a point has at most " + std::to_string(kSparseFieldsMax) + " sparse vectors");
    for (const Json& vector : sparse->items()) OMEN_TRY(add_sparse(vector, options, settings));
  }
  return options;
}

Outcome<void> change_vector_settings(const Json& request, const CollectionOptions& options, Settings& settings) {
  for (const std::string_view kind : {kDense, kSparse}) {
    const Json* vectors = request.find(kind);
    if (vectors == nullptr) continue;
    OMEN_TRY(must_be_object(*vectors, kind));
    for (const Json& changes : vectors->items()) {
      const std::string_view name = changes.key();
      if (!has_vector(options, kind, name)) return wrong_input("Not existing vector name error: " + std::string(name));
      OMEN_TRY(check_section(kind, changes, std::string(kind) + "." + std::string(name)));
      if (changes.find("modifier") != nullptr)
        return bad_request("the modifier of a sparse vector cannot be changed by this server");
      OMEN_TRY(refuse_multivector(changes));
      JsonMap merged = settings.vector(kind, name);
      for (const auto& [key, value] : extras_of(changes).members()) {
        if (key == "quantization_config" && value == "\"Disabled\"") {
          merged.remove(key);
        } else if (value != "null") {
          JsonMap inner = merged.map(key);
          inner.merge(JsonMap::parse(value));
          merged.set(key, value.starts_with('{') && key != "quantization_config" ? inner.text() : value);
        }
      }
      settings.set_vector(kind, name, merged);
    }
  }
  return {};
}

void write_vector_settings(JsonWriter& json, const CollectionOptions& options, const Settings& settings) {
  const VectorOptions unnamed{
      .name = "", .dimensions = options.dimensions, .metric = options.metric, .datatype = options.datatype};
  json.key(kDense);
  if (options.dimensions > 0 && options.vectors.empty()) {
    write_vector(json, unnamed, settings);
  } else {
    json.begin_object();
    if (options.dimensions > 0) write_vector(json.key(""), unnamed, settings);
    for (const VectorOptions& vector : options.vectors) write_vector(json.key(vector.name), vector, settings);
    json.end_object();
  }
  if (options.sparse_vectors.empty()) return;
  json.key(kSparse).begin_object();
  for (const SparseVectorOptions& sparse : options.sparse_vectors) write_sparse(json, sparse, settings);
  json.end_object();
}

}  // namespace omendb
