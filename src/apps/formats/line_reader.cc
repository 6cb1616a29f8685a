#include "apps/formats/line_reader.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/try.h"

namespace omendb {

Result<LineReader> LineReader::open(const std::string& path) { return LineReader(OMEN_TRY(FileStream::open(path))); }

Result<std::optional<std::string_view>> LineReader::next() {
  for (std::size_t window = 64u << 10;; window *= 4) {
    const std::string_view text = text_of(OMEN_TRY(stream_.peek(window)));
    if (text.empty()) return std::optional<std::string_view>();

    const std::size_t line_end = text.find('\n');
    const bool is_last = text.size() < window;
    if (line_end == std::string_view::npos && !is_last) {
      if (window < kLineBytesMax) continue;
      ++line_number_;
      return error(fmt::format("the line is longer than {} MiB", kLineBytesMax >> 20));
    }

    ++line_number_;
    std::string_view line = text.substr(0, line_end);
    stream_.skip(line_end == std::string_view::npos ? text.size() : line_end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return std::optional(line);
  }
}

Error LineReader::error(std::string_view found) const {
  return Error{ErrorCode::InvalidArgument, fmt::format("{}, line {}: {}", stream_.path(), line_number_, found)};
}

}  // namespace omendb
