// One query on one View: the plan, carried out.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "db/point_filter.h"
#include "db/router.h"
#include "db/view.h"
#include "omendb/types.h"
#include "os/executor.h"
#include "payload/indexed_filter.h"
#include "search/top_k.h"

namespace omendb {

struct Answer {
  std::vector<Candidate> nearest;  // at most k, nearest first, exact distances
  Explanation explanation;         // all but the microseconds
};

// The two halves of answer_query(), for benchmarks that carry out other plans. `filter` is null without one.
Plan plan_query(const View& view, std::size_t field, const SearchOptions& options, PointFilter* filter);
Result<Answer> carry_out(const Plan& plan, const View& view, std::size_t field, std::span<const float> query,
                         const SearchOptions& options, PointFilter* filter, Executor* executor);

// Any thread. The query and the options were checked; `filter` is theirs, null if it is empty. With an executor, long
// scans run on its threads.
//   Corruption  a vector, a payload or an id that was needed is damaged at rest
Result<Answer> answer_query(const View& view, std::size_t field, std::span<const float> query,
                            const SearchOptions& options, const IndexedFilter* filter, Executor* executor);

}  // namespace omendb
