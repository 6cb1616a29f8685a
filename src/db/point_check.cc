#include "db/point_check.h"

#include <simdjson.h>

#include <cfloat>
#include <cmath>
#include <cstring>
#include <string>

#include "base/try.h"
#include "payload/payload_edit.h"
#include "simd/kernels.h"
#include "storage/store.h"

namespace omendb {
namespace {

// (|q| + |x|)^2 <= 4e37 stays below the largest float32, 3.4e38, whatever the two vectors.
constexpr float kSquaredNormMax = 1e37f;

constexpr float kFloat16Max = 65504.0f;

Error invalid(std::string message) { return {ErrorCode::InvalidArgument, std::move(message)}; }

Result<void> check_norm(const VectorField& field, const float* values) {
  const float norm2 = simd::kernels().dot_f32(values, values, field.dimensions);
  if (!(norm2 <= kSquaredNormMax)) {
    if (!simd::kernels().all_finite(values, field.dimensions)) return invalid("the vector has a NaN or an infinity");
    return invalid("the vector is too long: its squared norm is over 1e37");
  }
  if (field.metric == Metric::Cosine && norm2 < FLT_MIN)
    return invalid("the zero vector has no direction, so no cosine");
  return {};
}

Result<void> convert(const VectorField& field, const float* from, std::byte* to) {
  const std::uint32_t n = field.dimensions;
  if (field.datatype == Datatype::Float16) {
    if (simd::kernels().max_abs(from, n) > kFloat16Max) return invalid("a value is beyond 65504, the largest float16");
    simd::kernels().f32_to_f16(from, reinterpret_cast<std::uint16_t*>(to), n);
    return {};
  }
  for (std::uint32_t i = 0; i < n; ++i) {
    const float value = from[i];
    if (!(value >= 0 && value <= 255) || value != std::floor(value)) {
      return invalid("uint8 takes whole numbers from 0 to 255, and value " + std::to_string(i) + " is " +
                     std::to_string(value));
    }
    to[i] = static_cast<std::byte>(value);
  }
  return {};
}

Error in_row(std::size_t row, const Error& error) {
  return {error.code, "row " + std::to_string(row) + ": " + error.message};
}

}  // namespace

Result<void> check_query(const VectorField& field, std::span<const float> query) {
  if (query.size() != field.dimensions) {
    return invalid("the query has " + std::to_string(query.size()) + " values, the collection takes " +
                   std::to_string(field.dimensions));
  }
  return check_norm(field, query.data());
}

Result<std::span<const std::byte>> check_vectors(const VectorField& field, std::span<const float> vectors,
                                                 std::vector<std::byte>& converted) {
  const std::size_t rows = vectors.size() / field.dimensions;
  const bool converts = field.datatype != Datatype::Float32;
  if (converts) converted.resize(rows * field.row_bytes());
  for (std::size_t row = 0; row < rows; ++row) {
    const float* values = vectors.data() + row * field.dimensions;
    const Result<void> fits = check_norm(field, values);
    if (!fits.ok()) return in_row(row, fits.error());
    if (!converts) continue;
    const Result<void> kept = convert(field, values, converted.data() + row * field.row_bytes());
    if (!kept.ok()) return in_row(row, kept.error());
  }
  if (converts) return std::span<const std::byte>(converted);
  return std::as_bytes(vectors);
}

Result<void> check_operation(std::uint64_t bytes) {
  if (bytes <= kRecordBytesMax) return {};
  return Error{ErrorCode::TooLarge, "what the chosen points become has more than the " +
                                        std::to_string(kRecordBytesMax >> 20) +
                                        " MiB that fit into one operation: choose fewer at a time"};
}

Result<void> check_payloads(std::span<const std::string_view> payloads) {
  thread_local simdjson::dom::parser parser;
  for (std::size_t row = 0; row < payloads.size(); ++row) {
    const std::string_view text = payloads[row];
    if (text.empty()) continue;
    if (text.size() > kPayloadBytesMax) {
      return in_row(row, {ErrorCode::TooLarge, "the payload has " + std::to_string(text.size()) + " bytes, at most " +
                                                   std::to_string(kPayloadBytesMax) + " fit"});
    }
    simdjson::dom::element document;
    const auto error = parser.parse(text.data(), text.size()).get(document);
    if (error) return in_row(row, invalid(std::string("the payload is not JSON: ") + simdjson::error_message(error)));
    if (!document.is_object()) return in_row(row, invalid("the payload is JSON but not an object"));
  }
  return {};
}

}  // namespace omendb
