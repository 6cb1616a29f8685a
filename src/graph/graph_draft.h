// A graph before it is published: the only thing that can change one. Inside graph/ only.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "graph/graph.h"
#include "omendb/result.h"

namespace omendb {

class GraphDraft {
 public:
  // Nothing covered.
  GraphDraft() : graph_(std::make_shared<Graph>()) {}

  // A copy of `base` with nothing shared. OutOfBudget if the kernel has no memory for it.
  static Result<GraphDraft> copy(const Graph& base);

  // As it stands now; rows at or beyond covered() may have links already, but none leads to them.
  const Graph& graph() const { return *graph_; }

  // Room for the links of `rows` rows; new ones have none. OutOfBudget, TooLarge.
  Result<void> reserve(std::uint32_t rows);

  // The row is below what was reserved. Unused places at the end hold kNoRow.
  std::span<Row, kLinksMax> links(Row row) {
    return std::span<Row, kLinksMax>(graph_->links_ + std::uint64_t{index(row)} * kLinksMax, kLinksMax);
  }

  // From now on links may lead to rows [0, covered).
  void set_covered(std::uint32_t covered) { graph_->covered_ = covered; }
  void set_entries(std::vector<Row> entries) { graph_->entries_ = std::move(entries); }
  void set_batch_ends(std::vector<std::uint32_t> ends) { graph_->batch_ends_ = std::move(ends); }
  void set_effort(const SearchEffort& effort) { graph_->effort_ = effort; }
  void add_batch_end(std::uint32_t end) { graph_->batch_ends_.push_back(end); }

  std::uint64_t memory_bytes() const { return graph_->memory_bytes(); }

  std::shared_ptr<const Graph> publish() && { return std::move(graph_); }

 private:
  std::shared_ptr<Graph> graph_;
  std::uint32_t reserved_ = 0;  // rows
};

// How many links a row has.
inline std::uint32_t count_links(std::span<const Row, kLinksMax> links) {
  std::uint32_t count = 0;
  while (count < kLinksMax && links[count] != kNoRow) ++count;
  return count;
}

}  // namespace omendb
