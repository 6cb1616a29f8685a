#include "server/http/coding.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <new>

#include "base/assert.h"
#include "base/try.h"
#include "server/http/text.h"

namespace omendb {
namespace {

enum class Frame : int {
  GzipOrZlib = 32 + MAX_WBITS,  // whichever the first bytes say
  None = -MAX_WBITS,
};

constexpr int kGzip = 16 + MAX_WBITS;

Bytef* bytes_of(std::string_view text) { return reinterpret_cast<Bytef*>(const_cast<char*>(text.data())); }

uInt at_most_uint(std::size_t bytes) {
  return static_cast<uInt>(std::min<std::size_t>(bytes, std::numeric_limits<uInt>::max()));
}

class Inflater {
 public:
  Inflater(std::string_view bytes, Frame frame) : left_(bytes) {
    if (::inflateInit2(&stream_, static_cast<int>(frame)) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { ::inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Whether there was more to come, into `body`.
  Result<bool> step(HttpBody& body, std::size_t bytes_max) {
    std::array<char, 65'536> made;
    stream_.next_in = bytes_of(left_);
    stream_.avail_in = at_most_uint(left_.size());
    stream_.next_out = reinterpret_cast<Bytef*>(made.data());
    stream_.avail_out = made.size();
    const uInt offered = stream_.avail_in;
    const int status = ::inflate(&stream_, Z_NO_FLUSH);
    left_.remove_prefix(offered - stream_.avail_in);
    const std::size_t count = made.size() - stream_.avail_out;
    if (count > bytes_max - body.size()) return Error{ErrorCode::TooLarge, "the body is too large when inflated"};
    body.append({made.data(), count});
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    if (status != Z_OK && status != Z_STREAM_END) {
      return Error{ErrorCode::InvalidArgument, left_.empty() ? "the compressed body is cut short"
                                                             : "the body is not what its Content-Encoding says"};
    }
    if (status == Z_OK) return true;
    if (left_.empty()) return false;
    // gzip allows several members in a row; anything else behind the end shows as damage.
    if (::inflateReset(&stream_) != Z_OK) throw std::bad_alloc();
    return true;
  }

 private:
  z_stream stream_{};
  std::string_view left_;
};

Result<HttpBody> inflate_framed(std::string_view bytes, std::size_t bytes_max, Frame frame) {
  Inflater inflater(bytes, frame);
  HttpBody body;
  while (OMEN_TRY(inflater.step(body, bytes_max))) {
  }
  return body;
}

bool has_frame(std::string_view bytes) {
  if (bytes.size() < 2) return true;
  const auto first = static_cast<unsigned char>(bytes[0]);
  const auto second = static_cast<unsigned char>(bytes[1]);
  const bool is_gzip = first == 0x1f && second == 0x8b;
  const bool is_zlib = (first & 0x0f) == Z_DEFLATED && (first * 256 + second) % 31 == 0;  // RFC 1950, section 2.2
  return is_gzip || is_zlib;
}

// A compressor keeps 256 KiB; one for each thread is made once, not for each answer.
class Deflater {
 public:
  Deflater() {
    constexpr int kMemoryLevel = 8;
    if (::deflateInit2(&stream_, Z_BEST_SPEED, Z_DEFLATED, kGzip, kMemoryLevel, Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  ~Deflater() { ::deflateEnd(&stream_); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  std::string run(std::string_view bytes) {
    ::deflateReset(&stream_);
    std::string made(::deflateBound(&stream_, bytes.size()), '\0');
    stream_.next_in = bytes_of(bytes);
    stream_.avail_in = at_most_uint(bytes.size());
    stream_.next_out = bytes_of(made);
    stream_.avail_out = at_most_uint(made.size());
    const int status = ::deflate(&stream_, Z_FINISH);
    OMEN_ASSERT(status == Z_STREAM_END);
    made.resize(made.size() - stream_.avail_out);
    return made;
  }

 private:
  z_stream stream_{};
};

bool is_zero(std::string_view quality) {
  return quality.starts_with('0') && quality.find_first_not_of("0.") == std::string_view::npos;
}

}  // namespace

Result<HttpBody> inflate_body(std::string_view bytes, std::size_t bytes_max) {
  return inflate_framed(bytes, bytes_max, has_frame(bytes) ? Frame::GzipOrZlib : Frame::None);
}

std::string gzip(std::string_view bytes) {
  thread_local Deflater deflater;
  return deflater.run(bytes);
}

bool accepts_gzip(std::string_view accept_encoding) {
  while (!accept_encoding.empty()) {
    const std::size_t end = accept_encoding.find(',');
    const std::string_view item = trimmed(accept_encoding.substr(0, end));
    accept_encoding.remove_prefix(end == std::string_view::npos ? accept_encoding.size() : end + 1);
    const std::size_t parameters = item.find(';');
    const std::string_view coding = trimmed(item.substr(0, parameters));
    if (!same_word(coding, "gzip") && !same_word(coding, "x-gzip") && coding != "*") continue;
    if (parameters == std::string_view::npos) return true;
    const std::string_view quality = trimmed(item.substr(parameters + 1));
    return !(quality.size() > 2 && lower(quality[0]) == 'q' && is_zero(trimmed(quality.substr(2))));
  }
  return false;
}

}  // namespace omendb
