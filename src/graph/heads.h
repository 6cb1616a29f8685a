// The rows that a walk has met, and which of them it expands next. Inside graph/ only.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <vector>

#include "base/row.h"
#include "graph/beam_search.h"
#include "graph/graph.h"
#include "search/row_filter.h"
#include "search/top_k.h"

namespace omendb {

// Rows expanded together. Two hide most of one another's misses, and few of the second ones are in vain.
inline constexpr std::uint32_t kHeadsAtOnce = 2;

// The nearest rows met, nearest first, up to a capacity; a row is expanded once its links have been read.
class Pool {
 public:
  void start(std::uint32_t capacity) {
    capacity_ = capacity;
    size_ = 0;
    head_ = 0;
    if (slots_.size() <= capacity) slots_.resize(std::size_t{capacity} + 1);
  }

  // Room for one more: found when a row that took a place turns out to be erased.
  void extend() {
    ++capacity_;
    if (slots_.size() <= capacity_) slots_.resize(2 * slots_.size());
  }

  // Nothing at or beyond this distance gets in.
  float threshold() const {
    return size_ < capacity_ ? std::numeric_limits<float>::infinity() : slots_[size_ - 1].distance;
  }

  // distance < threshold(). Returns how many unexpanded places it is behind the head at most: 0 is expanded next.
  std::uint32_t insert(float distance, Row row) {
    const std::uint32_t place = place_of(distance);
    if (size_ < capacity_) ++size_;
    std::memmove(&slots_[place + 1], &slots_[place], (size_ - 1 - place) * sizeof(Slot));
    slots_[place] = Slot{distance, index(row)};
    if (place <= head_) {
      head_ = place;
      return 0;
    }
    return place - head_;
  }

  // Marks the nearest unexpanded row as expanded and returns it; kNoRow if all are.
  Row take_head() {
    while (head_ < size_ && is_expanded(slots_[head_])) ++head_;
    if (head_ == size_) return kNoRow;
    Slot& head = slots_[head_++];
    const Row row{head.row};
    head.row |= kExpanded;
    return row;
  }

  // Calls visit(row) for the next `count` rows to be expanded, as far as is known now.
  template <class Visit>
  void for_next_heads(std::uint32_t count, Visit visit) const {
    for (std::uint32_t place = head_; place < size_ && count > 0; ++place) {
      if (is_expanded(slots_[place])) continue;
      visit(Row{slots_[place].row});
      --count;
    }
  }

  std::uint32_t size() const { return size_; }
  std::uint32_t capacity() const { return capacity_; }
  Candidate operator[](std::uint32_t place) const {
    return {slots_[place].distance, Row{slots_[place].row & ~kExpanded}};
  }

 private:
  struct Slot {
    float distance;
    std::uint32_t row;  // with kExpanded
  };
  static constexpr std::uint32_t kExpanded = 0x8000'0000;  // kGraphRowsMax leaves this bit free
  static bool is_expanded(Slot slot) { return (slot.row & kExpanded) != 0; }

  // The first place whose distance is greater.
  std::uint32_t place_of(float distance) const {
    const Slot* first = slots_.data();
    std::uint32_t count = size_;
    while (count > 0) {
      const std::uint32_t half = count / 2;
      const bool right = first[half].distance <= distance;
      first += right ? half + 1 : 0;
      count = right ? count - half - 1 : half;
    }
    return static_cast<std::uint32_t>(first - slots_.data());
  }

  std::vector<Slot> slots_;  // one more than the capacity: insert() pushes the farthest into it
  std::uint32_t capacity_ = 0;
  std::uint32_t size_ = 0;
  std::uint32_t head_ = 0;  // all before it are expanded
};

// A pool that meets this many erased rows for each one asked for gives up: a scan is the better search then.
inline constexpr std::uint32_t kErasedPerLiveMax = 31;

// Room in the pool for the erased rows to expect, judged by the entries: they are spread over all rows.
inline std::uint32_t expected_erased(std::span<const Row> entries, const RowFilter& live, std::uint32_t ef) {
  std::uint64_t erased = 0;
  for (const Row entry : entries) erased += live.contains(entry) ? 0u : 1u;
  if (erased == 0) return 0;
  const std::uint64_t alive = std::max<std::uint64_t>(entries.size() - erased, 1);
  const std::uint64_t expected = std::min(ef * erased / alive, std::uint64_t{ef} * kErasedPerLiveMax);
  return static_cast<std::uint32_t>(expected);
}

// The rows to expand in a walk that wants all live rows: a pool, in which the few erased ones are given their places
// back. When all are expanded, the pool has the nearest rows met, `ef` live ones among them if there were so many.
class LiveHeads {
 public:
  LiveHeads(Pool& pool, const RowFilter& live, std::uint32_t ef) : pool_(pool), live_(live), ef_(ef) {}

