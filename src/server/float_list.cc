#include "server/float_list.h"

#ifdef __SSE4_1__
#include <smmintrin.h>
#endif

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

constexpr std::array<std::uint64_t, 17> kWholePowersOfTen = [] {
  std::array<std::uint64_t, 17> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = 10 * powers[i - 1];
  return powers;
}();

// The digits that a text begins with.
struct Digits {
  std::uint64_t value;
  int count;
};

#ifdef __SSE4_1__

constexpr int kDigitsAtOnce = 16;

// Without a branch, since numbers have as many digits as they like. Pairs of digits are made to numbers, then pairs of
// those, and so on.
Digits leading_digits(const char* text) {
  const __m128i values = _mm_sub_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(text)), _mm_set1_epi8('0'));
  const __m128i others = _mm_cmpeq_epi8(_mm_max_epu8(values, _mm_set1_epi8(10)), values);
  const int count = std::countr_zero(static_cast<unsigned>(_mm_movemask_epi8(others)) | 1U << kDigitsAtOnce);

  // The digits move to the back, zeros in front of them: a place of 128 and more is a zero.
  static constexpr std::array<std::uint8_t, 32> kPlaces = [] {
    std::array<std::uint8_t, 32> places{};
    for (std::uint8_t i = 0; i < 16; ++i) {
      places[i] = 128;
      places[16 + std::size_t{i}] = i;
    }
    return places;
  }();
  const __m128i places = _mm_loadu_si128(reinterpret_cast<const __m128i*>(kPlaces.data() + count));
  const __m128i digits = _mm_shuffle_epi8(values, places);
  const __m128i twos = _mm_maddubs_epi16(digits, _mm_set1_epi16(10 | 1 << 8));
  const __m128i fours = _mm_madd_epi16(twos, _mm_set1_epi32(100 | 1 << 16));
  const __m128i eights = _mm_madd_epi16(_mm_packus_epi32(fours, fours), _mm_set1_epi32(10'000 | 1 << 16));
  const auto both = static_cast<std::uint64_t>(_mm_cvtsi128_si64(eights));
  return {(both & 0xFFFFFFFF) * 100'000'000 + (both >> 32), count};
}

#else

constexpr int kDigitsAtOnce = 8;

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

Digits leading_digits(const char* text) {
  const std::uint64_t word = load(text);
  const int count = count_digits(word);
  // The digits move to the back of eight, zeros in front of them.
  return {count == 0 ? 0 : value_of_eight(word << (64 - 8 * count)), count};
}

#endif

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
    int all = 0;
    while (true) {
      const Digits digits = leading_digits(at_);
      mantissa = mantissa * kWholePowersOfTen[static_cast<std::size_t>(digits.count)] + digits.value;
      at_ += digits.count;
      all += digits.count;
      if (digits.count < kDigitsAtOnce) return all;
    }
  }

  // One digit before the point is what most numbers have.
  int read_whole(std::uint64_t& mantissa) {
    if (!is_digit(at_[0]) || is_digit(at_[1])) return read_digits(mantissa);
    mantissa = static_cast<std::uint64_t>(*at_++ - '0');
    return 1;
  }

  bool read_number(double& number) {
    const char* begin = at_;
    const bool negative = take('-');
    const bool leading_zero = *at_ == '0';
    std::uint64_t mantissa = 0;
    int digits = read_whole(mantissa);
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
