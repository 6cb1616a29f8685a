#include "server/float_list.h"

#include <array>
#include <bit>
#include <charconv>
#include <cstdint>
#include <cstring>

namespace omendb {
namespace {

static_assert(std::endian::native == std::endian::little, "eight digits are read as one little-endian number");

// Powers of ten that a double holds exactly.
constexpr std::array<double, 23> kPowersOfTen = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                                 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr std::uint64_t kExactMax = std::uint64_t{1} << 53;  // whole numbers up to here are doubles
constexpr int kDigitsMax = 19;                               // fit in 64 bits

bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::uint64_t load(const char* text) {
  std::uint64_t word;
  std::memcpy(&word, text, sizeof word);
  return word;
}

// How many of the eight characters are digits, up to the first that is none. A digit is 0x30 to 0x39: its high half is
// 3, also after 6 was added. A carry reaches later characters alone.
int count_digits(std::uint64_t word) {
  constexpr std::uint64_t kHigh = 0xF0F0F0F0F0F0F0F0;
  const std::uint64_t others = ((word & kHigh) | (((word + 0x0606060606060606) & kHigh) >> 4)) ^ 0x3333333333333333;
  return std::countr_zero(others) / 8;
}

// Pairs of digits, then of pairs, then of fours.
std::uint64_t value_of_eight(std::uint64_t word) {
  word = (word & 0x0F0F0F0F0F0F0F0F) * 2561 >> 8;             // 2561 = 10 * 2^8 + 1
  word = (word & 0x00FF00FF00FF00FF) * 6553601 >> 16;         // 100 * 2^16 + 1
  return (word & 0x0000FFFF0000FFFF) * 42949672960001 >> 32;  // 10000 * 2^32 + 1
}

// Goes over one array. It ends with a bracket, which is no digit and no blank: nothing runs on behind it.
class FloatList {
 public:
  explicit FloatList(std::string_view json) : at_(json.data()), end_(json.data() + json.size()) {}

  std::optional<std::size_t> read(std::span<float> values) {
    if (end_ - at_ < 2 || end_[-1] != ']' || !take('[')) return std::nullopt;
    skip_blanks();
    std::size_t count = 0;
    if (take(']')) return at_ == end_ ? std::optional(count) : std::nullopt;
    while (true) {
      double number = 0;
      if (!read_number(number)) return std::nullopt;
      if (count < values.size()) values[count] = static_cast<float>(number);
      ++count;
      skip_blanks();
      if (!take(',')) break;
      skip_blanks();
    }
    if (!take(']') || at_ != end_) return std::nullopt;
    return count;
  }

 private:
  bool take(char wanted) {
    const bool there = *at_ == wanted;
    at_ += there;  // no branch: signs come as they please
    return there;
  }

  void skip_blanks() {
    while (is_blank(*at_)) ++at_;
  }

  // Adds digits to `mantissa`; returns how many there were. More than kDigitsMax overflow it.
  int read_digits(std::uint64_t& mantissa) {
    constexpr std::array<std::uint64_t, 9> kShift = {1,       10,        100,        1'000,      10'000,
                                                     100'000, 1'000'000, 10'000'000, 100'000'000};
    int digits = 0;
    while (true) {
      const std::uint64_t word = load(at_);
      const int count = count_digits(word);
      if (count == 0) return digits;
      // The digits move to the back of eight, zeros in front of them.
      mantissa = mantissa * kShift[static_cast<std::size_t>(count)] + value_of_eight(word << (64 - 8 * count));
      at_ += count;
      digits += count;
      if (count < 8) return digits;
    }
  }

  bool read_number(double& number) {
    const char* begin = at_;
    const bool negative = take('-');
    const bool leading_zero = *at_ == '0';
    std::uint64_t mantissa = 0;
    int digits = read_digits(mantissa);
    if (digits == 0 || (leading_zero && digits > 1)) return false;
    int decimals = 0;
    if (take('.')) {
      decimals = read_digits(mantissa);
      if (decimals == 0) return false;
      digits += decimals;
    }
    const bool exponent = *at_ == 'e' || *at_ == 'E';
    if (exponent || digits > kDigitsMax || mantissa > kExactMax || decimals >= static_cast<int>(kPowersOfTen.size())) {
      return read_slowly(begin, exponent, number);
    }
    // Both are exact, so the quotient is the nearest double.
    number = static_cast<double>(mantissa) / kPowersOfTen[static_cast<std::size_t>(decimals)];
    // No branch, as half of all numbers are negative.
    number = std::bit_cast<double>(std::bit_cast<std::uint64_t>(number) | std::uint64_t{negative} << 63);
    return true;
  }

  bool read_slowly(const char* begin, bool exponent, double& number) {
    if (exponent && !skip_exponent()) return false;
    const auto [last, error] = std::from_chars(begin, at_, number);
    return error == std::errc() && last == at_;
  }

  bool skip_exponent() {
    ++at_;
    if (!take('+')) take('-');
    const char* begin = at_;
    while (is_digit(*at_)) ++at_;
    return at_ != begin;
  }

  const char* at_;
  const char* end_;
};

}  // namespace

std::optional<std::size_t> parse_float_list(std::string_view json, std::span<float> values) {
  return FloatList(json).read(values);
}

}  // namespace omendb