  void start(std::span<const Row> entries) {
    erased_expected_ = expected_erased(entries, live_, ef_);
    pool_.start(ef_ + erased_expected_);
  }

  float threshold() const { return pool_.threshold(); }

  // Whether it is among the next to be expanded.
  bool insert(Candidate candidate) { return pool_.insert(candidate.distance, candidate.row) < kHeadsAtOnce; }

  Row take() {
    const Row head = pool_.take_head();
    if (head != kNoRow && !live_.contains(head)) give_place_back();
    return head;
  }

  template <class Visit>
  void for_next(Visit visit) const {
    pool_.for_next_heads(kHeadsAtOnce, visit);
  }

 private:
  // An erased row is noticed when it is expanded: its word in RowFilter is then one load among many misses.
  void give_place_back() {
    if (++erased_ <= erased_expected_ || erased_ > std::uint64_t{ef_} * kErasedPerLiveMax) return;
    // Two: one for the live row it kept out, one for the next erased row that will be met in this neighbourhood.
    pool_.extend();
    pool_.extend();
  }

  Pool& pool_;
  const RowFilter& live_;
  const std::uint32_t ef_;
  std::uint32_t erased_expected_ = 0;
  std::uint32_t erased_ = 0;
};

// The rows to expand in a walk that wants some of them, be they few or far from the query: all that are nearer than the
// `ef` wanted ones expanded so far. None is dropped for a place in a pool, so that rows behind a crowd of unwanted ones
// are reached. Whether a row is wanted is asked when it is expanded: that may cost much.
class WantedHeads {
 public:
  WantedHeads(std::vector<Candidate>& heap, const RowFilter& wanted, std::uint32_t ef, const WalkLimits& limits)
      : heap_(heap), wanted_(wanted), limits_(limits), nearest_(ef) {}

  void start(std::span<const Row>) { heap_.clear(); }

  float threshold() const { return nearest_.threshold(); }

  bool insert(Candidate candidate) {
    heap_.push_back(candidate);
    std::push_heap(heap_.begin(), heap_.end(), farther);
    return heap_.front().row == candidate.row;
  }

  Row take() {
    if (heap_.empty() || !(heap_.front().distance < threshold())) return kNoRow;
    if (steps_ == limits_.look_after) near_share_ = share_near(heap_.front().distance);
    gave_up_ = steps_ >= limits_.steps_max || (steps_ == limits_.look_after && near_share_ < limits_.near_share_min);
    if (gave_up_) return kNoRow;
    ++steps_;
    std::pop_heap(heap_.begin(), heap_.end(), farther);
    const Candidate head = heap_.back();
    heap_.pop_back();
    const bool wanted = wanted_.contains(head.row);
    if (wanted) nearest_.offer(head);
    if (steps_ <= limits_.look_after) seen_.push_back({head.distance, wanted});
    return head.row;
  }

  template <class Visit>
  void for_next(Visit visit) const {
    if (!heap_.empty()) visit(heap_.front().row);
  }

  // It went the whole allowed way without finding `ef` wanted rows nearer than all that are left.
  bool gave_up() const { return gave_up_; }

  // Of the rows around the query, those wanted, when it looked; 0 before.
  double near_share() const { return near_share_; }

  std::vector<Candidate> take_sorted() { return nearest_.take_sorted(); }

 private:
  struct Seen {
    float distance;
    bool wanted;
  };

  // Rows on the way to the query say nothing of it: those count that are nearer than any left.
  double share_near(float distance_left) const {
    std::uint32_t near = 0;
    std::uint32_t wanted = 0;
    for (const Seen& row : seen_) {
      if (row.distance > distance_left) continue;
      ++near;
      wanted += row.wanted ? 1u : 0u;
    }
    return near == 0 ? 0 : static_cast<double>(wanted) / near;
  }

  // A heap has the greatest on top: the nearest is wanted there.
  static bool farther(const Candidate& a, const Candidate& b) { return b < a; }

  std::vector<Candidate>& heap_;
  const RowFilter& wanted_;
  const WalkLimits limits_;
  std::uint32_t steps_ = 0;
  std::vector<Seen> seen_;  // until it looks around
  bool gave_up_ = false;
  double near_share_ = 0;
  TopK nearest_;
};

// Appends up to `ef` live rows of the pool, nearest first.
inline void append_live(const Pool& pool, const RowFilter& live, std::uint32_t ef, std::vector<Candidate>& found) {
  for (std::uint32_t place = 0; place < pool.size() && ef > 0; ++place) {
    if (!live.contains(pool[place].row)) continue;
    found.push_back(pool[place]);
    --ef;
  }
}

}  // namespace omendb
