#include "db/id_order.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <utility>

#include "base/try.h"

namespace omendb {
namespace {

// Runs of so many rows are sorted with their ids beside them, in two megabytes.
constexpr std::uint32_t kRunRows = 65'536;

// The first row of a sorted run that was not taken yet.
struct RunHead {
  Place place;
  std::size_t next;
  std::size_t end;
  friend bool operator>(const RunHead& a, const RunHead& b) { return a.place > b.place; }
};

Result<std::vector<Row>> sorted_runs(const Generation& generation, RowRange rows) {
  std::vector<Row> sorted;
  sorted.reserve(rows.size());
  std::vector<Place> run;
  for (std::uint32_t i = rows.begin; i < rows.end; ++i) {
    run.push_back({OMEN_TRY(generation.id(Row{i})), Row{i}});
    if (run.size() < kRunRows && i + 1 < rows.end) continue;
    std::sort(run.begin(), run.end());
    for (const Place& place : run) sorted.push_back(place.row);
    run.clear();
  }
  return sorted;
}

// Each id is read once more, near those that were read before it in its run.
Result<std::vector<Row>> merged_runs(const Generation& generation, const std::vector<Row>& runs) {
  std::priority_queue<RunHead, std::vector<RunHead>, std::greater<>> heads;
  for (std::size_t begin = 0; begin < runs.size(); begin += kRunRows) {
    heads.push({{OMEN_TRY(generation.id(runs[begin])), runs[begin]}, begin + 1,
                std::min<std::size_t>(begin + kRunRows, runs.size())});
  }
  std::vector<Row> sorted;
  sorted.reserve(runs.size());
  while (!heads.empty()) {
    RunHead head = heads.top();
    heads.pop();
    sorted.push_back(head.place.row);
    if (head.next == head.end) continue;
    const Row row = runs[head.next++];
    head.place = {OMEN_TRY(generation.id(row)), row};
    heads.push(head);
  }
  return sorted;
}

Result<std::vector<Row>> sorted_rows(const Generation& generation, RowRange rows) {
  std::vector<Row> runs = OMEN_TRY(sorted_runs(generation, rows));
  if (runs.size() <= kRunRows) return runs;
  return merged_runs(generation, runs);
}

std::uint32_t tail(const IdOrder& order, const View& view) {
  return view.visible - std::min(view.visible, order.covered());
}

}  // namespace

// --- IdOrder.

Result<std::shared_ptr<const IdOrder>> IdOrder::make(const Generation& generation, std::uint32_t end,
                                                     const IdOrder* shorter, MemoryBudget& budget) {
  const std::uint32_t begin = shorter == nullptr ? 0 : shorter->covered();
  const bool ascends_so_far = shorter == nullptr || shorter->rows_.empty();
  if (ascends_so_far && OMEN_TRY(ascending(generation, {begin == 0 ? 0 : begin - 1, end}))) {
    return std::shared_ptr<const IdOrder>(new IdOrder(generation.number(), end, {}, {}));
  }
  MemoryShare memory = OMEN_TRY(MemoryShare::take(budget, end, sizeof(Row)));
  const MemoryShare meanwhile = OMEN_TRY(MemoryShare::take(budget, end - begin, sizeof(Row)));
  std::vector<Row> rows = OMEN_TRY(sorted_rows(generation, {begin, end}));
  if (shorter != nullptr) rows = OMEN_TRY(shorter->with(generation, rows));
  return std::shared_ptr<const IdOrder>(new IdOrder(generation.number(), end, std::move(rows), std::move(memory)));
}

Result<bool> IdOrder::ascending(const Generation& generation, RowRange rows) {
  PointId last;
  for (std::uint32_t i = rows.begin; i < rows.end; ++i) {
    const PointId id = OMEN_TRY(generation.id(Row{i}));
    if (i > rows.begin && id < last) return false;
    last = id;
  }
  return true;
}

// Few rows among many: what lies between two of them is copied as it is.
Result<std::vector<Row>> IdOrder::with(const Generation& generation, const std::vector<Row>& sorted) const {
  std::vector<Row> rows;
  rows.reserve(covered_ + sorted.size());
  std::uint32_t begin = 0;
  const auto copy_until = [&](std::uint32_t end) {
    for (; begin < end; ++begin) rows.push_back((*this)[begin]);
  };
  for (const Row row : sorted) {
    const PointId id = OMEN_TRY(generation.id(row));
    copy_until(OMEN_TRY(first_from(generation, id, begin)));
    rows.push_back(row);
  }
  copy_until(covered_);
  return rows;
}

// In steps that double, then in halves.
Result<std::uint32_t> IdOrder::first_from(const Generation& generation, PointId id, std::uint32_t begin) const {
  std::uint64_t low = begin;  // all before it are less
  std::uint64_t step = 1;
  while (low + step < covered_ && OMEN_TRY(generation.id((*this)[static_cast<std::uint32_t>(low + step - 1)])) < id) {
    low += step;
    step *= 2;
  }
  std::uint64_t high = std::min<std::uint64_t>(low + step, covered_);
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (OMEN_TRY(generation.id((*this)[static_cast<std::uint32_t>(middle)])) < id) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return static_cast<std::uint32_t>(low);
}

// --- SharedIdOrder.

std::shared_ptr<const IdOrder> SharedIdOrder::of(const View& view) {
  std::shared_ptr<const IdOrder> order = current(view);
  if (order && tail(*order, view) <= kTailWanted) return order;

  const auto short_enough = [&] { return order && tail(*order, view) <= kTailMax; };
  const std::unique_lock making(making_, std::try_to_lock);
  if (!making) return short_enough() ? order : nullptr;
  order = current(view);
  if (order && tail(*order, view) <= kTailWanted) return order;
  {
    std::lock_guard lock(mutex_);
    if (view.generation->number() < oldest_generation_) return nullptr;
  }
  Result<std::shared_ptr<const IdOrder>> longer =
      IdOrder::make(*view.generation, view.visible, order.get(), budget_);
  if (!longer.ok() && short_enough()) return order;
  if (!longer.ok()) {
    drop();  // of no use any more
    return nullptr;
  }
  publish(*longer);
  return std::move(longer).value();
}

std::shared_ptr<const IdOrder> SharedIdOrder::current(const View& view) const {
  std::lock_guard lock(mutex_);
  return order_ && order_->generation() == view.generation->number() ? order_ : nullptr;
}

void SharedIdOrder::publish(std::shared_ptr<const IdOrder> order) {
  std::lock_guard lock(mutex_);
  if (order->generation() < oldest_generation_) return;
  oldest_generation_ = order->generation();
  order_.swap(order);  // the caller's copy: the old one goes once the lock is left
}

void SharedIdOrder::drop() {
  std::shared_ptr<const IdOrder> dropped;  // once the lock is left
  std::lock_guard lock(mutex_);
  dropped = std::move(order_);
}

void SharedIdOrder::forget_before(std::uint64_t generation) {
  std::shared_ptr<const IdOrder> dropped;  // once the lock is left
  std::lock_guard lock(mutex_);
  oldest_generation_ = std::max(oldest_generation_, generation);
  if (order_ && order_->generation() < generation) dropped = std::move(order_);
}

std::uint64_t SharedIdOrder::memory_bytes() const {
  std::lock_guard lock(mutex_);
  return order_ ? order_->memory_bytes() : 0;
}

}  // namespace omendb
