#include "db/vacuum_job.h"

#include <algorithm>

#include "base/try.h"
#include "db/codes.h"

namespace omendb {
namespace {

// Some 5 ms of copying and encoding at a time.
constexpr std::uint32_t kRowsPerStep = 4'096;

// Records the writer's turn can apply in a few milliseconds.
constexpr std::uint64_t kRecordsToFinishWith = 16;

}  // namespace

Result<bool> VacuumJob::copy_step(Executor& executor, FunctionRef<bool()> pause) {
  if (fields_.empty()) OMEN_TRY(make_code_tables());
  const bool copied = OMEN_TRY(vacuum_->copy(kRowsPerStep));
  OMEN_TRY(encode(*vacuum_->generation(), vacuum_->rows(), &executor));
  if (!copied) return false;
  OMEN_TRY(carry_graphs_over(executor, pause));
  return true;
}

Result<bool> VacuumJob::catch_up() {
  const std::uint64_t missing = OMEN_TRY(vacuum_->catch_up());
  OMEN_TRY(encode(*vacuum_->generation(), vacuum_->rows(), nullptr));
  // Under a steady stream of writes each round leaves about as much as it took: waiting longer gains nothing.
  const bool shrinks = missing < missing_ / 2;
  missing_ = missing;
  return missing <= kRecordsToFinishWith || !shrinks;
}

Result<std::vector<FieldView>> VacuumJob::finish(const Generation& generation, std::uint32_t rows) {
  OMEN_TRY(encode(generation, rows, nullptr));
  return std::move(fields_);
}

Result<void> VacuumJob::make_code_tables() {
  for (const VectorField& field : frozen_->generation->schema().fields) {
    fields_.push_back({OMEN_TRY(CodeTable::create(field, kCodeSeed, frozen_->visible)), nullptr});
  }
  return {};
}

Result<void> VacuumJob::encode(const Generation& generation, std::uint32_t rows, Executor* executor) {
  for (std::size_t field = 0; field < fields_.size(); ++field) {
    OMEN_TRY(encode_rows(generation, field, rows, *fields_[field].codes, executor));
  }
  return {};
}

Result<void> VacuumJob::carry_graphs_over(Executor& executor, FunctionRef<bool()> pause) {
  const std::span<const Row> moved_to = vacuum_->moved_to();
  for (std::size_t field = 0; field < fields_.size(); ++field) {
    const std::shared_ptr<const Graph>& graph = frozen_->fields[field].graph;
    if (!graph || !fields_[field].codes->coded(fields_[field].codes->rows())) continue;
    const auto kept = std::count_if(moved_to.begin(), moved_to.begin() + graph->covered(),
                                    [](Row row) { return row != kNoRow; });
    if (kept == 0) continue;
    fields_[field].graph = OMEN_TRY(remap_graph(*graph, moved_to, *fields_[field].codes,
                                                static_cast<std::uint32_t>(kept), BuildOptions{}, executor, pause));
  }
  return {};
}

}  // namespace omendb
