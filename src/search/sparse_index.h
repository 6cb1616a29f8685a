// SparseIndex: the parts of one sparse vector's index, which cover the rows from 0 on in order and without a gap.
// Immutable; an index of more rows shares the parts.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "search/sparse_part.h"

namespace omendb {

class SparseIndex {
 public:
  std::uint32_t covered() const { return parts_.empty() ? 0 : parts_.back()->rows().end; }
  const std::vector<std::shared_ptr<const SparsePart>>& parts() const { return parts_; }
  std::uint64_t memory_bytes() const;

  // With a part more, which begins where these end; the last parts are merged so that few are left: each has more than
  // twice the rows of the next, or both together have too many for a part.
  SparseIndex with(SparsePart part) const;

 private:
  std::vector<std::shared_ptr<const SparsePart>> parts_;
};

}  // namespace omendb
