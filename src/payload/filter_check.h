// FilterCheck: a filter made ready to be asked of many points, from their payloads alone: paths are parsed, lists
// hashed, words split. Every other way to find the points of a filter must agree with this one.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/function_ref.h"
#include "base/row.h"
#include "omendb/filter.h"
#include "payload/json_path.h"
#include "payload/known_rows.h"

namespace omendb {

// What a check may ask of a point. Each is asked for when it is needed, and only then.
class FilterSubject {
 public:
  virtual ~FilterSubject() = default;
  virtual PointId id() const = 0;
  virtual std::string_view payload() const = 0;  // JSON; empty: none
  virtual bool has_vector(std::string_view name) const = 0;

  // What is known of a condition (FilterCheck::conditions) without the payload.
  virtual std::optional<bool> meets(std::size_t condition) const {
    (void)condition;
    return std::nullopt;
  }
};

// Where to find the rows of a condition or an id without asking every row.
class RowSource {
 public:
  virtual ~RowSource() = default;

  // How many rows may meet the condition, at most, and which, and whether they certainly do; some may come twice.
  // nullopt: any row may.
  virtual std::optional<std::uint64_t> rows_max(std::size_t condition) const = 0;
  virtual void for_each_row(std::size_t condition, FunctionRef<void(Row, bool certain)> visit) const = 0;
  virtual void for_each_row(PointId id, FunctionRef<void(Row, bool certain)> visit) const = 0;

  // All that is known of a condition, as sets; only if rows_max() is.
  virtual KnownRows known_rows(std::size_t condition) const = 0;
  virtual std::uint32_t rows_end() const = 0;
};

// A condition on a field, and its key as a path.
struct CheckedCondition {
  FieldCondition condition;
  JsonPath path;
};

class FilterCheck {
 public:
  // InvalidArgument  a key is no path, a field condition without a test, a polygon that is not closed, coordinates off
  //                  the globe, a slice of nothing, a min_count of 0, filters nested more than kFilterDepthMax deep
  static Result<FilterCheck> compile(const Filter& filter);

  // Its conditions on fields of the payload itself (not those inside Nested), by number.
  const std::vector<CheckedCondition>& conditions() const { return conditions_; }

  // Any thread.
  bool matches(const FilterSubject& subject) const;

  // How many rows may match, at most, and which, by the parts of the filter that need the fewest, and whether they
  // certainly match all of it; some may come twice. nullopt: any row may.
  std::optional<std::uint64_t> candidates_max(const RowSource& source) const;
  void for_each_candidate(const RowSource& source, FunctionRef<void(Row, bool certain)> visit) const;

  // All that is known of the filter, from all of its parts; and how many rows are looked up for it, at most, nullopt if
  // some part can be known of no row.
  KnownRows known_rows(const RowSource& source) const;
  std::optional<std::uint64_t> known_rows_cost(const RowSource& source) const;

  ~FilterCheck();
  FilterCheck(FilterCheck&&) noexcept;
  FilterCheck& operator=(FilterCheck&&) noexcept;

 private:
  struct Group;
  class Compiler;
  FilterCheck(std::unique_ptr<const Group> root, std::vector<CheckedCondition> conditions);
  std::unique_ptr<const Group> root_;
  std::vector<CheckedCondition> conditions_;
};

}  // namespace omendb
