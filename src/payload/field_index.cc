#include "payload/field_index.h"

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

#include "base/merge_parts.h"
#include "base/try.h"
#include "payload/field_part_builder.h"

namespace omendb {

Result<FieldIndex> FieldIndex::create(std::string_view key, FieldType type, std::uint64_t number) {
  FieldIndex field;
  field.key_ = key;
  field.path_ = OMEN_TRY(JsonPath::parse(key));
  field.type_ = type;
  field.number_ = number;
  return field;
}

std::uint64_t FieldIndex::memory_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& part : parts_) bytes += part->memory_bytes();
  return bytes;
}

RowSet FieldIndex::unknown_rows(std::uint32_t visible, const std::vector<Row>& changed) const {
  RowSet rows(visible);
  const auto insert = [&](std::span<const Row> some) {
    for (const Row row : some) {
      if (index(row) < visible) rows.insert(row);
    }
  };
  insert(changed);
  for (const auto& part : parts_) insert(part->others());
  for (std::uint32_t row = covered(); row < visible; ++row) rows.insert(Row{row});
  return rows;
}

FieldIndex FieldIndex::with(FieldPart part) const {
  FieldIndex longer = *this;
  auto& parts = longer.parts_;
  auto& seen = longer.changes_seen_;
  seen.push_back(part.changes_seen());
  parts.push_back(std::make_shared<const FieldPart>(std::move(part)));

  const std::size_t first = first_to_merge(parts, {kPartRowsMax, FieldPartBuilder::kPairsMax},
                                           [](const FieldPart& each) { return each.pairs(); });
  if (first + 1 == parts.size()) return longer;

  FieldPartBuilder merged(type_, row_at(parts[first]->rows().begin), parts[first]->changes_seen());
  for (std::size_t i = first; i < parts.size(); ++i) merged.add(*parts[i]);
  parts.resize(first);
  parts.push_back(std::make_shared<const FieldPart>(std::move(merged).build()));
  const auto fewest = std::min_element(seen.begin() + static_cast<std::ptrdiff_t>(first), seen.end());
  seen[first] = *fewest;
  seen.resize(first + 1);
  return longer;
}

std::uint64_t FieldIndex::changes_seen() const {
  std::uint64_t fewest = std::numeric_limits<std::uint64_t>::max();
  for (const std::uint64_t seen : changes_seen_) fewest = std::min(fewest, seen);
  return fewest;
}

FieldIndex FieldIndex::with_changes_seen(std::uint64_t changes, const std::vector<Row>& changed) const {
  FieldIndex newer = *this;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const RowRange rows = parts_[i]->rows();
    const bool met = std::any_of(changed.begin(), changed.end(), [&](Row row) {
      return index(row) >= rows.begin && index(row) < rows.end;
    });
    if (!met) newer.changes_seen_[i] = std::max(newer.changes_seen_[i], changes);
  }
  return newer;
}

FieldIndex FieldIndex::with_in_place(FieldPart part) const {
  FieldIndex renewed = *this;
  const auto old = std::find_if(renewed.parts_.begin(), renewed.parts_.end(),
                                [&](const auto& candidate) { return candidate->rows() == part.rows(); });
  if (old == renewed.parts_.end()) return renewed;
  renewed.changes_seen_[static_cast<std::size_t>(old - renewed.parts_.begin())] = part.changes_seen();
  *old = std::make_shared<const FieldPart>(std::move(part));
  return renewed;
}

FieldIndex FieldIndex::without_parts() const {
  FieldIndex empty = *this;
  empty.parts_.clear();
  empty.changes_seen_.clear();
  return empty;
}

}  // namespace omendb
