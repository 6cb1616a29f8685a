// FastScan: look-ups by byte shuffle. Included by simd/portable.cc, once a target.

HWY_BEFORE_NAMESPACE();
namespace omendb::simd::HWY_NAMESPACE {
namespace {

using Bytes = hn::ScalableTag<std::uint8_t>;
using Sums16 = hn::Repartition<std::uint16_t, Bytes>;
using ByteVector = hn::Vec<Bytes>;
using Sum16Vector = hn::Vec<Sums16>;
constexpr std::size_t kBytes = hn::MaxLanes(Bytes());

// A row's sum of 256 looked-up bytes is at most 256 * 255 and fits 16 bits, also after folding the vector.
constexpr std::size_t kGroupsMax = 256;

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
struct BlockSums {
  ByteSums low;
  ByteSums high;

  HWY_INLINE BlockSums() {}
  HWY_INLINE void add(ByteVector codes, ByteVector table) {
    const ByteVector nibble = hn::Set(Bytes(), 15);
    const ByteVector shifted = hn::BitCast(Bytes(), hn::ShiftRight<4>(hn::BitCast(Sums16(), codes)));
    low.add(hn::TableLookupBytes(table, hn::And(codes, nibble)));
    high.add(hn::TableLookupBytes(table, hn::And(shifted, nibble)));
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
  // Two vectors a turn: with one, a third of the instructions would be the loop's own.
  for (; i + 2 * kBytes <= bytes; i += 2 * kBytes) {
    sums.add(hn::LoadU(Bytes(), codes + i), hn::LoadU(Bytes(), tables + i));
    sums.add(hn::LoadU(Bytes(), codes + i + kBytes), hn::LoadU(Bytes(), tables + i + kBytes));
  }
  for (; i + kBytes <= bytes; i += kBytes) sums.add(hn::LoadU(Bytes(), codes + i), hn::LoadU(Bytes(), tables + i));
  if constexpr (kBytes > 32) {
    // Groups come in pairs of 32 bytes. The lanes beyond find the value 0 at place 0 of an empty table.
    if (i < bytes) {
      const auto rest = hn::FirstN(Bytes(), bytes - i);
      sums.add(hn::MaskedLoad(rest, Bytes(), codes + i), hn::MaskedLoad(rest, Bytes(), tables + i));
    }
  }
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
                               const float* add, const float* rescale, const float* error, FastScanQuery query,
                               float threshold) {
  alignas(64) std::uint32_t sums[32];
  sum_block(codes, tables, groups, sums);

  const hn::Rebind<float, Sums32> floats;
  const hn::Rebind<std::int32_t, Sums32> integers;
  const auto scale = hn::Set(floats, query.scale);
  const auto offset = hn::Set(floats, query.offset);
  const auto base = hn::Set(floats, query.base);
  const auto error_weight = hn::Set(floats, query.error_weight);
  const auto limit = hn::Set(floats, threshold);
  std::uint32_t mask = 0;
  for (std::size_t row = 0; row < 32; row += kSums) {
    const auto sum = hn::ConvertTo(floats, hn::BitCast(integers, hn::Load(Sums32(), sums + row)));
    const auto dot = hn::MulAdd(sum, scale, offset);
    const auto added = hn::Add(base, hn::LoadU(floats, add + row));
    const auto estimate = hn::MulAdd(hn::LoadU(floats, rescale + row), dot, added);
    const auto lower = hn::NegMulAdd(error_weight, hn::LoadU(floats, error + row), estimate);
    std::uint8_t bits = 0;
    hn::StoreMaskBits(floats, hn::Lt(lower, limit), &bits);
    mask |= std::uint32_t{bits} << row;
  }
  return mask;
}

}  // namespace
}  // namespace omendb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
