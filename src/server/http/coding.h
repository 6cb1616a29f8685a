// gzip and deflate, for bodies in both directions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "omendb/result.h"
#include "server/http/body.h"

namespace omendb {

// A body sent as gzip, or as deflate with or without zlib's frame (clients disagree). Never more than `bytes_max` bytes
// are made: TooLarge if there would be more.
Result<HttpBody> inflate_body(std::string_view bytes, std::size_t bytes_max);

// As gzip, by the fastest level: an answer is made once and read once.
std::string gzip(std::string_view bytes);

// Whether this Accept-Encoding allows gzip.
bool accepts_gzip(std::string_view accept_encoding);

}  // namespace omendb
