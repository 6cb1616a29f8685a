#include "graph/beam_search.h"

#include <utility>

#include "graph/walk.h"

namespace omendb {

void VisitedRows::start(std::uint32_t rows) {
  if (memory_.capacity() == 0) {
    auto reserved = GrowingMemory::reserve(kGraphRowsMax);
    OMEN_ASSERT(reserved.ok());  // address space; like any small allocation, its failure ends the process
    memory_ = std::move(reserved).value();
  }
  if (memory_.size() < rows) {
    OMEN_ASSERT(memory_.grow(rows).ok());
    marks_ = reinterpret_cast<std::uint8_t*>(memory_.data());
  }
  if (++walk_ == 0) {
    std::memset(marks_, 0, memory_.size());
    walk_ = 1;
  }
}

WalkScratch::WalkScratch() : parts_(std::make_unique<Parts>()) {}
WalkScratch::~WalkScratch() = default;
WalkScratch::WalkScratch(WalkScratch&&) noexcept = default;

WalkCount beam_search(const Graph& graph, const CodeTable& codes, const CodeQuery& query, const LiveRows& live,
                      std::uint32_t ef, WalkScratch& scratch, std::vector<Candidate>& found) {
  if (graph.covered() == 0 || ef == 0) return {};
  WalkScratch::Parts& parts = scratch.parts();
  const auto distance = [&query](const CodeRecord& record) { return query.distance(record); };
  const WalkCount count = Walk(graph, codes, distance, live, ef, parts).run();
  append_live(parts.pool, live, ef, found);
  return count;
}

}  // namespace omendb
