// A file of codes with any bytes changed and any length: what loads is as it was written.
//
// The input is a list of edits: four bytes of offset, one of value. The first edit's value says whether its offset cuts
// the file there.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <span>
#include <vector>

#include "base/assert.h"
#include "os/simulated_disk.h"
#include "search/code_table.h"

namespace omendb {
namespace {

constexpr std::uint32_t kRows = 9'000;  // two whole chunks, and some rows that are not in the file
const VectorField kField{.name = "", .dimensions = 3, .metric = Metric::L2, .datatype = Datatype::Float32};
constexpr const char* kPath = "codes";

struct Saved {
  SimulatedDisk disk;
  std::unique_ptr<CodeTable> table;
  std::uint64_t bytes = 0;
};

const Saved& saved() {
  static Saved made;
  if (made.table != nullptr) return made;
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> vectors(kRows * kField.dimensions);
  std::ranges::generate(vectors, [&] { return normal(random); });
  made.table = CodeTable::create(kField, 1).value();
  OMEN_ASSERT(made.table->append(std::as_bytes(std::span(vectors))).ok());
  OMEN_ASSERT(made.table->save(made.disk, kPath).ok());
  made.bytes = CodeTable::verify(kField, made.disk, kPath).value();
  return made;
}

void change(SimulatedDisk& disk, std::uint64_t size, std::span<const std::uint8_t> input) {
  for (bool first = true; input.size() >= 5 && size > 0; input = input.subspan(5), first = false) {
    std::uint32_t number = 0;
    std::memcpy(&number, input.data(), sizeof number);
    const std::uint64_t offset = number % size;
    if (first && input[4] % 2 == 1) {
      disk.truncate_behind(kPath, offset);
      size = offset;
    } else {
      disk.corrupt(kPath, offset, std::byte{input[4]});
    }
  }
}

void expect_same(const CodeTable& loaded, const CodeTable& written) {
  OMEN_ASSERT(loaded.rows() <= written.rows());
  for (std::uint32_t i = 0; i < loaded.rows(); ++i) {
    const CodeRecord a = loaded.record(Row{i});
    const CodeRecord b = written.record(Row{i});
    OMEN_ASSERT(std::memcmp(&a.factors, &b.factors, sizeof a.factors) == 0);
    OMEN_ASSERT(std::memcmp(a.code, b.code, written.code_dimensions()) == 0);
  }
}

}  // namespace
}  // namespace omendb

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace omendb;
  const auto disk = saved().disk.after_kill();
  change(*disk, saved().bytes, std::span(data, size));
  const auto loaded = CodeTable::load(kField, *disk, kPath, kRows);
  if (loaded.ok()) expect_same(**loaded, *saved().table);
  return 0;
}
