#include "search/sparse_part.h"

#include <algorithm>

#include "base/assert.h"

namespace omendb {

std::uint64_t SparsePart::memory_bytes() const {
  return indices_.capacity() * sizeof(std::uint32_t) + ends_.capacity() * sizeof(std::uint32_t) +
         posting_rows_.capacity() * sizeof(std::uint16_t) + posting_values_.capacity() * sizeof(float);
}

Postings SparsePart::postings_of(std::uint32_t index) const {
  const auto found = std::ranges::lower_bound(indices_, index);
  if (found == indices_.end() || *found != index) return {};
  return postings_at(static_cast<std::size_t>(found - indices_.begin()));
}

Postings SparsePart::postings_at(std::size_t place) const {
  const std::size_t begin = place == 0 ? 0 : ends_[place - 1];
  const std::size_t size = ends_[place] - begin;
  return {std::span(posting_rows_).subspan(begin, size), std::span(posting_values_).subspan(begin, size)};
}

void SparsePart::reserve(std::size_t indices, std::size_t postings) {
  indices_.reserve(indices);
  ends_.reserve(indices);
  posting_rows_.reserve(postings);
  posting_values_.reserve(postings);
}

SparsePart SparsePart::merge(std::span<const std::shared_ptr<const SparsePart>> parts) {
  SparsePart merged;
  merged.rows_ = {parts.front()->rows_.begin, parts.back()->rows_.end};
  OMEN_ASSERT(merged.rows_.size() <= kSparsePartRowsMax);

  std::vector<std::uint32_t> indices;
  std::size_t postings = 0;
  for (const auto& part : parts) {
    indices.insert(indices.end(), part->indices_.begin(), part->indices_.end());
    postings += part->postings();
  }
  std::ranges::sort(indices);
  indices.erase(std::ranges::unique(indices).begin(), indices.end());
  merged.reserve(indices.size(), postings);

  std::vector<std::size_t> places(parts.size());  // the first index of each part that is not merged yet
  for (const std::uint32_t index : indices) {
    for (std::size_t p = 0; p < parts.size(); ++p) {
      const SparsePart& part = *parts[p];
      if (places[p] == part.indices_.size() || part.indices_[places[p]] != index) continue;
      const Postings more = part.postings_at(places[p]++);
      const std::uint32_t shift = part.rows_.begin - merged.rows_.begin;
      for (const std::uint16_t row : more.rows) merged.posting_rows_.push_back(static_cast<std::uint16_t>(row + shift));
      merged.posting_values_.insert(merged.posting_values_.end(), more.values.begin(), more.values.end());
    }
    merged.indices_.push_back(index);
    merged.ends_.push_back(static_cast<std::uint32_t>(merged.posting_rows_.size()));
  }
  return merged;
}

void SparsePartBuilder::add(SparseView vector) {
  OMEN_ASSERT(!full());
  const auto row = static_cast<std::uint16_t>(rows_.size());
  for (std::size_t i = 0; i < vector.indices.size(); ++i) {
    entries_.push_back({vector.indices[i], row, vector.values[i]});
  }
  ++rows_.end;
}

SparsePart SparsePartBuilder::build() && {
  std::ranges::sort(entries_, [](const Entry& a, const Entry& b) {
    return a.index != b.index ? a.index < b.index : a.row < b.row;
  });
  std::size_t indices = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (i == 0 || entries_[i].index != entries_[i - 1].index) ++indices;
  }

  SparsePart part;
  part.rows_ = rows_;
  part.reserve(indices, entries_.size());
  for (const Entry& entry : entries_) {
    if (part.indices_.empty() || part.indices_.back() != entry.index) {
      part.indices_.push_back(entry.index);
      part.ends_.push_back(static_cast<std::uint32_t>(part.posting_rows_.size()));
    }
    part.posting_rows_.push_back(entry.row);
    part.posting_values_.push_back(entry.value);
    ++part.ends_.back();
  }
  return part;
}

}  // namespace omendb
