#include <fmt/format.h>

#include "apps/formats/formats.h"
#include "apps/formats/line_reader.h"
#include "apps/formats/point_line.h"
#include "base/try.h"

namespace omendb {
namespace {

class JsonlReader : public VectorReader {
 public:
  JsonlReader(LineReader lines, Part part) : lines_(std::move(lines)), part_(part) {}

  // The first point tells the dimensions.
  Result<void> open() {
    OMEN_TRY(read_point());
    if (ended_) {
      return Error{ErrorCode::InvalidArgument, fmt::format("{}: the file holds no points", lines_.stream().path())};
    }
    dimensions_ = static_cast<std::uint32_t>(point_.vector.size());
    return {};
  }

  std::optional<std::uint64_t> rows() const override { return std::nullopt; }
  double share_read() const override {
    return static_cast<double>(lines_.stream().position()) / static_cast<double>(lines_.stream().size());
  }

  Result<void> next(std::uint32_t rows_max, VectorBatch& batch) override {
    batch.clear();
    while (!ended_ && batch.rows() < rows_max) {
      if (!point_is_waiting_) OMEN_TRY(read_point());
      if (ended_) return {};
      if (point_.vector.size() != dimensions_) {
        return lines_.error(
            fmt::format("the vector has {} values, the first has {}", point_.vector.size(), dimensions_));
      }
      batch.ids.push_back(point_.has_id ? point_.id : PointId(row_));
      batch.vectors.insert(batch.vectors.end(), point_.vector.begin(), point_.vector.end());
      batch.payloads.push_back(point_.payload);
      point_is_waiting_ = false;
      ++row_;
    }
    return {};
  }

 private:
  // Passes over empty lines.
  Result<void> read_point() {
    std::optional<std::string_view> line;
    do {
      line = OMEN_TRY(lines_.next());
    } while (line && line->find_first_not_of(" \t") == std::string_view::npos);
    if (!line) {
      ended_ = true;
      return {};
    }
    if (const auto parsed = parser_.parse(*line, point_); !parsed) return lines_.error(parsed.error().message);
    if (!point_.has_id && part_ == Part::Base) return lines_.error("the point has no \"id\"");
    if (!point_.has_vector) return lines_.error("the point has no \"vector\"");
    if (point_.vector.empty()) return lines_.error("the vector is empty");
    point_is_waiting_ = true;
    return {};
  }

  LineReader lines_;
  Part part_;
  PointLineParser parser_;
  PointLine point_;
  bool point_is_waiting_ = false;  // read, not yet handed out
  bool ended_ = false;
  std::uint64_t row_ = 0;
};

}  // namespace

Result<std::unique_ptr<VectorReader>> open_jsonl(const std::string& path, Part part) {
  auto reader = std::make_unique<JsonlReader>(OMEN_TRY(LineReader::open(path)), part);
  OMEN_TRY(reader->open());
  return std::unique_ptr<VectorReader>(std::move(reader));
}

}  // namespace omendb
