#include "server/point_writer.h"

#include <algorithm>
#include <cmath>

#include "server/limits.h"
#include "server/work_memory.h"

namespace omendb {
namespace {

// A vector that is this near to a length of 1 is left as it is, so that what is read and put again does not drift.
constexpr double kUnitTolerance = 1e-6;

void write_sparse(JsonWriter& json, const SparseVector& vector) {
  json.begin_object().key("indices").begin_array();
  for (const std::uint32_t index : vector.indices) json.integer(std::uint64_t{index});
  json.end_array().key("values").numbers(vector.values).end_object();
}

void write_order_value(JsonWriter& json, const OrderValue& value) {
  json.key("order_value");
  if (const auto* whole = std::get_if<std::int64_t>(&value)) {
    json.integer(*whole);
  } else {
    json.number(std::get<double>(value));
  }
}

}  // namespace

Outcome<void> check_length(const JsonWriter& json, MemoryLease& memory) {
  // It grows into twice its size.
  if (json.text().size() <= kAnswerBytesMax) return cover(memory, 2 * json.text().size());
  return Refusal(413, "the answer would have over " + std::to_string(kAnswerBytesMax >> 20) +
                          " MiB: ask for less of fewer points");
}

void write_vector(JsonWriter& json, std::span<const float> vector, Metric metric, Datatype datatype) {
  if (metric != Metric::Cosine || datatype == Datatype::Uint8) {
    json.numbers(vector);
    return;
  }
  double squares = 0;
  for (const float value : vector) squares += double{value} * double{value};
  const double scale = std::abs(squares - 1) <= kUnitTolerance || squares == 0 ? 1 : 1 / std::sqrt(squares);
  json.begin_array();
  for (const float value : vector) json.number(static_cast<float>(double{value} * scale));
  json.end_array();
}

Outcome<PointWriter> read_point_writer(const Json& request, const CollectionOptions& options, bool payload_otherwise) {
  PayloadSelector payloads = OMEN_TRY(read_payload_selector(request.find("with_payload"), payload_otherwise));
  VectorSelector vectors = OMEN_TRY(read_vector_selector(find_vector_selector(request), options));
  return PointWriter(options, std::move(payloads), std::move(vectors));
}

void PointWriter::write_record(JsonWriter& json, const Point& point, const OrderValue* order_value) const {
  json.begin_object().key("id").id(point.id);
  write_payload(json, point);
  write_vectors(json, point);
  if (order_value != nullptr) write_order_value(json, *order_value);
  json.end_object();
}

void PointWriter::write_scored(JsonWriter& json, const Point& point, float score, const OrderValue* order_value) const {
  json.begin_object().key("id").id(point.id);
  json.member("version", 0).key("score").number(score);
  write_payload(json, point);
  write_vectors(json, point);
  if (order_value != nullptr) write_order_value(json, *order_value);
  json.end_object();
}

void PointWriter::write_payload(JsonWriter& json, const Point& point) const {
  if (payload_.wanted()) json.key("payload").raw(project(point.payload, payload_));
}

// The unnamed vector alone is a bare list.
void PointWriter::write_vectors(JsonWriter& json, const Point& point) const {
  if (!vector_.wanted()) return;
  json.key("vector");
  const bool unnamed = !point.vector.empty() && vector_.has("");
  const auto shown = [&](const auto& vector) { return vector_.has(vector.name); };
  const bool named = std::any_of(point.vectors.begin(), point.vectors.end(), shown) ||
                     std::any_of(point.sparse_vectors.begin(), point.sparse_vectors.end(), shown);
  if (unnamed && !named) {
    write_vector(json, point.vector, options_.metric, options_.datatype);
    return;
  }
  json.begin_object();
  if (unnamed) write_vector(json.key(""), point.vector, options_.metric, options_.datatype);
  for (const NamedVector& vector : point.vectors) {
    if (!shown(vector)) continue;
    const auto field = std::find_if(options_.vectors.begin(), options_.vectors.end(),
                                    [&](const VectorOptions& options) { return options.name == vector.name; });
    if (field != options_.vectors.end())
      write_vector(json.key(vector.name), vector.values, field->metric, field->datatype);
  }
  for (const NamedSparseVector& vector : point.sparse_vectors) {
    if (shown(vector)) write_sparse(json.key(vector.name), vector.vector);
  }
  json.end_object();
}

}  // namespace omendb
