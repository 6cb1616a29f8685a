// PointFilter: the filter of one query, asked of the rows of one View.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>

#include "base/row.h"
#include "db/view.h"
#include "payload/filter_check.h"

namespace omendb {

class PointFilter {
 public:
  // Both outlive it.
  PointFilter(const View& view, const FilterCheck& check) : view_(view), check_(check) {}

  // Any thread; rows inside the View. False for a row that cannot be read: then error() says why.
  bool matches(Row row);

  // The share of the View's rows that live and match, judged by some spread over all.
  double estimate_share();

  std::uint64_t checks() const { return checks_.load(std::memory_order_relaxed); }

  // Corruption  of the first row that could not be read; no answer is right then
  Result<void> error() const;

 private:
  class Subject;
  void keep(const Error& error);

  const View& view_;
  const FilterCheck& check_;
  std::atomic<std::uint64_t> checks_{0};  // a count: nothing is read through it

  mutable std::mutex failing_;  // guards what follows
  std::optional<Error> error_;
};

}  // namespace omendb
