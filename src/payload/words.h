// The words of a text: runs of letters and digits in lower case, of any script (Unicode general categories L, M, N).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace omendb {

struct CodePoint {
  std::int32_t value = 0;  // negative for a byte that is not UTF-8
  std::size_t bytes = 1;
};

// The first of a text that is not empty.
CodePoint code_point_at(std::string_view text);

// A combining mark counts as part of the letter it stands on.
bool is_letter_or_digit(std::int32_t code_point);

std::vector<std::string> words_of(std::string_view text);

}  // namespace omendb
