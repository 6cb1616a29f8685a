// The lines of a text file, one after the other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "apps/formats/file_stream.h"

namespace omendb {

class LineReader {
 public:
  // A vector of 65,536 values takes less than a megabyte of text; the rest is for the payload.
  static constexpr std::size_t kLineBytesMax = 16u << 20;

  static Result<LineReader> open(const std::string& path);

  // The next line without its line end, nullopt after the last. Valid until the next call, and padded (FileStream).
  Result<std::optional<std::string_view>> next();

  std::uint64_t line_number() const { return line_number_; }  // of the line last returned; the first is 1
  const FileStream& stream() const { return stream_; }

  // "FILE, line 17: " and what was found.
  Error error(std::string_view found) const;

 private:
  explicit LineReader(FileStream stream) : stream_(std::move(stream)) {}

  FileStream stream_;
  std::uint64_t line_number_ = 0;
};

}  // namespace omendb
