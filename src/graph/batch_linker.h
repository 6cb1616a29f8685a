// Links a batch of rows into a draft: first from the rows to others, then back. Inside graph/ only.
//
// The rows choose their links from walks over the draft as it stood before the batch, in any order and on any thread.
// What they offer to their targets is then grouped by target, and every target takes its offers in one go. So there
// are no locks, and the result does not depend on the threads.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/function_ref.h"
#include "base/row.h"
#include "graph/beam_search.h"
#include "graph/graph_builder.h"
#include "graph/graph_draft.h"
#include "graph/link_distance.h"
#include "graph/prune.h"
#include "os/executor.h"
#include "search/code_table.h"
#include "search/row_filter.h"
#include "search/top_k.h"

namespace omendb {

class BatchLinker {
 public:
  BatchLinker(GraphDraft& draft, const CodeTable& codes, const LinkDistance& distance, const BuildOptions& options,
              Executor& executor, FunctionRef<bool()> pause);

  // `rows` ascend, live, have no links yet, and nobody links to them. Cancelled if `pause` says so: the draft is then
  // useless.
  Result<void> link(std::span<const Row> rows, const RowFilter& live);

 private:
  // A link that `source` made, offered to its `target` in return.
  struct Offer {
    Row target;
    float distance;
    Row source;
  };

  struct Scratch {
    WalkScratch walk;
    std::vector<Candidate> candidates;
  };

  Result<void> choose_links(std::span<const Row> rows, const RowFilter& live);
  void find_candidates(Row row, std::span<const Row> rows, const RowFilter& live, Scratch& scratch) const;
  std::vector<std::vector<Offer>> group_offers(std::span<const Row> rows) const;
  void take_offers(std::vector<Offer>& offers, Scratch& scratch);
  void take_offers_of_target(std::span<const Offer> offers, Scratch& scratch);

  // Calls body(begin, end, scratch) for parts of [0, count), pausing now and then.
  Result<void> in_pieces(std::size_t count,
                         FunctionRef<void(std::size_t begin, std::size_t end, Scratch& scratch)> body);

  GraphDraft& draft_;
  const CodeTable& codes_;
  const LinkDistance& distance_;
  const Pruner pruner_;
  const BuildOptions& options_;
  Executor& executor_;
  FunctionRef<bool()> pause_;
  std::vector<Scratch> scratches_;  // one a thread

  // Of the batch; threads write their own rows' places.
  std::vector<float> distances_;  // kLinksMax a row: of its links
};

}  // namespace omendb
