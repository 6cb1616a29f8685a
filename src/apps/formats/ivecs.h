// ivecs: each row is a 32-bit count, then that many 32-bit numbers. Answers and ground truth of searches.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/formats/file_stream.h"
#include "apps/formats/file_writer.h"
#include "omendb/types.h"

namespace omendb {

class IvecsReader {
 public:
  static Result<IvecsReader> open(const std::string& path);

  // The next row; InvalidArgument, naming it, if there is none.
  Result<std::vector<std::uint32_t>> next();

 private:
  explicit IvecsReader(FileStream stream) : stream_(std::move(stream)) {}
  Error error(std::string_view found) const;

  FileStream stream_;
  std::uint64_t row_ = 0;
};

// One row; InvalidArgument if an id is a UUID or does not fit.
Result<void> write_ivecs_row(FileWriter& out, const std::vector<Neighbor>& neighbors);

}  // namespace omendb
