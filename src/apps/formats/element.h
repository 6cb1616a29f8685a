// The kinds of number that vector files hold, and their way to float.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace omendb {

enum class Element : std::uint8_t { Float16, Float32, Float64, Uint8 };

std::size_t bytes_of_element(Element element);

// Appends the little-endian numbers of `raw`, a whole number of them. What float cannot hold becomes infinity.
void append_floats(std::span<const std::byte> raw, Element element, std::vector<float>& out);

}  // namespace omendb
