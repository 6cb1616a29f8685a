#include "base/crc32c.h"

#include <array>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#define OMEN_CRC_TARGET __attribute__((target("sse4.2")))
#elif defined(__aarch64__)
#include <arm_acle.h>
#include <sys/auxv.h>
#define OMEN_CRC_TARGET __attribute__((target("+crc")))
#endif

namespace omendb {
namespace {

// x^32 + x^28 + x^27 + x^26 + x^25 + x^23 + x^22 + x^20 + x^19 + x^18 + x^14 + x^13 + x^11 + x^10 + x^9 + x^8 + x^6
// + 1, bit-reversed: the lowest bit is the highest power.
constexpr std::uint32_t kPolynomial = 0x82F6'3B78;

using Table = std::array<std::uint32_t, 256>;

// tables[n][b]: what byte b, followed by n zero bytes, makes of a checksum of zero.
constexpr std::array<Table, 8> slicing_tables() {
  std::array<Table, 8> tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
    tables[0][byte] = crc;
  }
  for (std::size_t n = 1; n < 8; ++n) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = tables[n - 1][byte];
      tables[n][byte] = (before >> 8) ^ tables[0][before & 0xFF];
    }
  }
  return tables;
}

constexpr std::array<Table, 8> kSlices = slicing_tables();

std::uint64_t load64(const std::byte* at) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// All functions below work on the inverted checksum, as the hardware does.
std::uint32_t by_tables(std::uint32_t crc, const std::byte* at, std::size_t size) {
  for (; size >= 8; at += 8, size -= 8) {
    const std::uint64_t word = load64(at) ^ crc;
    crc = 0;
    for (std::size_t n = 0; n < 8; ++n) crc ^= kSlices[7 - n][(word >> (8 * n)) & 0xFF];
  }
  for (; size > 0; ++at, --size) crc = (crc >> 8) ^ kSlices[0][(crc ^ std::to_integer<std::uint32_t>(*at)) & 0xFF];
  return crc;
}

#if defined(OMEN_CRC_TARGET)

// The instruction has a latency of three cycles and starts every cycle, so three streams keep it busy. A stream of
// 1 KiB hides the 8 table look-ups that join three of them.
constexpr std::size_t kStreamBytes = 1024;

// shift[i][b]: what byte i of a checksum, being b, becomes behind kStreamBytes of zeros. The checksum of a followed by
// b is shift(crc of a) xor (crc of b from zero), because the checksum is linear.
constexpr std::array<Table, 4> shift_tables() {
  // operation[bit]: where that bit goes; squared, it covers twice as many zero bytes.
  std::array<std::uint32_t, 32> operation{};
  for (std::uint32_t bit = 0; bit < 32; ++bit) {
    const std::uint32_t crc = 1u << bit;
    operation[bit] = (crc >> 8) ^ kSlices[0][crc & 0xFF];
  }
  const auto apply = [](const std::array<std::uint32_t, 32>& to, std::uint32_t crc) {
    std::uint32_t sum = 0;
    for (; crc != 0; crc &= crc - 1) sum ^= to[static_cast<std::size_t>(std::countr_zero(crc))];
    return sum;
  };
  for (std::size_t bytes = 1; bytes < kStreamBytes; bytes *= 2) {
    std::array<std::uint32_t, 32> twice{};
    for (std::size_t bit = 0; bit < 32; ++bit) twice[bit] = apply(operation, operation[bit]);
    operation = twice;
  }
  std::array<Table, 4> shift{};
  for (std::uint32_t i = 0; i < 4; ++i) {
    for (std::uint32_t byte = 0; byte < 256; ++byte) shift[i][byte] = apply(operation, byte << (8 * i));
  }
  return shift;
}

static_assert(std::has_single_bit(kStreamBytes), "shift_tables() doubles");
constexpr std::array<Table, 4> kShift = shift_tables();

std::uint32_t shift(std::uint32_t crc) {
  return kShift[0][crc & 0xFF] ^ kShift[1][(crc >> 8) & 0xFF] ^ kShift[2][(crc >> 16) & 0xFF] ^ kShift[3][crc >> 24];
}

#if defined(__x86_64__)
bool hardware_has_crc() { return __builtin_cpu_supports("sse4.2") != 0; }
OMEN_CRC_TARGET inline std::uint32_t step8(std::uint32_t crc, std::uint64_t word) {
  return static_cast<std::uint32_t>(_mm_crc32_u64(crc, word));
}
OMEN_CRC_TARGET inline std::uint32_t step1(std::uint32_t crc, std::byte byte) {
  return _mm_crc32_u8(crc, std::to_integer<std::uint8_t>(byte));
}
#else
bool hardware_has_crc() { return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0; }
OMEN_CRC_TARGET inline std::uint32_t step8(std::uint32_t crc, std::uint64_t word) { return __crc32cd(crc, word); }
OMEN_CRC_TARGET inline std::uint32_t step1(std::uint32_t crc, std::byte byte) {
  return __crc32cb(crc, std::to_integer<std::uint8_t>(byte));
}
#endif

OMEN_CRC_TARGET std::uint32_t by_hardware(std::uint32_t crc, const std::byte* at, std::size_t size) {
  for (; size >= 3 * kStreamBytes; at += 3 * kStreamBytes, size -= 3 * kStreamBytes) {
    std::uint32_t second = 0;
    std::uint32_t third = 0;
    for (std::size_t i = 0; i < kStreamBytes; i += 8) {
      crc = step8(crc, load64(at + i));
      second = step8(second, load64(at + kStreamBytes + i));
      third = step8(third, load64(at + 2 * kStreamBytes + i));
    }
    crc = shift(shift(crc) ^ second) ^ third;
  }
  for (; size >= 8; at += 8, size -= 8) crc = step8(crc, load64(at));
  for (; size > 0; ++at, --size) crc = step1(crc, *at);
  return crc;
}

#endif

using Function = std::uint32_t (*)(std::uint32_t, const std::byte*, std::size_t);

Function fastest() {
#if defined(OMEN_CRC_TARGET)
  if (hardware_has_crc()) return by_hardware;
#endif
  return by_tables;
}

}  // namespace

std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t seed) {
  static const Function function = fastest();
  return ~function(~seed, bytes.data(), bytes.size());
}

std::uint32_t crc32c_by_tables(std::span<const std::byte> bytes, std::uint32_t seed) {
  return ~by_tables(~seed, bytes.data(), bytes.size());
}

}  // namespace omendb
