// The walk itself, for any distance: the loop that both beam_search() and the builder run. Inside graph/ only.
//
// The walk waits for memory, not for arithmetic: a row's links and codes are two dependent misses. So it opens a few
// heads of the pool at once, gathers their unvisited neighbours, and fetches all their codes before it compares one.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/row.h"
#include "graph/beam_search.h"
#include "graph/graph.h"
#include "graph/heads.h"
#include "os/memory.h"
#include "search/code_table.h"
#include "search/row_filter.h"
#include "search/top_k.h"

namespace omendb {

// Which rows this walk has met: one bit a row, 48 in a word beside the number of the last walk that touched the word.
// So a new walk clears nothing but once in 65,535 times, and the marks of a million rows stay in a fast cache.
class VisitedRows {
 public:
  void start(std::uint32_t rows);

  // Whether this is the first visit; marks the row. No branch: half of the answers are no, in no order.
  bool visit(Row row) {
    std::uint64_t& word = words_[index(row) / kRowsAWord];
    const std::uint64_t bit = std::uint64_t{1} << (index(row) % kRowsAWord);
    const std::uint64_t marks = (word ^ walk_) < (std::uint64_t{1} << kRowsAWord) ? word : walk_;
    word = marks | bit;
    return (marks & bit) == 0;
  }

 private:
  static constexpr std::uint32_t kRowsAWord = 48;
  static constexpr std::uint64_t bytes_for(std::uint32_t rows) {
    return (rows / kRowsAWord + 1) * sizeof(std::uint64_t);
  }

  GrowingMemory memory_;
  std::uint64_t* words_ = nullptr;
  std::uint64_t walk_ = 0;  // the number, in the upper 16 bits
};

inline void fetch_links(const Graph& graph, Row row) {
  const auto* links = reinterpret_cast<const char*>(graph.links(row).data());
  __builtin_prefetch(links);
  __builtin_prefetch(links + 64);
}

struct WalkScratch::Parts {
  VisitedRows visited;
  Pool pool;
  std::vector<Candidate> heap;
};

// Rows met for the first time, to be compared together: all their codes are under way before the first is needed.
// `Distances` maps Rows4 to Distances4.
template <class Distances>
class MetRows {
 public:
  // Two rows' links.
  static constexpr std::uint32_t kCapacity = kHeadsAtOnce * kLinksMax;

  MetRows(const CodeTable& codes, const Distances& distances, VisitedRows& visited)
      : codes_(codes), distances_(distances), visited_(visited) {}

  void add(Row row) {
    rows_[size_] = row;
    size_ += visited_.visit(row) ? 1u : 0u;
  }

  std::uint32_t size() const { return size_; }

  // Calls keep(candidate) for each and forgets them. Returns how many there were.
  template <class Keep>
  std::uint32_t compare(Keep keep) {
    for (std::uint32_t place = 0; place < size_; ++place) codes_.fetch(rows_[place]);
    for (std::uint32_t begin = 0; begin < size_; begin += kRowsAtOnce) {
      const std::uint32_t end = std::min(begin + kRowsAtOnce, size_);
      Rows4 rows;
      for (std::uint32_t i = 0; i < kRowsAtOnce; ++i) rows[i] = rows_[std::min(begin + i, end - 1)];
      const Distances4 distances = distances_(rows);
      for (std::uint32_t place = begin; place < end; ++place) keep(Candidate{distances[place - begin], rows_[place]});
    }
    return std::exchange(size_, 0);
  }

 private:
  static constexpr std::uint32_t kRowsAtOnce = std::tuple_size_v<Rows4>;

  const CodeTable& codes_;
  const Distances& distances_;
  VisitedRows& visited_;
  std::array<Row, kCapacity + 1> rows_;  // a row that was met before is written behind the last, and not counted
  std::uint32_t size_ = 0;
};

// `Heads` keeps the rows met and says which is expanded next: LiveHeads or
// WantedHeads.
template <class Distances, class Heads>
class Walk {
 public:
  Walk(const Graph& graph, const CodeTable& codes, const Distances& distances, VisitedRows& visited, Heads& heads)
      : graph_(graph), visited_(visited), heads_(heads), met_(codes, distances, visited) {}

  // Until no head is left.
  WalkCount run(Row left_out = kNoRow) {
    heads_.start(graph_.entries());
    visited_.start(graph_.covered());
    if (left_out != kNoRow) visited_.visit(left_out);
    compare_entries();
    while (expand_heads()) {
      heads_.for_next([&](Row row) { fetch_links(graph_, row); });
      compare_met();
    }
    return count_;
  }

 private:
  void compare_entries() {
    for (const Row entry : graph_.entries()) {
      met_.add(entry);
      if (met_.size() == met_.kCapacity) compare_met();
    }
    compare_met();
  }

  // Gathers the neighbours of the next heads; false if there is none.
  bool expand_heads() {
    for (std::uint32_t heads = 0; heads < kHeadsAtOnce; ++heads) {
      const Row head = heads_.take();
      if (head == kNoRow) return heads > 0;
      ++count_.steps;
      for (const Row row : graph_.links(head)) {
        if (row == kNoRow) break;
        met_.add(row);
      }
    }
    return true;
  }

  // Keeps those of the rows gathered that are near enough.
  void compare_met() {
    count_.distances += met_.compare([&](Candidate candidate) {
      if (!(candidate.distance < heads_.threshold())) return;
      if (heads_.insert(candidate)) fetch_links(graph_, candidate.row);
    });
  }

  const Graph& graph_;
  VisitedRows& visited_;
  Heads& heads_;
  MetRows<Distances> met_;
  WalkCount count_;
};

// A walk for all live rows; the pool in `scratch` has what it found (LiveHeads).
template <class Distances>
WalkCount walk_to_live(const Graph& graph, const CodeTable& codes, const Distances& distances, const RowFilter& live,
                       std::uint32_t ef, WalkScratch::Parts& scratch, Row left_out = kNoRow) {
  LiveHeads heads(scratch.pool, live, ef);
  return Walk(graph, codes, distances, scratch.visited, heads).run(left_out);
}

}  // namespace omendb
