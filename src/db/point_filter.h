// PointFilter: the filter of one query, asked of the rows of one View.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <vector>

#include "base/row.h"
#include "db/view.h"
#include "payload/filter_check.h"
#include "payload/indexed_filter.h"

namespace omendb {

class PointFilter {
 public:
  // Both outlive it; the filter is bound to the View's indexes.
  PointFilter(const View& view, const IndexedFilter& filter);

  // Any thread; rows inside the View. False for a row that cannot be read: then error() says why.
  bool matches(Row row);

  // How many rows may match, at most; nullopt if nothing is known but by asking them all.
  std::optional<std::uint64_t> candidates_max() const { return candidates_max_; }

  // The rows below `end` that live and match, ascending: by the indexes if they know candidates, else by asking all.
  std::vector<Row> list(std::uint32_t end);

  // All that the indexes know of which rows match, as sets, live or not; and how many rows are looked up for that, nullopt
  // if some part of the filter is known of no row.
  KnownRows known_rows() const;
  std::optional<std::uint64_t> known_rows_cost() const;

  // The share of the View's rows that live and match, judged by some spread over all.
  double estimate_share();

  // Rows that were asked themselves, and not only an index.
  std::uint64_t payloads_read() const { return payloads_read_.load(std::memory_order_relaxed); }

  // Corruption  of the first row that could not be read; no answer is right then
  Result<void> error() const;

 private:
  class Subject;
  class Source;
  std::vector<Row> ask_all(std::uint32_t end);
  void keep(const Error& error);

  const View& view_;
  const IndexedFilter& filter_;
  std::optional<std::uint64_t> candidates_max_;
  std::atomic<std::uint64_t> payloads_read_{0};  // a count: nothing is read through it

  mutable std::mutex failing_;  // guards what follows
  std::optional<Error> error_;
};

// All rows of the View that live and match, ascending. A null filter: every row matches.
Result<std::vector<Row>> matching_rows(const View& view, PointFilter* filter);

// Beside that, rows can be asked in some order until `wanted` match. After so many, listing would have cost less;
// 0: it does from the beginning.
std::uint64_t walk_steps_max(const View& view, const PointFilter* filter, std::uint64_t wanted);

}  // namespace omendb
