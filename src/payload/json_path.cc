#include "payload/json_path.h"

#include <charconv>

#include "base/try.h"
#include "payload/words.h"

namespace omendb {
namespace {

// Reads a path from its beginning; what is left to read gets shorter.
class PathReader {
 public:
  explicit PathReader(std::string_view text) : text_(text), rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  Result<PathStep> key() {
    PathStep step;
    if (take('"')) {
      const std::size_t end = rest_.find('"');
      if (end == std::string_view::npos) return wrong("a quote is not closed");
      step.key = rest_.substr(0, end);
      if (step.key.find('\\') != std::string::npos) return wrong("a quoted key has a backslash");
      rest_.remove_prefix(end + 1);
      return step;
    }
    const std::size_t length = plain_length();
    if (length == 0) return wrong("a key is missing");
    step.key = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return step;
  }

  // After a `[`.
  Result<PathStep> brackets() {
    if (take(']')) return PathStep{PathStep::Kind::Each, {}, 0};
    PathStep step{PathStep::Kind::Index, {}, 0};
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), step.index);
    if (error != std::errc{}) return wrong("brackets hold a number or nothing");
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    if (!take(']')) return wrong("a bracket is not closed");
    return step;
  }

  Error wrong(std::string_view what) const {
    return {ErrorCode::InvalidArgument, "\"" + std::string(text_) + "\" is not a path: " + std::string(what)};
  }

 private:
  // Bytes of letters, digits, _ and - ahead.
  std::size_t plain_length() const {
    std::size_t length = 0;
    while (length < rest_.size()) {
      const CodePoint next = code_point_at(rest_.substr(length));
      if (next.value != '_' && next.value != '-' && !is_letter_or_digit(next.value)) break;
      length += next.bytes;
    }
    return length;
  }

  std::string_view text_;
  std::string_view rest_;
};

}  // namespace

Result<JsonPath> JsonPath::parse(std::string_view text) {
  PathReader reader(text);
  JsonPath path;
  path.steps_.push_back(OMEN_TRY(reader.key()));
  while (!reader.at_end()) {
    if (reader.take('.')) {
      path.steps_.push_back(OMEN_TRY(reader.key()));
    } else if (reader.take('[')) {
      path.steps_.push_back(OMEN_TRY(reader.brackets()));
    } else {
      return reader.wrong("a dot or a bracket is missing");
    }
    if (path.steps_.size() > kPathStepsMax) {
      return reader.wrong("it has more than " + std::to_string(kPathStepsMax) + " steps");
    }
  }
  return path;
}

JsonPath JsonPath::of_array() const {
  JsonPath path = *this;
  if (path.steps_.back().kind == PathStep::Kind::Each) path.steps_.pop_back();
  return path;
}

}  // namespace omendb
