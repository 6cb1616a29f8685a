// The derived index: which rows are near which. Immutable; readers share it through their View.
//
// One flat layer of at most kLinksMax links a row (the hierarchy of HNSW gives nothing above some 32 dimensions:
// Munyampirwa, Lakshman, Coleman, 2024), and a few entry rows. Links never lead to a row at or beyond covered().
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/row.h"
#include "graph/search_effort.h"
#include "os/memory.h"

namespace omendb {

// 32 links of 4 bytes fill two cache lines; a third line would cost one more miss at every step.
constexpr std::uint32_t kLinksMax = 32;

// The walk keeps a mark in the highest bit of a row. 2^31 rows of links would be 256 GiB.
constexpr std::uint32_t kGraphRowsMax = 1u << 31;

class Graph {
 public:
  std::uint32_t covered() const { return covered_; }

  // The links of a row, in no order that means anything; unused places at the end hold kNoRow. 128-byte aligned.
  std::span<const Row, kLinksMax> links(Row row) const {
    return std::span<const Row, kLinksMax>(links_ + std::uint64_t{index(row)} * kLinksMax, kLinksMax);
  }

  // Where walks begin; at least one if covered() > 0.
  std::span<const Row> entries() const { return entries_; }

  // The batches it was built in, as the ends of their row ranges: the same rows, erasures and batches give the same
  // graph.
  std::span<const std::uint32_t> batch_ends() const { return batch_ends_; }

  // How wide walks must be, as last measured: on this graph, or on one that this was made from.
  const SearchEffort& effort() const { return effort_; }

  std::uint64_t memory_bytes() const { return memory_.size(); }

 private:
  friend class GraphDraft;
  GrowingMemory memory_;
  Row* links_ = nullptr;
  std::uint32_t covered_ = 0;
  std::vector<Row> entries_;
  std::vector<std::uint32_t> batch_ends_;
  SearchEffort effort_;
};

}  // namespace omendb
