// IdOrder: the rows of one generation in ascending order of their ids, so that a page that begins at an id costs what
// it holds and not what the collection does.
//
// Derived, immutable and in memory only. Erased and replaced rows stay in it until a vacuum drops the whole: a row
// counts only if it lives in the reader's View, and an order may cover more rows than that View has.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/row.h"
#include "db/memory_budget.h"
#include "db/view.h"
#include "storage/generation.h"

namespace omendb {

// A row and what it is called.
struct Place {
  PointId id;
  Row row;
  friend auto operator<=>(const Place&, const Place&) = default;
};

class IdOrder {
 public:
  // Of the rows [0, end): those behind `shorter`, if there is one of the same generation, are put between its rows.
  //   OutOfBudget  Corruption
  static Result<std::shared_ptr<const IdOrder>> make(const Generation& generation, std::uint32_t end,
                                                     const IdOrder* shorter, MemoryBudget& budget);

  std::uint64_t generation() const { return generation_; }
  std::uint32_t covered() const { return covered_; }
  std::uint64_t memory_bytes() const { return rows_.size() * sizeof(Row); }

  // The row at a place below covered().
  Row operator[](std::uint32_t place) const { return rows_.empty() ? Row{place} : rows_[place]; }

  // The first place from `begin` on, before which all ids are less. Reads twice the way's logarithm of rows.
  Result<std::uint32_t> first_from(const Generation& generation, PointId id, std::uint32_t begin = 0) const;

 private:
  IdOrder(std::uint64_t generation, std::uint32_t covered, std::vector<Row> rows, MemoryShare memory)
      : generation_(generation), covered_(covered), rows_(std::move(rows)), memory_(std::move(memory)) {}

  static Result<bool> ascending(const Generation& generation, RowRange rows);
  Result<std::vector<Row>> with(const Generation& generation, const std::vector<Row>& sorted) const;

  std::uint64_t generation_;
  std::uint32_t covered_;
  std::vector<Row> rows_;  // empty while ids ascend with the rows
  MemoryShare memory_;
};

// The order that the readers of a collection share: made by the first that asks for it, and extended by one that finds
// many rows behind it.
class SharedIdOrder {
 public:
  explicit SharedIdOrder(MemoryBudget& budget) : budget_(budget) {}

  // An order of the View's generation, at most kTailMax rows of the View behind it. Null if there is none for now: memory is
  // short, another reader is making it, or the View is of an older generation.
  std::shared_ptr<const IdOrder> of(const View& view);

  // Gives its memory back, for somebody who needs it more, once the last reader is done.
  void drop();

  // Those of older generations are dropped, and none is made any more.
  void forget_before(std::uint64_t generation);

  std::uint64_t memory_bytes() const;

  // So many rows behind the order are sorted for each page; more make it longer, by a copy of 4 bytes a row.
  static constexpr std::uint32_t kTailWanted = 2'048;
  static constexpr std::uint32_t kTailMax = 32'768;

 private:
  std::shared_ptr<const IdOrder> current(const View& view) const;
  void publish(std::shared_ptr<const IdOrder> order);

  MemoryBudget& budget_;

  std::mutex making_;  // held while one is made; nothing else is taken under it but mutex_

  mutable std::mutex mutex_;  // held for a pointer copy only
  std::shared_ptr<const IdOrder> order_;
  std::uint64_t oldest_generation_ = 0;
};

}  // namespace omendb
