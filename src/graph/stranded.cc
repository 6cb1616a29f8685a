#include "graph/stranded.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/try.h"
#include "graph/batch_linker.h"

namespace omendb {
namespace {

// One bit a row, set by any thread.
class ReachedRows {
 public:
  explicit ReachedRows(std::uint32_t rows) : words_((rows + 63) / 64) {}

  // Nearly every bit is set by the first few links: look before the expensive write.
  void add(Row row) {
    const std::atomic_ref<std::uint64_t> word(words_[index(row) / 64]);
    const std::uint64_t bit = std::uint64_t{1} << (index(row) % 64);
    if ((word.load(std::memory_order_relaxed) & bit) == 0) word.fetch_or(bit, std::memory_order_relaxed);
  }

  bool contains(std::uint32_t row) const { return (words_[row / 64] >> (row % 64) & 1) != 0; }

 private:
  std::vector<std::uint64_t> words_;
};

constexpr std::uint32_t kRowsAtOnce = 1u << 16;  // between two pauses: some milliseconds
constexpr std::uint32_t kGrain = 1u << 13;
constexpr std::size_t kBatchRows = 2048;

}  // namespace

Result<std::vector<Row>> find_stranded(const Graph& graph, const LiveRows& live, Executor& executor,
                                       FunctionRef<bool()> pause) {
  ReachedRows reached(graph.covered());
  for (const Row entry : graph.entries()) reached.add(entry);
  for (std::uint32_t first = 0; first < graph.covered(); first += std::min(kRowsAtOnce, graph.covered() - first)) {
    if (!pause()) return Error{ErrorCode::Cancelled, "building the graph was given up"};
    const std::uint32_t count = std::min(kRowsAtOnce, graph.covered() - first);
    executor.parallel_for(count, kGrain, [&](std::size_t begin, std::size_t end, std::size_t) {
      for (std::size_t i = begin; i < end; ++i) {
        for (const Row link : graph.links(row_at(first + i))) {
          if (link == kNoRow) break;
          reached.add(link);
        }
      }
    });
  }
  std::vector<Row> stranded;
  for (std::uint32_t row = 0; row < graph.covered(); ++row) {
    if (!reached.contains(row) && live.contains(Row{row})) stranded.push_back(Row{row});
  }
  return stranded;
}

Result<void> relink_stranded(GraphDraft& draft, const CodeTable& codes, const LinkDistance& distance,
                             const BuildOptions& options, const LiveRows& live, Executor& executor,
                             FunctionRef<bool()> pause) {
  const std::vector<Row> stranded = OMEN_TRY(find_stranded(draft.graph(), live, executor, pause));
  for (const Row row : stranded) std::ranges::fill(draft.links(row), kNoRow);
  BatchLinker linker(draft, codes, distance, options, executor, pause);
  for (std::span<const Row> rest = stranded; !rest.empty();) {
    const auto batch = rest.first(std::min(rest.size(), kBatchRows));
    OMEN_TRY(linker.link(batch, live));
    rest = rest.subspan(batch.size());
  }
  return {};
}

}  // namespace omendb
