#include "apps/formats/file_writer.h"

#include <cstdio>

#include "base/bytes.h"
#include "base/try.h"

namespace omendb {
namespace {

constexpr std::size_t kBufferBytes = 1u << 20;
constexpr std::string_view kStandardOutput = "-";

std::string part_of(const std::string& path) { return path + ".part"; }

}  // namespace

Result<FileWriter> FileWriter::create(const std::string& path) {
  if (path == kStandardOutput) return FileWriter(path, nullptr);
  const std::string part = part_of(path);
  const auto removed = real_disk().remove(part);  // of an attempt that was killed
  if (!removed && removed.error().code != ErrorCode::NotFound) return removed.error();
  return FileWriter(path, OMEN_TRY(real_disk().open(part, OpenMode::CreateNew)));
}

FileWriter::~FileWriter() {
  if (file_) static_cast<void>(real_disk().remove(part_of(path_)));
}

Result<void> FileWriter::write(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() < kBufferBytes) return {};
  return write_out();
}

Result<void> FileWriter::write_out() {
  if (file_) {
    OMEN_TRY(file_->write(written_, bytes_of(buffer_)));
  } else if (std::fwrite(buffer_.data(), 1, buffer_.size(), stdout) < buffer_.size() || std::fflush(stdout) != 0) {
    return Error{ErrorCode::IoError, "standard output takes no more"};
  }
  written_ += buffer_.size();
  buffer_.clear();
  return {};
}

Result<void> FileWriter::finish() {
  OMEN_TRY(write_out());
  if (!file_) return {};
  OMEN_TRY(file_->sync());
  OMEN_TRY(real_disk().rename(part_of(path_), path_));
  file_.reset();
  return {};
}

}  // namespace omendb
