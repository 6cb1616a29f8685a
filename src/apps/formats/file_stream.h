// A file read from front to back in large pieces, whatever its size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "os/disk.h"

namespace omendb {

class FileStream {
 public:
  // A parser of text may read this far beyond what peek() returned (simdjson does); what it reads there means nothing.
  static constexpr std::size_t kPadding = 64;

  static Result<FileStream> open(const std::string& path);

  // The next bytes: `count` of them, fewer only at the end of the file. Valid until the next call.
  Result<std::span<const std::byte>> peek(std::size_t count);

  // The same, and moves past them.
  Result<std::span<const std::byte>> take(std::size_t count);

  // Moves past bytes that were peeked.
  void skip(std::size_t count);

  std::uint64_t size() const { return size_; }
  std::uint64_t position() const { return file_position_ - (end_ - begin_); }
  const std::string& path() const { return file_->path(); }

 private:
  FileStream(std::unique_ptr<File> file, std::uint64_t size) : file_(std::move(file)), size_(size) {}

  std::unique_ptr<File> file_;
  std::uint64_t size_;
  std::uint64_t file_position_ = 0;  // of the next read
  std::vector<std::byte> buffer_;    // [begin_, end_) is read but not yet taken
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace omendb
