// FilterCheck: a filter made ready to be asked of many points, from their payloads alone: paths are parsed, lists
// hashed, words split. Every other way to find the points of a filter must agree with this one.
#pragma once

#include <memory>
#include <string_view>

#include "omendb/filter.h"

namespace omendb {

// What a check may ask of a point. Each is asked for when it is needed, and only then.
class FilterSubject {
 public:
  virtual ~FilterSubject() = default;
  virtual PointId id() const = 0;
  virtual std::string_view payload() const = 0;  // JSON; empty: none
  virtual bool has_vector(std::string_view name) const = 0;
};

class FilterCheck {
 public:
  // InvalidArgument  a key is no path, a field condition without a test, a polygon that is not closed, coordinates off
  //                  the globe, a slice of nothing, a min_count of 0, filters nested more than kFilterDepthMax deep
  static Result<FilterCheck> compile(const Filter& filter);

  // Any thread.
  bool matches(const FilterSubject& subject) const;

  ~FilterCheck();
  FilterCheck(FilterCheck&&) noexcept;
  FilterCheck& operator=(FilterCheck&&) noexcept;

 private:
  struct Group;
  explicit FilterCheck(std::unique_ptr<const Group> root);
  std::unique_ptr<const Group> root_;
};

}  // namespace omendb
