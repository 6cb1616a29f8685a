// A new file for the user, written from front to back: it has its name only once it is whole and on disk.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "os/disk.h"

namespace omendb {

class FileWriter {
 public:
  // Into `path`.part until finish(). "-" is standard output, written as it comes.
  static Result<FileWriter> create(const std::string& path);

  FileWriter(FileWriter&&) noexcept = default;
  ~FileWriter();  // not finished: the part is removed

  Result<void> write(std::string_view text);
  Result<void> finish();

 private:
  FileWriter(std::string path, std::unique_ptr<File> file) : path_(std::move(path)), file_(std::move(file)) {}
  Result<void> write_out();

  std::string path_;
  std::unique_ptr<File> file_;  // null: standard output, or finished
  std::string buffer_;
  std::uint64_t written_ = 0;
};

}  // namespace omendb
