// The bytes of a request's body, with room behind their end for parsers that read whole words.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace omendb {

class HttpBody {
 public:
  // Bytes behind the end that may be read; they are zero.
  static constexpr std::size_t kPadding = 64;

  std::string_view text() const { return {bytes_.data(), size()}; }
  const char* data() const { return bytes_.data(); }
  std::size_t size() const { return bytes_.size() - kPadding; }
  bool empty() const { return size() == 0; }

  void append(std::string_view bytes) { bytes_.insert(size(), bytes); }

 private:
  std::string bytes_ = std::string(kPadding, '\0');
};

}  // namespace omendb
