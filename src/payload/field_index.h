// FieldIndex: one field's parts, which cover the rows from 0 on in order and without a gap. Immutable; an index of more
// rows shares the parts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/row_set.h"
#include "omendb/field_index.h"
#include "payload/field_part.h"
#include "payload/json_path.h"

namespace omendb {

class FieldIndex {
 public:
  // Of no rows yet. InvalidArgument if `key` is no path.
  static Result<FieldIndex> create(std::string_view key, FieldType type, std::uint64_t number = 0);

  const std::string& key() const { return key_; }
  const JsonPath& path() const { return path_; }
  FieldType type() const { return type_; }
  std::uint64_t number() const { return number_; }  // as it was created with: the definition's

  std::uint32_t covered() const { return parts_.empty() ? 0 : parts_.back()->rows().end; }
  const std::vector<std::shared_ptr<const FieldPart>>& parts() const { return parts_; }
  std::uint64_t memory_bytes() const;

  // Of the rows [0, visible): those whose values the parts do not tell. `changed`: rows whose payloads were changed since
  // the parts read them.
  RowSet unknown_rows(std::uint32_t visible, const std::vector<Row>& changed) const;

  // With a part more, which begins where these end; the last parts are merged so that few are left: each has more than
  // twice the rows of the next, up to kPartRowsMax.
  FieldIndex with(FieldPart part) const;

  // The fewest that any of its parts has seen, and those of one of them: when it was read, or since as its rows were not met.
  std::uint64_t changes_seen() const;
  std::uint64_t changes_seen(std::size_t part) const { return changes_seen_[part]; }

  // The parts without a row of `changed`, which are all since changes_seen(), have seen as many as `changes`.
  FieldIndex with_changes_seen(std::uint64_t changes, const std::vector<Row>& changed) const;

  // With another part in the place of the one of the same rows.
  FieldIndex with_in_place(FieldPart part) const;

  // None: every row is asked again.
  FieldIndex without_parts() const;

 private:
  std::string key_;
  JsonPath path_;
  FieldType type_ = FieldType::Keyword;
  std::uint64_t number_ = 0;
  std::vector<std::shared_ptr<const FieldPart>> parts_;
  std::vector<std::uint64_t> changes_seen_;  // one a part
};

// Of a collection, in the order they were created.
using FieldIndexes = std::vector<FieldIndex>;

// A merge of so many rows takes about a second.
constexpr std::uint32_t kPartRowsMax = 1u << 20;

}  // namespace omendb
