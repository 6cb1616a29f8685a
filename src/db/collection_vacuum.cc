// Vacuum: the collection is rewritten without its erased rows while searches and writes go on.
#include <algorithm>
#include <utility>

#include "base/try.h"
#include "db/collection_impl.h"

namespace omendb {
namespace {

// Erased rows cost a walk and a scan about their share of the rows; below a third the rewriting costs more.
constexpr double kErasedShareMax = 0.3;
constexpr std::uint64_t kErasedRowsMin = 16'384;

Error closed() { return {ErrorCode::Cancelled, "the database is closed"}; }

}  // namespace

Result<void> CollectionImpl::vacuum() {
  if (!keep_going()) return closed();
  std::unique_lock lock(vacuum_ending_);
  std::uint64_t wanted = vacuums_ended_ + 1;
  auto none = VacuumStage::None;
  if (!vacuum_stage_.compare_exchange_strong(none, VacuumStage::Wanted) && none != VacuumStage::Wanted) {
    vacuum_again_ = true;  // the one under way may have begun before the caller's last operation
    ++wanted;
  }
  environment_->keeper.ring();
  vacuum_ended_.wait(lock, [&] { return vacuums_ended_ >= wanted || !keep_going(); });
  if (vacuums_ended_ < wanted) return closed();
  if (vacuum_error_) return *vacuum_error_;
  return {};
}

CollectionImpl::VacuumStage CollectionImpl::vacuum_stage() const {
  return vacuum_stage_.load(std::memory_order_acquire);
}

bool CollectionImpl::vacuum_due(const View& view) const {
  const std::uint64_t erased = view.visible - view.live;
  if (erased < kErasedRowsMin || store_->read_only()) return false;
  const std::uint64_t failed_at = erased_when_vacuum_failed_.load(std::memory_order_relaxed);
  if (erased < failed_at + failed_at / 8) return false;
  return static_cast<double>(erased) >= kErasedShareMax * view.visible;
}

// Keeper.
void CollectionImpl::advance_vacuum() {
  switch (vacuum_stage()) {
    case VacuumStage::None: {
      auto none = VacuumStage::None;
      if (vacuum_due(*views_.current())) vacuum_stage_.compare_exchange_strong(none, VacuumStage::Wanted);
      return;
    }
    case VacuumStage::Wanted: {
      for (const auto& upkeep : upkeep_) upkeep->indexer.withdraw();
      if (!indexers_idle()) return;
      const Result<void> begun = begin_vacuum();
      if (!begun.ok()) end_vacuum(begun);
      return;
    }
    case VacuumStage::Copying:
      return;
    case VacuumStage::Catching: {
      const Result<bool> little_missing = catch_up();
      if (little_missing.ok() && !*little_missing) return;
      end_vacuum(little_missing.ok() ? switch_generation() : Result<void>(little_missing.error()));
      return;
    }
  }
}

// The next generation's codes, ids and graphs, less the room for graphs under construction, of which there are none
// meanwhile.
std::uint64_t CollectionImpl::vacuum_bytes(const View& view) const {
  const std::uint64_t building = view.graph_fields() * kLinksMax * sizeof(Row);  // of a row, inside bytes_per_row()
  const std::uint64_t wanted = view.live * (bytes_per_row() - building);
  const std::uint64_t spare = view.visible * building;
  return wanted > spare ? wanted - spare : 0;
}

Result<void> CollectionImpl::begin_vacuum() {
  {
    std::lock_guard one_at_a_time(checkpointing_);
    std::lock_guard writing(writer_);
    OMEN_TRY(check_open());
    const std::shared_ptr<const View> view = views_.current();
    const std::uint64_t bytes = vacuum_bytes(*view);
    OMEN_TRY(take_memory(view->live, bytes / std::max<std::uint64_t>(view->live, 1)));
    vacuum_charge_ = view->live * (bytes / std::max<std::uint64_t>(view->live, 1));
    vacuum_job_ = std::make_unique<VacuumJob>(OMEN_TRY(store_->begin_vacuum()), view);
  }
  copy_error_.reset();
  vacuum_stage_.store(VacuumStage::Copying, std::memory_order_release);
  environment_->indexer.ring();
  return {};
}

// Indexer thread.
void CollectionImpl::copy_for_vacuum(Executor& executor) {
  const Result<bool> copied = vacuum_job_->copy_step(executor, [this] { return keep_going(); });
  if (copied.ok() && !*copied) return;
  if (!copied.ok()) copy_error_ = copied.error();
  vacuum_stage_.store(VacuumStage::Catching, std::memory_order_release);
}

Result<bool> CollectionImpl::catch_up() {
  if (copy_error_) return *copy_error_;
  return vacuum_job_->catch_up();
}

Result<void> CollectionImpl::switch_generation() {
  std::lock_guard one_at_a_time(checkpointing_);
  std::lock_guard writing(writer_);
  OMEN_TRY(check_open());
  OMEN_TRY(store_->finish_vacuum(vacuum_job_->take_vacuum()));
  const StoreState state = store_->state();
  Result<std::vector<FieldView>> fields = vacuum_job_->finish(*state.generation, state.rows);
  if (!fields.ok()) {
    broken_ = Error{ErrorCode::ReadOnly, "the codes of a new generation could not be made: " + fields.error().message};
    return *broken_;
  }
  for (std::size_t field = 0; field < fields->size(); ++field) {
    (*fields)[field].live = state.live - state.generation->lacking_rows(field);
  }
  const std::uint64_t charge = state.rows * bytes_per_row();
  change_view([&](View& view) {
    field_error_.reset();
    auto field_indexes = std::make_shared<FieldIndexes>();
    for (const FieldIndex& field : *view.field_indexes) field_indexes->push_back(field.without_parts());
    view = View{state.generation, state.rows, state.live, state.lsn, std::move(fields).value(),
                sparse_views(state), std::move(field_indexes)};
  });
  environment_->budget.take_anyway(charge);
  environment_->budget.give_back(charged_bytes_);
  charged_bytes_ = charge;
  return {};
}

// Keeper, or when there is none any more.
void CollectionImpl::end_vacuum(Result<void> outcome) {
  environment_->budget.give_back(std::exchange(vacuum_charge_, 0));
  const std::unique_ptr<VacuumJob> job = std::move(vacuum_job_);
  if (job) {
    std::lock_guard writing(writer_);
    if (std::unique_ptr<Vacuum> unfinished = job->take_vacuum()) store_->abandon_vacuum(std::move(unfinished));
  }
  const std::shared_ptr<const View> view = views_.current();
  const std::uint64_t failed_at = outcome.ok() ? 0 : view->visible - view->live;
  erased_when_vacuum_failed_.store(failed_at, std::memory_order_relaxed);
  if (outcome.ok()) {
    id_order_.forget_before(view->generation->number());
    std::lock_guard one_at_a_time(checkpointing_);
    save_codes();
    for (std::size_t field = 0; field < upkeep_.size(); ++field) {
      std::lock_guard lock(upkeep_[field]->saving);
      upkeep_[field]->unsaved.reset();
      const std::shared_ptr<const Graph>& graph = view->fields[field].graph;
      if (graph) upkeep_[field]->unsaved = FinishedGraph{graph, view->generation, view->lsn};
    }
  }
  {
    std::lock_guard lock(vacuum_ending_);
    const bool again = std::exchange(vacuum_again_, false);
    vacuum_stage_.store(again ? VacuumStage::Wanted : VacuumStage::None, std::memory_order_release);
    ++vacuums_ended_;
    vacuum_error_.reset();
    if (!outcome.ok()) vacuum_error_ = outcome.error();
  }
  vacuum_ended_.notify_all();
  view_changed_.notify_all();
  call_publisher();
}

}  // namespace omendb
