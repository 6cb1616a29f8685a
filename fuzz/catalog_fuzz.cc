// The catalogue's value, as any bytes behind good sums: opened or refused, and what opens has names that may be given.
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/assert.h"
#include "db/catalog.h"
#include "os/simulated_disk.h"
#include "storage/slot_pair.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace omendb;
  SimulatedDisk disk;
  OMEN_ASSERT(SlotPair::create(disk, "CATALOG", std::as_bytes(std::span(data, size))).ok());
  const auto catalog = Catalog::open(disk, "");
  if (!catalog.ok()) return 0;
  for (const auto& [name, number] : catalog->collections()) {
    OMEN_ASSERT(check_name(name).ok());
    OMEN_ASSERT(number < catalog->next_number());
  }
  return 0;
}
