// Row: the dense number of a point's place in a generation, given in arrival order and never reused.
#pragma once

#include <cstdint>

namespace omendb {

enum class Row : std::uint32_t {};

constexpr Row kNoRow{0xFFFF'FFFF};

// The most rows a generation can hold: kNoRow is not one of them.
constexpr std::uint32_t kRowsMax = 0xFFFF'FFFF;

constexpr std::uint32_t index(Row row) { return static_cast<std::uint32_t>(row); }
constexpr Row row_at(std::uint64_t position) { return Row{static_cast<std::uint32_t>(position)}; }

// Rows [begin, end).
struct RowRange {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  constexpr std::uint32_t size() const { return end - begin; }
  constexpr bool empty() const { return begin >= end; }

  friend constexpr bool operator==(const RowRange&, const RowRange&) = default;
};

}  // namespace omendb
