#include "payload/id_hash.h"

#include <array>
#include <bit>
#include <cstring>
#include <span>

namespace omendb {
namespace {

class SipHash {
 public:
  void add(std::uint64_t word) {
    v3_ ^= word;
    round();
    round();
    v0_ ^= word;
  }

  std::uint64_t finish() {
    v2_ ^= 0xff;
    for (int i = 0; i < 4; ++i) round();
    return v0_ ^ v1_ ^ v2_ ^ v3_;
  }

 private:
  void round() {
    v0_ += v1_;
    v1_ = std::rotl(v1_, 13) ^ v0_;
    v0_ = std::rotl(v0_, 32);
    v2_ += v3_;
    v3_ = std::rotl(v3_, 16) ^ v2_;
    v0_ += v3_;
    v3_ = std::rotl(v3_, 21) ^ v0_;
    v2_ += v1_;
    v1_ = std::rotl(v1_, 17) ^ v2_;
    v2_ = std::rotl(v2_, 32);
  }

  // "somepseudorandomlygeneratedbytes", as the paper has it.
  std::uint64_t v0_ = 0x736f'6d65'7073'6575;
  std::uint64_t v1_ = 0x646f'7261'6e64'6f6d;
  std::uint64_t v2_ = 0x6c79'6765'6e65'7261;
  std::uint64_t v3_ = 0x7465'6462'7974'6573;
};

}  // namespace

// Both lengths are whole words; the last word holds the length alone.
std::uint64_t id_hash(PointId id) {
  SipHash hash;
  std::uint64_t bytes = 8;
  if (id.is_uuid()) {
    bytes = 16;
    const auto uuid = id.uuid_bytes();
    for (std::size_t at = 0; at < uuid.size(); at += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, uuid.data() + at, sizeof word);  // little-endian, as all our machines are
      hash.add(word);
    }
  } else {
    hash.add(id.number());
  }
  hash.add(bytes << 56);
  return hash.finish();
}

}  // namespace omendb
