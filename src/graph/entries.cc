#include "graph/entries.h"

#include <algorithm>

namespace omendb {

std::vector<Row> choose_entries(std::uint32_t covered, const RowFilter& live) {
  // Compared at the start of every walk; 64 cost about as much as three of its steps.
  constexpr std::uint32_t kEntries = 64;
  constexpr std::uint32_t kTriesMax = 256;  // rows looked at for a live one

  std::vector<Row> entries;
  const std::uint32_t count = std::min(covered, kEntries);
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto begin = static_cast<std::uint32_t>(std::uint64_t{covered} * i / count);
    const auto end = static_cast<std::uint32_t>(std::uint64_t{covered} * (i + 1) / count);
    std::uint32_t row = begin;
    while (row < std::min(end, begin + kTriesMax) && !live.contains(Row{row})) ++row;
    if (row < std::min(end, begin + kTriesMax)) entries.push_back(Row{row});
  }
  if (entries.empty() && covered > 0) entries.push_back(Row{0});
  return entries;
}

}  // namespace omendb
