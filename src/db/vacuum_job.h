// A vacuum under way: the next generation's rows, codes and graph, made beside the running collection.
//
//   Copying   indexer thread: live rows of the frozen View are copied and encoded, the graph is carried over
//   Catching  keeper: what the log received since is applied, until little is missing
//   then the keeper finishes in the writer's turn and publishes
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "db/view.h"
#include "graph/graph_builder.h"
#include "os/executor.h"
#include "storage/store.h"

namespace omendb {

class VacuumJob {
 public:
  VacuumJob(std::unique_ptr<Vacuum> vacuum, std::shared_ptr<const View> frozen) noexcept
      : vacuum_(std::move(vacuum)), frozen_(std::move(frozen)) {}

  // Indexer thread. A piece of the copying; true once all of it is done.
  Result<bool> copy_step(Executor& executor, FunctionRef<bool()> pause);

  // Keeper, after copying. True once little enough is missing to be finished in the writer's turn.
  Result<bool> catch_up();

  // Keeper, in the writer's turn: the vacuum for Store::finish_vacuum() or abandon_vacuum().
  std::unique_ptr<Vacuum> take_vacuum() { return std::move(vacuum_); }

  // Keeper, in the writer's turn, after finish_vacuum(): the fields of the first View of the new generation.
  Result<std::vector<FieldView>> finish(const Generation& generation, std::uint32_t rows);

  const View& frozen() const { return *frozen_; }

 private:
  Result<void> make_code_tables();
  Result<void> encode(const Generation& generation, std::uint32_t rows, Executor* executor);
  Result<void> carry_graphs_over(Executor& executor, FunctionRef<bool()> pause);

  std::unique_ptr<Vacuum> vacuum_;
  std::shared_ptr<const View> frozen_;
  std::vector<FieldView> fields_;  // of the new generation
  std::uint64_t missing_ = std::numeric_limits<std::uint64_t>::max();  // records, after the last round
};

}  // namespace omendb
