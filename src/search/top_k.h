// The k nearest rows offered so far.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "base/row.h"

namespace omendb {

// A row and its internal distance: smaller is nearer, whatever the metric (search/distance.h).
struct Candidate {
  float distance;
  Row row;

  // Ties by row, so that answers do not depend on the order in which rows were offered.
  friend bool operator<(const Candidate& a, const Candidate& b) {
    return a.distance != b.distance ? a.distance < b.distance : a.row < b.row;
  }
};

// A bounded max-heap; the worst kept candidate is the threshold for the next.
class TopK {
 public:
  explicit TopK(std::size_t k) : k_(k) { heap_.reserve(std::min<std::size_t>(k, 4096)); }

  std::size_t k() const { return k_; }
  bool full() const { return heap_.size() == k_; }
  std::size_t size() const { return heap_.size(); }

  // Anything at or beyond this distance cannot enter (ties by row aside).
  float threshold() const { return full() ? heap_.front().distance : std::numeric_limits<float>::infinity(); }

  void offer(Candidate candidate) {
    if (!full()) {
      heap_.push_back(candidate);
      std::push_heap(heap_.begin(), heap_.end());
      return;
    }
    if (!(candidate < heap_.front())) return;
    std::pop_heap(heap_.begin(), heap_.end());
    heap_.back() = candidate;
    std::push_heap(heap_.begin(), heap_.end());
  }

  // Nearest first; the heap is empty afterwards.
  std::vector<Candidate> take_sorted() {
    std::sort_heap(heap_.begin(), heap_.end());
    return std::exchange(heap_, {});
  }

 private:
  std::size_t k_;
  std::vector<Candidate> heap_;
};

}  // namespace omendb
