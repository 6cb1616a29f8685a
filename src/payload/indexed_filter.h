// IndexedFilter: one filter, its conditions looked up in the field indexes of one View. Made once for all the queries of a
// batch.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/row_set.h"
#include "payload/field_index.h"
#include "payload/filter_check.h"

namespace omendb {

class IndexedFilter {
 public:
  // The indexes and the check outlive it. Rows [0, visible). `changed`: rows whose payloads were changed since the indexes
  // read them, each once; they are asked themselves.
  IndexedFilter(const FilterCheck& check, const FieldIndexes& indexes, std::uint32_t visible,
                std::vector<Row> changed = {});

  const FilterCheck& check() const { return check_; }

  // As FilterSubject and RowSource say, of conditions alone.
  std::optional<bool> meets(std::size_t condition, Row row) const;
  std::optional<std::uint64_t> rows_max(std::size_t condition) const;
  void for_each_row(std::size_t condition, FunctionRef<void(Row, bool certain)> visit) const;
  KnownRows known_rows(std::size_t condition) const;
  std::uint32_t rows_end() const { return visible_; }

 private:
  struct BoundPart {
    const FieldPart* part;
    std::vector<PartMatch> matches;  // one a test: one of them is enough
  };
  // A condition whose tests an index knows.
  struct Bound {
    std::vector<BoundPart> parts;  // empty: no index knows it
    std::uint32_t covered = 0;
  };

  static Bound bind(const FieldCondition& condition, const FieldIndex& index);
  bool is_changed(Row row) const { return changed_set_ && changed_set_->contains(row); }

  const FilterCheck& check_;
  std::vector<Bound> conditions_;  // by number
  std::uint32_t visible_;
  std::vector<Row> changed_;
  std::optional<RowSet> changed_set_;  // of them
};

}  // namespace omendb
