// The numbers of a JSON array, faster than a parser for all of JSON reads them.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace omendb {

// Reads "[0.5, -1e3]" into `values` and returns how many numbers there are; those that do not fit are counted only.
// nullopt: it is not a JSON array of numbers, and `values` may have been written to. 16 bytes behind `json` can be read.
//
// Each number is the nearest double, rounded to float, as other readers of JSON take it.
std::optional<std::size_t> parse_float_list(std::string_view json, std::span<float> values);

}  // namespace omendb
