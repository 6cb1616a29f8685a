// Which of the rows near a row become its links (RobustPrune of Vamana: Subramanya et al., NeurIPS 2019).
//
// The nearest candidate is kept; another is kept unless one kept before it lies alpha times nearer to it than the row
// itself does: the walk would reach it through that one. So links point in different directions, some of them far.
#pragma once

#include <cstdint>
#include <span>

#include "graph/link_distance.h"
#include "search/code_table.h"
#include "search/top_k.h"

namespace omendb {

class Pruner {
 public:
  Pruner(const CodeTable& codes, const LinkDistance& distance, float alpha)
      : codes_(codes), distance_(distance), alpha_squared_(alpha * alpha) {}

  // Moves the kept candidates to the front, in order, and returns how many they are: at most `links_max`.
  // `candidates` are sorted by their distance to the row, each once, without the row itself.
  std::uint32_t prune(std::span<Candidate> candidates, std::uint32_t links_max) const;

 private:
  bool occluded(const Candidate& candidate, std::span<const Candidate> kept) const;

  const CodeTable& codes_;
  const LinkDistance& distance_;
  float alpha_squared_;  // distances are squared
};

}  // namespace omendb
