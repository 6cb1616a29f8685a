// One query on one View: the plan, carried out.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "db/view.h"
#include "omendb/types.h"
#include "os/executor.h"
#include "search/top_k.h"

namespace omendb {

struct Answer {
  std::vector<Candidate> nearest;  // at most k, nearest first, exact distances
  Explanation explanation;         // all but the microseconds
};

// Any thread. The query and the options were checked. With an executor, long scans run on its threads.
//   Corruption  a vector that had to be compared is damaged at rest
Result<Answer> answer_query(const View& view, std::size_t field, std::span<const float> query,
                            const SearchOptions& options, Executor* executor);

}  // namespace omendb
