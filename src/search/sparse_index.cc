#include "search/sparse_index.h"

#include "base/assert.h"
#include "base/merge_parts.h"

namespace omendb {

std::uint64_t SparseIndex::memory_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& part : parts_) bytes += part->memory_bytes();
  return bytes;
}

SparseIndex SparseIndex::with(SparsePart part) const {
  OMEN_ASSERT(part.rows().begin == covered());
  SparseIndex longer = *this;
  auto& parts = longer.parts_;
  parts.push_back(std::make_shared<const SparsePart>(std::move(part)));

  const std::size_t first = first_to_merge(parts, {kSparsePartRowsMax, SparsePart::kPostingsMax},
                                           [](const SparsePart& each) { return each.postings(); });
  if (first + 1 == parts.size()) return longer;

  auto merged = std::make_shared<const SparsePart>(SparsePart::merge(std::span(parts).subspan(first)));
  parts.resize(first);
  parts.push_back(std::move(merged));
  return longer;
}

}  // namespace omendb
