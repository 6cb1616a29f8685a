#include "apps/formats/element.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "base/bytes.h"

namespace omendb {
namespace {

float from_half(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000) << 16;
  const std::uint32_t exponent = (half >> 10) & 0x1F;
  const std::uint32_t fraction = half & 0x3FF;
  if (exponent == 0x1F) return std::bit_cast<float>(sign | 0x7F80'0000 | fraction << 13);  // infinity, NaN
  if (exponent == 0) {  // zero and subnormals: fraction / 2^24
    const float magnitude = std::ldexp(static_cast<float>(fraction), -24);
    return sign != 0 ? -magnitude : magnitude;
  }
  return std::bit_cast<float>(sign | (exponent + 127 - 15) << 23 | fraction << 13);
}

template <class T, class Convert>
void append(std::span<const std::byte> raw, std::vector<float>& out, Convert convert) {
  for (std::size_t at = 0; at + sizeof(T) <= raw.size(); at += sizeof(T)) {
    T value;
    std::memcpy(&value, raw.data() + at, sizeof value);
    out.push_back(convert(value));
  }
}

}  // namespace

std::size_t bytes_of_element(Element element) {
  switch (element) {
    case Element::Float16:
      return 2;
    case Element::Float32:
      return 4;
    case Element::Float64:
      return 8;
    case Element::Uint8:
      return 1;
  }
  return 0;
}

void append_floats(std::span<const std::byte> raw, Element element, std::vector<float>& out) {
  switch (element) {
    case Element::Float16:
      return append<std::uint16_t>(raw, out, from_half);
    case Element::Float32:
      return append<float>(raw, out, [](float value) { return value; });
    case Element::Float64:
      return append<double>(raw, out, [](double value) { return static_cast<float>(value); });
    case Element::Uint8:
      return append<std::uint8_t>(raw, out, [](std::uint8_t value) { return static_cast<float>(value); });
  }
}

}  // namespace omendb
