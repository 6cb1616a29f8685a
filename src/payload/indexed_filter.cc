#include "payload/indexed_filter.h"

#include <algorithm>
#include <utility>

namespace omendb {

IndexedFilter::IndexedFilter(const FilterCheck& check, const FieldIndexes& indexes, std::uint32_t visible,
                             std::vector<Row> changed)
    : check_(check), visible_(visible), changed_(std::move(changed)) {
  if (!changed_.empty()) changed_set_.emplace(visible);
  for (const Row row : changed_) changed_set_->insert(row);
  for (const CheckedCondition& checked : check.conditions()) {
    Bound bound;
    for (const FieldIndex& index : indexes) {
      if (bound.covered == 0 && index.path() == checked.path) bound = bind(checked.condition, index);
    }
    conditions_.push_back(std::move(bound));
  }
}

IndexedFilter::Bound IndexedFilter::bind(const FieldCondition& condition, const FieldIndex& index) {
  Bound bound;
  for (const auto& part : index.parts()) {
    BoundPart bound_part{part.get(), {}};
    for (const FieldTest& test : condition.tests) {
      std::optional<PartMatch> match = part->match(test);
      if (!match) return {};
      bound_part.matches.push_back(std::move(*match));
    }
    bound.parts.push_back(std::move(bound_part));
    bound.covered = part->rows().end;
  }
  return bound;
}

std::optional<bool> IndexedFilter::meets(std::size_t condition, Row row) const {
  const Bound& bound = conditions_[condition];
  if (index(row) >= bound.covered || is_changed(row)) return std::nullopt;
  const auto after = std::upper_bound(
      bound.parts.begin(), bound.parts.end(), index(row),
      [](std::uint32_t wanted, const BoundPart& part) { return wanted < part.part->rows().begin; });
  const BoundPart& part = *std::prev(after);
  bool unknown = false;
  for (const PartMatch& match : part.matches) {
    const std::optional<bool> passes = part.part->passes(match, row);
    if (passes == true) return true;
    unknown = unknown || !passes;
  }
  if (unknown) return std::nullopt;
  return false;
}

// Rows that the index does not cover may all meet the condition, and so may those that were changed.
std::optional<std::uint64_t> IndexedFilter::rows_max(std::size_t condition) const {
  const Bound& bound = conditions_[condition];
  if (bound.covered == 0) return std::nullopt;
  std::uint64_t rows = changed_.size() + visible_ - std::min(visible_, bound.covered);
  for (const BoundPart& part : bound.parts) {
    for (const PartMatch& match : part.matches) rows += part.part->rows_max(match);
  }
  return rows;
}

void IndexedFilter::for_each_row(std::size_t condition, FunctionRef<void(Row, bool certain)> visit) const {
  const Bound& bound = conditions_[condition];
  for (const BoundPart& part : bound.parts) {
    for (const PartMatch& match : part.matches) {
      part.part->for_each_row(match, [&](Row row, bool certain) {
        if (!is_changed(row)) visit(row, certain);
      });
    }
  }
  for (const Row row : changed_) {
    if (index(row) < bound.covered) visit(row, false);
  }
  for (std::uint32_t row = bound.covered; row < visible_; ++row) visit(Row{row}, false);
}

KnownRows IndexedFilter::known_rows(std::size_t condition) const {
  const Bound& bound = conditions_[condition];
  KnownRows rows = KnownRows::none(visible_);
  for (const BoundPart& part : bound.parts) {
    for (const PartMatch& match : part.matches) part.part->add_rows(match, rows);
  }
  for (const Row row : changed_) rows.add(row, false);
  for (std::uint32_t row = bound.covered; row < visible_; ++row) rows.add(Row{row}, false);
  return rows;
}

}  // namespace omendb
