#include "search/sparse_index.h"

#include "base/assert.h"

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

  std::size_t first = parts.size() - 1;
  std::uint64_t rows = parts.back()->rows().size();
  std::uint64_t postings = parts.back()->postings();
  while (first > 0) {
    const SparsePart& before = *parts[first - 1];
    const bool small_enough = before.rows().size() <= 2 * rows && rows + before.rows().size() <= kSparsePartRowsMax &&
                              postings + before.postings() <= SparsePart::kPostingsMax;
    if (!small_enough) break;
    --first;
    rows += before.rows().size();
    postings += before.postings();
  }
  if (first + 1 == parts.size()) return longer;

  auto merged = std::make_shared<const SparsePart>(SparsePart::merge(std::span(parts).subspan(first)));
  parts.resize(first);
  parts.push_back(std::move(merged));
  return longer;
}

}  // namespace omendb
