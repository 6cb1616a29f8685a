// A part of a field index with any content and a right checksum: it is refused, or what it lists and says stays inside its
// rows.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/crc32c.h"
#include "payload/field_part.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace omendb;
  Bytes bytes;
  put_bytes(bytes, std::as_bytes(std::span(data, size)));
  FieldPartIdentity identity;
  if (bytes.size() >= 16 + sizeof identity) std::memcpy(&identity, bytes.data() + 16, sizeof identity);
  put(bytes, crc32c(bytes));
  const auto part = FieldPart::decode(bytes, identity);
  if (!part.ok()) return 0;

  Bounds<double> some;
  some.gte = 0;
  const FieldTest tests[] = {MatchValue{std::string("a")}, MatchExcept{std::vector<std::int64_t>{1}},
                             MatchSubstring{"b"},          some,
                             MatchText{"a b"},             GeoRadius{{0, 0}, 1e6}};
  for (const FieldTest& test : tests) {
    const auto match = part->match(test);
    if (!match) continue;
    part->for_each_row(*match, [&](Row row, bool) {
      OMEN_ASSERT(index(row) >= part->rows().begin && index(row) < part->rows().end);
      (void)part->passes(*match, row);
    });
  }
  return 0;
}
