#include "graph/prune.h"

#include <cstddef>

namespace omendb {

std::uint32_t Pruner::prune(std::span<Candidate> candidates, std::uint32_t links_max) const {
  std::uint32_t kept = 0;
  for (const Candidate& candidate : candidates) {
    if (kept == links_max) break;
    if (occluded(candidate, candidates.first(kept))) continue;
    candidates[kept++] = candidate;
  }
  return kept;
}

// At distance zero (the same vector again) everything occludes, or a crowd of equals would fill all links.
bool Pruner::occluded(const Candidate& candidate, std::span<const Candidate> kept) const {
  const CodeRecord record = codes_.record(candidate.row);
  for (const Candidate& nearer : kept) {
    if (alpha_squared_ * distance_(codes_.record(nearer.row), record) <= candidate.distance) return true;
  }
  return false;
}

}  // namespace omendb
