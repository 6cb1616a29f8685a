#include "apps/formats/payload_lines.h"

#include <fmt/format.h>

#include "base/try.h"

namespace omendb {

Result<PayloadLines> PayloadLines::open(const std::string& path) {
  return PayloadLines(OMEN_TRY(LineReader::open(path)));
}

Result<void> PayloadLines::next(std::size_t rows, std::vector<std::string>& payloads) {
  payloads.clear();
  for (std::size_t i = 0; i < rows; ++i) {
    const auto line = OMEN_TRY(lines_.next());
    if (!line) {
      return Error{ErrorCode::InvalidArgument, fmt::format("{}: the file ends after line {}, but there are more rows",
                                                           lines_.stream().path(), lines_.line_number())};
    }
    if (!line->empty()) {
      if (const auto checked = parser_.check_json(*line); !checked) return lines_.error(checked.error().message);
    }
    payloads.emplace_back(*line);
  }
  return {};
}

Result<void> PayloadLines::check_end() {
  const auto line = OMEN_TRY(lines_.next());
  if (line) return lines_.error("there are fewer rows than payloads");
  return {};
}

}  // namespace omendb
