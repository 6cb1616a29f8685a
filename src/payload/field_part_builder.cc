#include "payload/field_part_builder.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "payload/json_values.h"
#include "payload/value_key.h"
#include "payload/words.h"

namespace omendb {
namespace {

using Json = simdjson::dom::element;

}  // namespace

void FieldPartBuilder::add(const JsonPath& path, Json payload) {
  const Row row = row_at(rows_.end++);
  bool has_other = false;
  any_element(path, payload, [&](Json value) {
    if (!value.is_null() && !add_value(value, row)) has_other = true;
    return false;
  });
  if (has_other) others_.push_back(row);
}

bool FieldPartBuilder::add_value(Json value, Row row) {
  std::string_view text;
  const bool is_text = value.get(text) == simdjson::SUCCESS;
  switch (type_) {
    case FieldType::Keyword:
    case FieldType::Uuid:
      if (is_text) entries_.push_back({std::string(text), row});
      return is_text;
    case FieldType::Text:
      if (is_text) {
        for (std::string& word : words_of(text)) entries_.push_back({std::move(word), row});
      }
      return is_text;
    case FieldType::Datetime: {
      const auto time = is_text ? parse_datetime(text) : std::nullopt;
      if (time) entries_.push_back({key_of(*time), row});
      return time.has_value();
    }
    case FieldType::Bool: {
      bool flag = false;
      if (value.get(flag) != simdjson::SUCCESS) return false;
      entries_.push_back({key_of(std::int64_t{flag}), row});
      return true;
    }
    case FieldType::Integer: {
      std::int64_t number = 0;
      if (value.get(number) != simdjson::SUCCESS) return false;
      entries_.push_back({key_of(number), row});
      return true;
    }
    case FieldType::Float: {
      double number = 0;
      if (value.get(number) != simdjson::SUCCESS) return false;
      entries_.push_back({key_of(number), row});
      return true;
    }
    case FieldType::Geo: {
      GeoPoint point;
      if (value["lon"].get(point.lon) != simdjson::SUCCESS) return false;
      if (value["lat"].get(point.lat) != simdjson::SUCCESS) return false;
      entries_.push_back({key_of(point), row});
      return true;
    }
  }
  return false;
}

void FieldPartBuilder::add(const FieldPart& part) {
  changes_seen_ = std::min(changes_seen_, part.changes_seen());
  know(part.changes_known());
  OMEN_ASSERT(part.type_ == type_ && part.rows_.begin == rows_.end);
  for (std::uint32_t value = 0; value < part.size(); ++value) {
    for (const Row row : part.rows_of({value, value + 1})) entries_.push_back({std::string(part.key(value)), row});
  }
  others_.insert(others_.end(), part.others_.begin(), part.others_.end());
  rows_.end = part.rows_.end;
}

FieldPart FieldPartBuilder::build() && {
  std::sort(entries_.begin(), entries_.end());
  entries_.erase(std::unique(entries_.begin(), entries_.end()), entries_.end());

  FieldPart part;
  part.type_ = type_;
  part.rows_ = rows_;
  part.changes_seen_ = changes_seen_;
  part.changes_known_ = changes_known_;
  part.others_ = std::move(others_);
  part.postings_.reserve(entries_.size());
  std::vector<std::uint32_t> counts(rows_.size());
  for (const Entry& entry : entries_) {
    if (part.size() == 0 || part.key(part.size() - 1) != entry.key) {
      part.keys_ += entry.key;
      part.key_ends_.push_back(part.keys_.size());
      part.posting_ends_.push_back(0);
    }
    part.postings_.push_back(entry.row);
    part.posting_ends_.back() = static_cast<std::uint32_t>(part.postings_.size());
    ++counts[index(entry.row) - rows_.begin];
  }

  // Values come in ascending order, so each row's do.
  part.row_ends_.resize(rows_.size());
  std::uint32_t end = 0;
  for (std::uint32_t i = 0; i < rows_.size(); ++i) {
    part.row_ends_[i] = end;  // for now: where the row's next value goes
    end += counts[i];
  }
  part.row_values_.resize(end);
  for (std::uint32_t value = 0; value < part.size(); ++value) {
    for (const Row row : part.rows_of({value, value + 1})) {
      part.row_values_[part.row_ends_[index(row) - rows_.begin]++] = value;
    }
  }
  return part;
}

}  // namespace omendb
