#include "apps/formats/file_stream.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "base/try.h"

namespace omendb {
namespace {

constexpr std::size_t kReadBytes = 1u << 20;

}  // namespace

Result<FileStream> FileStream::open(const std::string& path) {
  auto file = OMEN_TRY(real_disk().open(path, OpenMode::Read));
  const std::uint64_t size = OMEN_TRY(file->size());
  return FileStream(std::move(file), size);
}

Result<std::span<const std::byte>> FileStream::peek(std::size_t count) {
  if (end_ - begin_ < count && file_position_ < size_) {
    const std::size_t kept = end_ - begin_;
    if (begin_ > 0) std::memmove(buffer_.data(), buffer_.data() + begin_, kept);
    buffer_.resize(std::max(buffer_.size(), std::max(count, kReadBytes) + kPadding));
    const std::size_t room = buffer_.size() - kPadding - kept;
    const std::size_t read = OMEN_TRY(file_->read(file_position_, std::span(buffer_).subspan(kept, room)));
    begin_ = 0;
    end_ = kept + read;
    file_position_ += read;
    if (read < room) size_ = file_position_;  // the end; the file may have shrunk since it was opened
  }
  return std::span<const std::byte>(buffer_).subspan(begin_, std::min(count, end_ - begin_));
}

Result<std::span<const std::byte>> FileStream::take(std::size_t count) {
  const auto bytes = OMEN_TRY(peek(count));
  skip(bytes.size());
  return bytes;
}

void FileStream::skip(std::size_t count) {
  OMEN_ASSERT(count <= end_ - begin_);
  begin_ += count;
}

}  // namespace omendb
