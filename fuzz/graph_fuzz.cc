// Graph files are untrusted: whatever loads must be safe to walk.
//
// The input is a file. Its checksums are made right before it is loaded, or nearly nothing would get past them; once in
// a while they are left as they are.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "graph/beam_search.h"
#include "graph/graph_file.h"
#include "os/simulated_disk.h"
#include "search/code_query.h"
#include "search/code_table.h"

namespace omendb {
namespace {

constexpr std::uint32_t kRows = 4096;
constexpr std::uint32_t kDimensions = 4;
constexpr std::size_t kHeaderBytes = 88;

std::uint32_t number_at(const Bytes& bytes, std::size_t offset) {
  std::uint32_t number = 0;
  std::memcpy(&number, &bytes[offset], sizeof number);
  return number;
}

void set(Bytes& bytes, std::size_t offset, std::uint32_t number) {
  std::memcpy(&bytes[offset], &number, sizeof number);
}

// docs/file_format.md, section Graph.
void make_checksums_right(Bytes& bytes) {
  if (bytes.size() < kHeaderBytes) return;
  const std::uint64_t lists = (std::uint64_t{number_at(bytes, 44)} + number_at(bytes, 48)) * 4;
  const auto body = std::span<const std::byte>(bytes).subspan(kHeaderBytes);
  const std::size_t cut = static_cast<std::size_t>(std::min<std::uint64_t>(lists, body.size()));
  set(bytes, 76, crc32c(body.first(cut)));
  set(bytes, 80, crc32c(body.subspan(cut)));
  set(bytes, 84, crc32c(std::span<const std::byte>(bytes).first(84)));
}

std::unique_ptr<CodeTable> make_codes() {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> vectors(std::size_t{kRows} * kDimensions);
  std::ranges::generate(vectors, [&] { return normal(random); });
  auto codes = CodeTable::create({.name = "", .dimensions = kDimensions}, 1);
  if (!codes.ok() || !(*codes)->append(std::as_bytes(std::span(vectors))).ok()) std::abort();
  return std::move(*codes);
}

void walk(const Graph& graph) {
  static const std::unique_ptr<CodeTable> codes = make_codes();
  static const CodeQuery query(*codes, std::array<float, kDimensions>{0.5f, -1, 0, 2});
  static WalkScratch scratch;
  std::vector<Candidate> found;
  beam_search(graph, *codes, query, RowFilter(nullptr, 0), 32, scratch, found);
  for (const Candidate& candidate : found) {
    if (index(candidate.row) >= graph.covered()) std::abort();
  }
}

}  // namespace
}  // namespace omendb

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace omendb;
  if (size == 0) return 0;
  Bytes bytes(size - 1);
  std::memcpy(bytes.data(), data + 1, bytes.size());
  if (data[0] != 0) make_checksums_right(bytes);

  SimulatedDisk disk;
  const auto file = disk.open("graph", OpenMode::CreateNew);
  if (!file.ok() || !(*file)->write(0, bytes).ok()) std::abort();
  const auto graph = GraphFile::load(disk, "graph", {}, kRows);
  if (graph.ok()) walk(**graph);
  return 0;
}
