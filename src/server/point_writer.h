// Points on their way out: Record and ScoredPoint of Qdrant's API.
#pragma once

#include <optional>

#include "omendb/collection.h"
#include "server/http/memory.h"
#include "server/json_writer.h"
#include "server/selection.h"

namespace omendb {

// 413 once an answer is longer than any may be, 429 once `memory` does not cover it.
Outcome<void> check_length(const JsonWriter& json, MemoryLease& memory);

class PointWriter {
 public:
  PointWriter(const CollectionOptions& options, PayloadSelector payload, VectorSelector vector)
      : options_(options), payload_(std::move(payload)), vector_(std::move(vector)) {}

  // What has to be read of a point for that.
  Reading reading() const { return {.payload = payload_.wanted(), .vectors = vector_.wanted()}; }
  bool needs_point() const { return payload_.wanted() || vector_.wanted(); }

  void write_record(JsonWriter& json, const Point& point, const OrderValue* order_value = nullptr) const;
  void write_scored(JsonWriter& json, const Point& point, float score, const OrderValue* order_value = nullptr) const;

 private:
  void write_payload(JsonWriter& json, const Point& point) const;
  void write_vectors(JsonWriter& json, const Point& point) const;

  const CollectionOptions& options_;
  PayloadSelector payload_;
  VectorSelector vector_;
};

// What the request wants of each point: "with_payload" and "with_vector".
Outcome<PointWriter> read_point_writer(const Json& request, const CollectionOptions& options, bool payload_otherwise);

// Vectors under cosine are given out with a length of 1, as Qdrant keeps them.
void write_vector(JsonWriter& json, std::span<const float> vector, Metric metric, Datatype datatype);

}  // namespace omendb
