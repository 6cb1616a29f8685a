// One line of a jsonl file as a point: {"id": 7, "vector": [0.5, 1], "payload": {"word": "tea"}}, keys in any order.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "omendb/types.h"

namespace omendb {

struct PointLine {
  bool has_id = false;
  bool has_vector = false;
  PointId id;
  std::vector<float> vector;
  std::string payload;  // the JSON text as it stands in the line; empty if none or null
};

// Keeps its buffers from line to line. `line` must be padded (FileStream::kPadding).
class PointLineParser {
 public:
  PointLineParser();
  ~PointLineParser();
  PointLineParser(PointLineParser&&) noexcept;
  PointLineParser& operator=(PointLineParser&&) noexcept;

  // InvalidArgument says what is wrong within the line.
  Result<void> parse(std::string_view line, PointLine& point);

  // Whether the text is one complete JSON value.
  Result<void> check_json(std::string_view text);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The inverse: the point as one line, without the line end. parse() gives back the same floats, bit by bit.
void append_point_line(std::string& out, const Point& point);

}  // namespace omendb
