// Little-endian numbers in byte strings: an appending writer, and a reader that never runs past the end.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace omendb {

static_assert(std::endian::native == std::endian::little, "docs/file_format.md: all numbers are little-endian");

using Bytes = std::vector<std::byte>;

// Of a plain value; text, whatever its type, goes to the overload below.
template <class T>
  requires(std::is_trivially_copyable_v<T> && !std::is_convertible_v<const T&, std::string_view>)
std::span<const std::byte> bytes_of(const T& value) {
  return std::as_bytes(std::span<const T, 1>(&value, 1));
}

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

inline std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <class T>
void put(Bytes& out, const T& value) {
  const auto raw = bytes_of(value);
  out.insert(out.end(), raw.begin(), raw.end());
}

inline void put_bytes(Bytes& out, std::span<const std::byte> raw) { out.insert(out.end(), raw.begin(), raw.end()); }

// A length of 32 bits, then the bytes.
inline void put_text(Bytes& out, std::string_view text) {
  put(out, static_cast<std::uint32_t>(text.size()));
  put_bytes(out, bytes_of(text));
}

class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : rest_(bytes) {}

  std::size_t remaining() const { return rest_.size(); }

  template <class T>
  std::optional<T> take() {
    static_assert(std::is_trivially_copyable_v<T>);
    if (rest_.size() < sizeof(T)) return std::nullopt;
    T value;
    std::memcpy(&value, rest_.data(), sizeof(T));
    rest_ = rest_.subspan(sizeof(T));
    return value;
  }

  std::optional<std::span<const std::byte>> take_bytes(std::size_t count) {
    if (rest_.size() < count) return std::nullopt;
    const auto head = rest_.first(count);
    rest_ = rest_.subspan(count);
    return head;
  }

  std::optional<std::string_view> take_text() {
    const auto length = take<std::uint32_t>();
    if (!length) return std::nullopt;
    const auto raw = take_bytes(*length);
    if (!raw) return std::nullopt;
    return text_of(*raw);
  }

 private:
  std::span<const std::byte> rest_;
};

}  // namespace omendb
