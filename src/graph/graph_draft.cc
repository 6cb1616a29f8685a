#include "graph/graph_draft.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/try.h"

namespace omendb {
namespace {

constexpr std::uint64_t kLinkBytes = std::uint64_t{kLinksMax} * sizeof(Row);  // of a row

// Address space costs nothing, but a process has only 128 TiB of it: room to grow fourfold, and to 64 million rows at
// least.
constexpr std::uint64_t kGrowth = 4;
constexpr std::uint64_t kCapacityBytesMin = (std::uint64_t{64} << 20) * kLinkBytes;

static_assert(static_cast<std::uint32_t>(kNoRow) == 0xFFFF'FFFF, "links are emptied by bytes of ones");

}  // namespace

Result<GraphDraft> GraphDraft::copy(const Graph& base) {
  GraphDraft draft;
  OMEN_TRY(draft.reserve(base.covered_));
  std::memcpy(draft.graph_->links_, base.links_, base.covered_ * kLinkBytes);
  draft.graph_->covered_ = base.covered_;
  draft.graph_->entries_ = base.entries_;
  draft.graph_->batch_ends_ = base.batch_ends_;
  draft.graph_->effort_ = base.effort_;
  return draft;
}

Result<void> GraphDraft::reserve(std::uint32_t rows) {
  if (rows > kGraphRowsMax) {
    return Error{ErrorCode::TooLarge, "a graph holds at most " + std::to_string(kGraphRowsMax) + " rows"};
  }
  if (rows <= reserved_) return {};
  GrowingMemory& memory = graph_->memory_;
  if (memory.capacity() == 0) {
    memory = OMEN_TRY(GrowingMemory::reserve(std::max(kGrowth * rows * kLinkBytes, kCapacityBytesMin)));
  }
  OMEN_TRY(memory.grow(rows * kLinkBytes));
  graph_->links_ = reinterpret_cast<Row*>(memory.data());
  std::memset(memory.data() + reserved_ * kLinkBytes, 0xFF, (rows - reserved_) * kLinkBytes);
  reserved_ = rows;
  return {};
}

}  // namespace omendb
