// FastScan: look-ups by byte shuffle. Included by simd/portable.cc, once a target.

HWY_BEFORE_NAMESPACE();
namespace omendb::simd::HWY_NAMESPACE {
namespace {

using Bytes = hn::ScalableTag<std::uint8_t>;
using Sums16 = hn::Repartition<std::uint16_t, Bytes>;
using ByteVector = hn::Vec<Bytes>;
using Sum16Vector = hn::Vec<Sums16>;
constexpr std::size_t kBytes = hn::MaxLanes(Bytes());

// Eight looked-up bytes of at most kFastScanEntryMax add up within a byte, and those of 2,048 groups within 16 bits,
// also after folding the vector.
constexpr std::size_t kLookupsPerByte = 255 / kFastScanEntryMax;
constexpr std::size_t kGroupsMax = 2048;

// Sums of bytes by 16-bit additions: the odd bytes are added shifted down, and everything is added as it is. Taking the
// odd sums out of that leaves the even ones, whatever overflowed meanwhile.
struct ByteSums {
  Sum16Vector all = hn::Zero(Sums16());
  Sum16Vector odd = hn::Zero(Sums16());

  HWY_INLINE ByteSums() {}
  HWY_INLINE void add(ByteVector bytes) {
    const Sum16Vector pairs = hn::BitCast(Sums16(), bytes);
    all = hn::Add(all, pairs);
    odd = hn::Add(odd, hn::ShiftRight<8>(pairs));
  }
  HWY_INLINE Sum16Vector even() const { return hn::Sub(all, hn::ShiftLeft<8>(odd)); }
};

// A vector holds one to four groups, one a block; rows 0 to 15 are in the low, rows 16 to 31 in the high nibbles.
struct Lookups {
  ByteVector low = hn::Zero(Bytes());
  ByteVector high = hn::Zero(Bytes());

  HWY_INLINE Lookups() {}
  HWY_INLINE void add(ByteVector codes, ByteVector table) {
    const ByteVector nibble = hn::Set(Bytes(), 15);
    const ByteVector shifted = hn::BitCast(Bytes(), hn::ShiftRight<4>(hn::BitCast(Sums16(), codes)));
    low = hn::Add(low, hn::TableLookupBytes(table, hn::And(codes, nibble)));
    high = hn::Add(high, hn::TableLookupBytes(table, hn::And(shifted, nibble)));
  }
};

struct BlockSums {
  ByteSums low;
  ByteSums high;

  HWY_INLINE BlockSums() {}
  HWY_INLINE void add(const Lookups& lookups) {
    low.add(lookups.low);
    high.add(lookups.high);
  }
};

// Eight rows' sums at a time where vectors have that many 32-bit lanes.
using Sums32 = hn::CappedTag<std::uint32_t, 8>;
constexpr std::size_t kSums = hn::MaxLanes(Sums32());

template <class D>
HWY_INLINE void add_rows(D rows, hn::Vec<D> more, bool first, std::uint32_t* sums) {
  if constexpr (hn::MaxLanes(rows) > kSums) {
    const hn::Half<D> half;
    add_rows(half, hn::LowerHalf(half, more), first, sums);
    add_rows(half, hn::UpperHalf(half, more), first, sums + hn::MaxLanes(half));
  } else {
    const hn::Vec<Sums32> wide = hn::PromoteTo(Sums32(), more);
    hn::StoreU(first ? wide : hn::Add(wide, hn::LoadU(Sums32(), sums)), Sums32(), sums);
  }
}

HWY_INLINE void add_16_rows(const ByteSums& more, bool first, std::uint32_t* sums) {
  const auto even = fold(Sums16(), more.even());
  const auto odd = fold(Sums16(), more.odd);
  const hn::DFromV<decltype(even)> block;
  add_rows(block, hn::InterleaveLower(block, even, odd), first, sums);
  add_rows(block, hn::InterleaveUpper(block, even, odd), first, sums + 8);
}

HWY_INLINE BlockSums sums_of(const std::uint8_t* codes, const std::uint8_t* tables, std::size_t bytes) {
  BlockSums sums;
  std::size_t i = 0;
  for (; i + kLookupsPerByte * kBytes <= bytes; i += kLookupsPerByte * kBytes) {
    Lookups lookups;
#pragma GCC unroll 8
    for (std::size_t j = 0; j < kLookupsPerByte; ++j) {
      lookups.add(hn::LoadU(Bytes(), codes + i + j * kBytes), hn::LoadU(Bytes(), tables + i + j * kBytes));
    }
    sums.add(lookups);
  }
  if (i == bytes) return sums;
  Lookups lookups;
  for (; i + kBytes <= bytes; i += kBytes) lookups.add(hn::LoadU(Bytes(), codes + i), hn::LoadU(Bytes(), tables + i));
  if constexpr (kBytes > 32) {
    // Groups come in pairs of 32 bytes. The lanes beyond find the value 0 at place 0 of an empty table.
    if (i < bytes) {
      const auto rest = hn::FirstN(Bytes(), bytes - i);
      lookups.add(hn::MaskedLoad(rest, Bytes(), codes + i), hn::MaskedLoad(rest, Bytes(), tables + i));
    }
  }
  sums.add(lookups);
  return sums;
}

HWY_INLINE void sum_groups(const std::uint8_t* codes, const std::uint8_t* tables, std::size_t groups, bool first,
                           std::uint32_t* sums) {
  const BlockSums block = sums_of(codes, tables, 16 * groups);
  add_16_rows(block.low, first, sums);
  add_16_rows(block.high, first, sums + 16);
}

HWY_INLINE void sum_block(const std::uint8_t* codes, const std::uint8_t* tables, std::size_t groups,
                          std::uint32_t* sums) {
  sum_groups(codes, tables, std::min(groups, kGroupsMax), true, sums);
  for (std::size_t start = kGroupsMax; start < groups; start += kGroupsMax) {
    sum_groups(codes + 16 * start, tables + 16 * start, std::min(groups - start, kGroupsMax), false, sums);
  }
}

void fastscan_32(const std::uint8_t* codes, const std::uint8_t* tables, std::size_t groups, std::uint32_t* sums) {
  sum_block(codes, tables, groups, sums);
}

std::uint32_t fastscan_mask_32(const std::uint8_t* codes, const std::uint8_t* tables, std::size_t groups,
                               const float* add, const float* rescale, FastScanQuery query, float threshold) {
  alignas(64) std::uint32_t sums[32];
  sum_block(codes, tables, groups, sums);

  const hn::Rebind<float, Sums32> floats;
  const hn::Rebind<std::int32_t, Sums32> integers;
  const auto scale = hn::Set(floats, query.scale);
  const auto offset = hn::Set(floats, query.offset);
  const auto limit = hn::Set(floats, threshold);
  std::uint32_t mask = 0;
  for (std::size_t row = 0; row < 32; row += kSums) {
    const auto sum = hn::ConvertTo(floats, hn::BitCast(integers, hn::Load(Sums32(), sums + row)));
    const auto factor = hn::MulAdd(sum, scale, offset);
    const auto value = hn::MulAdd(hn::LoadU(floats, rescale + row), factor, hn::LoadU(floats, add + row));
    std::uint8_t bits = 0;
    hn::StoreMaskBits(floats, hn::Lt(value, limit), &bits);
    mask |= std::uint32_t{bits} << row;
  }
  return mask;
}

}  // namespace
}  // namespace omendb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
