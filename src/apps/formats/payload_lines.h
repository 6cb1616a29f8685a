// The payloads of a vector file's rows from a jsonl file beside it: line i belongs to row i.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "apps/formats/line_reader.h"
#include "apps/formats/point_line.h"

namespace omendb {

class PayloadLines {
 public:
  static Result<PayloadLines> open(const std::string& path);

  // The next `rows` lines; an empty line is no payload. An error names the line that is missing or not JSON, and
  // `payloads` holds those before it.
  Result<void> next(std::size_t rows, std::vector<std::string>& payloads);

  // An error if lines are left when the rows are over.
  Result<void> check_end();

 private:
  explicit PayloadLines(LineReader lines) : lines_(std::move(lines)) {}

  LineReader lines_;
  PointLineParser parser_;
};

}  // namespace omendb
