// An index over rows that grows is a list of immutable parts, each of the rows behind the one before it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace omendb {

struct PartLimits {
  std::uint64_t rows_max;
  std::uint64_t entries_max;
};

// After a part was added: the first of the last parts that are to be merged into one, so that few are left. Each then has
// more than twice the rows of the next, or both together would be over the limits. Each row is thus merged a few times.
template <class Part, class EntriesOf>
std::size_t first_to_merge(const std::vector<std::shared_ptr<const Part>>& parts, PartLimits limits,
                           EntriesOf entries_of) {
  std::size_t first = parts.size() - 1;
  std::uint64_t rows = parts[first]->rows().size();
  std::uint64_t entries = entries_of(*parts[first]);
  while (first > 0) {
    const Part& before = *parts[first - 1];
    if (before.rows().size() > 2 * rows) break;
    rows += before.rows().size();
    entries += entries_of(before);
    if (rows > limits.rows_max || entries > limits.entries_max) break;
    --first;
  }
  return first;
}

}  // namespace omendb
