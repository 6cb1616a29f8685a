// What may come in: vectors that can be compared, payloads that are JSON objects. Converts to the kept datatype.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "omendb/types.h"
#include "storage/schema.h"

namespace omendb {

// InvalidArgument unless `query` has the field's width, is finite, its squared norm is at most 1e37 (so that no
// distance overflows float32), and, under cosine, not zero.
Result<void> check_query(const VectorField& field, std::span<const float> query);

// The same for every row, and that each value fits the datatype. Returns the rows as they are kept: a view of `vectors`
// themselves for float32, else of `converted`. The message names the row.
Result<std::span<const std::byte>> check_vectors(const VectorField& field, std::span<const float> vectors,
                                                 std::vector<std::byte>& converted);

// InvalidArgument unless each text is empty or one JSON object; TooLarge over kPayloadBytesMax. Messages name the row.
Result<void> check_payloads(std::span<const std::string_view> payloads);

// TooLarge if so much has been gathered for one operation that the log takes no such record.
Result<void> check_operation(std::uint64_t bytes);

}  // namespace omendb
