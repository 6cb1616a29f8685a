#include <algorithm>
#include <vector>

#include "search/scan.h"

namespace omendb {
namespace {

// Time for a record to arrive while others are compared.
constexpr std::size_t kRecordsAhead = 16;

struct Estimate {
  float distance;
  float bound;  // the exact distance is not below it, nearly always
  Row row;
};

}  // namespace

ScanCount listed_scan(const CodeTable& table, const CodeQuery& query, const ExactScorer& scorer,
                      std::span<const Row> rows, TopK& nearest) {
  std::vector<Estimate> estimates;
  estimates.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i + kRecordsAhead < rows.size()) table.prefetch(rows[i + kRecordsAhead]);
    const CodeRecord record = table.record(rows[i]);
    const float distance = query.distance(record);
    estimates.push_back({distance, distance - query.error(record.factors), rows[i]});
  }

  // The k nearest by estimate first: they bring the threshold near its end.
  const auto nearer = [](const Estimate& a, const Estimate& b) { return a.distance < b.distance; };
  const auto first = estimates.begin() + static_cast<std::ptrdiff_t>(std::min(nearest.k(), estimates.size()));
  if (first != estimates.end()) std::nth_element(estimates.begin(), first, estimates.end(), nearer);
  ScanCount count{.distances = rows.size()};
  for (const Estimate& estimate : estimates) {
    if (estimate.bound > nearest.threshold()) continue;
    nearest.offer({scorer.distance(estimate.row), estimate.row});
    ++count.distances;
  }
  return count;
}

}  // namespace omendb
