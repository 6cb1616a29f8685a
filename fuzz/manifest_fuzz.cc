// The manifest's bytes, as any bytes: decoded or refused, and what decodes encodes to the same bytes.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/assert.h"
#include "storage/manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto manifest = omendb::decode_manifest(bytes);
  if (!manifest.ok()) return 0;
  const omendb::Bytes again = omendb::encode_manifest(*manifest);
  OMEN_ASSERT(std::equal(again.begin(), again.end(), bytes.begin(), bytes.end()));
  return 0;
}
