// Changing payloads as texts: what is not touched keeps its bytes, so no number is rounded and no key moves.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "omendb/result.h"
#include "payload/json_path.h"

namespace omendb {

constexpr std::size_t kPayloadBytesMax = 16u << 20;

// `payload` is a JSON object, or empty for none; `patch` is a JSON object.

// The keys of the patch replace the payload's, and null removes them. With `path` that happens to the objects it leads to: what
// is missing on the way is made, what is no object becomes one, and an element that an array does not have stays away.
// InvalidArgument  a text is no JSON object; TooLarge  the result is
Result<std::string> set_payload(std::string_view payload, std::string_view patch, const JsonPath* path);

// Without the values that the paths lead to; a path that leads nowhere changes nothing, and neither does one that ends in
// `[2]`, since the next element would move there. One that ends in `[]` leaves the array empty.
Result<std::string> delete_payload_keys(std::string_view payload, std::span<const JsonPath> paths);

}  // namespace omendb
