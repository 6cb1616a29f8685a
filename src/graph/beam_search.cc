#include "graph/beam_search.h"

#include <utility>

#include "graph/walk.h"

namespace omendb {

void VisitedRows::start(std::uint32_t rows) {
  if (memory_.capacity() == 0) {
    auto reserved = GrowingMemory::reserve(bytes_for(kGraphRowsMax));
    OMEN_ASSERT(reserved.ok());  // address space; like any small allocation, its failure ends the process
    memory_ = std::move(reserved).value();
  }
  if (memory_.size() < bytes_for(rows)) {
    OMEN_ASSERT(memory_.grow(bytes_for(rows)).ok());
    words_ = reinterpret_cast<std::uint64_t*>(memory_.data());
  }
  walk_ += std::uint64_t{1} << kRowsAWord;
  if (walk_ == 0) {
    std::memset(words_, 0, memory_.size());
    walk_ = std::uint64_t{1} << kRowsAWord;
  }
}

WalkScratch::WalkScratch() : parts_(std::make_unique<Parts>()) {}
WalkScratch::~WalkScratch() = default;
WalkScratch::WalkScratch(WalkScratch&&) noexcept = default;

WalkCount beam_search(const Graph& graph, const CodeTable& codes, const CodeQuery& query, const RowFilter& wanted,
                      std::uint32_t ef, WalkScratch& scratch, std::vector<Candidate>& found, Row left_out,
                      const WalkLimits& limits) {
  if (graph.covered() == 0 || ef == 0) return {};
  WalkScratch::Parts& parts = scratch.parts();
  const auto distances = [&query](const Rows4& rows) { return query.distances(rows); };
  if (!wanted.is_narrowed()) {
    const WalkCount count = walk_to_live(graph, codes, distances, wanted, ef, parts, left_out);
    append_live(parts.pool, wanted, ef, found);
    return count;
  }
  WantedHeads heads(parts.heap, wanted, ef, limits);
  WalkCount count = Walk(graph, codes, distances, parts.visited, heads).run(left_out);
  count.gave_up = heads.gave_up();
  count.near_share = heads.near_share();
  const std::vector<Candidate> nearest = heads.take_sorted();
  found.insert(found.end(), nearest.begin(), nearest.end());
  return count;
}

}  // namespace omendb
