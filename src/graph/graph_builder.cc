#include "graph/graph_builder.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/try.h"
#include "graph/batch_linker.h"
#include "graph/entries.h"
#include "graph/graph_draft.h"
#include "graph/islands.h"
#include "graph/link_distance.h"

namespace omendb {
namespace {

// Rows of one batch do not see each other, so a batch is a fiftieth of what is covered. The first is small enough to be
// compared row by row. Beyond 2,048 rows a batch saves nothing more, and its temporary arrays would only grow.
constexpr std::uint32_t kFirstBatchRows = 1024;
constexpr std::uint32_t kBatchShare = 50;
constexpr std::uint32_t kBatchRowsMin = 64;
constexpr std::uint32_t kBatchRowsMax = 2048;

std::uint32_t batch_rows_max(std::uint32_t covered) {
  if (covered == 0) return kFirstBatchRows;
  return std::clamp(covered / kBatchShare, kBatchRowsMin, kBatchRowsMax);
}

}  // namespace

struct GraphBuilder::Parts {
  GraphDraft draft;
  const CodeTable& codes;
  BuildOptions options;
  float norm2_max = 0;  // of the rows covered

  Result<void> add_batch(std::uint32_t end, const RowFilter& live, Executor& executor, FunctionRef<bool()> pause);
};

Result<void> GraphBuilder::Parts::add_batch(std::uint32_t end, const RowFilter& live, Executor& executor,
                                            FunctionRef<bool()> pause) {
  const std::uint32_t begin = draft.graph().covered();
  OMEN_TRY(draft.reserve(end));
  std::vector<Row> rows;
  for (std::uint32_t row = begin; row < end; ++row) {
    if (live.contains(Row{row})) rows.push_back(Row{row});
  }
  norm2_max = largest_norm2(codes, begin, end, norm2_max);
  const LinkDistance distance(codes, norm2_max);
  OMEN_TRY(BatchLinker(draft, codes, distance, options, executor, pause).link(rows, live));
  draft.set_covered(end);
  draft.add_batch_end(end);
  draft.set_entries(choose_entries(end, live));
  return {};
}

GraphBuilder::GraphBuilder(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
GraphBuilder::GraphBuilder(GraphBuilder&&) noexcept = default;
GraphBuilder::~GraphBuilder() = default;

Result<GraphBuilder> GraphBuilder::extend(const Graph* base, const CodeTable& codes, const BuildOptions& options) {
  auto parts = std::make_unique<Parts>(Parts{.draft = {}, .codes = codes, .options = options});
  if (base != nullptr) {
    parts->draft = OMEN_TRY(GraphDraft::copy(*base));
    parts->norm2_max = largest_norm2(codes, 0, base->covered(), 0);
  }
  return GraphBuilder(std::move(parts));
}

std::uint32_t GraphBuilder::covered() const { return parts_->draft.graph().covered(); }

std::uint32_t GraphBuilder::next_batch_rows() const { return batch_rows_max(covered()); }

Result<void> GraphBuilder::add_batch(std::uint32_t end, const RowFilter& live, Executor& executor,
                                     FunctionRef<bool()> pause) {
  OMEN_ASSERT(end >= covered());
  while (covered() < end) {
    const std::uint32_t rows = std::min(end - covered(), next_batch_rows());
    OMEN_TRY(parts_->add_batch(covered() + rows, live, executor, pause));
  }
  return {};
}

Result<void> GraphBuilder::measure_effort(const EffortSample& sample, std::uint32_t ef_max, Executor& executor,
                                          FunctionRef<bool()> pause) {
  parts_->draft.set_effort(OMEN_TRY(omendb::measure_effort(parts_->draft.graph(), sample, ef_max, executor, pause)));
  return {};
}

const SearchEffort& GraphBuilder::effort() const { return parts_->draft.graph().effort(); }

std::uint64_t GraphBuilder::memory_bytes() const { return parts_->draft.memory_bytes(); }

std::shared_ptr<const Graph> GraphBuilder::build() && {
  connect_islands(parts_->draft, parts_->codes, LinkDistance(parts_->codes, parts_->norm2_max));
  return std::move(parts_->draft).publish();
}

}  // namespace omendb
