// What goes on behind readers and writers: flushing, checkpoints, linking the tail, publishing and saving graphs.
#include <algorithm>
#include <utility>

#include "base/try.h"
#include "db/codes.h"
#include "db/collection_impl.h"
#include "db/field_files.h"
#include "db/graph_checkpoint.h"
#include "db/router.h"

namespace omendb {
namespace {

using std::chrono::milliseconds;

// Half of the 200 ms within which an accepted write is on disk: what one look finds, the next one flushes.
constexpr milliseconds kFlusherInterval{100};

// Between looks at a vacuum under way. The indexer thread, which copies, may not ring; catching up is the keeper's own.
constexpr milliseconds kCopyingInterval{10};
constexpr milliseconds kCatchingInterval{1};

// How long a finished graph may lie before it is published. The indexer may not ring: its class of thread must hold no
// lock that others wait for.
constexpr milliseconds kPublisherInterval{5};

// A graph is saved again once it covers an eighth more: what a crash leaves to be linked again stays short, and so does
// the time spent writing. A settled graph is saved after a while in any case.
constexpr std::uint32_t kSaveShare = 8;
constexpr std::chrono::seconds kSaveInterval{15};

// Reading codes from memory, measured on one core; the estimate of progress() only.
constexpr double kScanBytesPerSecond = 20e9;

MeasuredRecall measured_recall(const SearchEffort& effort) {
  return {.queries = effort.queries,
          .rows = effort.covered,
          .ef = effort.for_10.ef,
          .recall_at_10 = effort.for_10.recall};
}

// Takes the outcome of checking a derived file into the report. One that is not there is no damage.
void note_verified(const Result<std::uint64_t>& bytes, VerifyReport& report) {
  if (!bytes.ok() && bytes.error().code == ErrorCode::NotFound) return;
  ++report.files;
  if (bytes.ok()) {
    report.bytes += *bytes;
  } else {
    const Error& error = bytes.error();
    report.damage.push_back({error.code, error.message + " (the file is derived, and made again at the next open)"});
  }
}

}  // namespace

std::uint32_t CollectionImpl::covered_rows(const View& view) const {
  std::uint32_t covered = view.visible;
  for (const FieldView& field : view.fields) {
    covered = std::min(covered, settled_rows(view.visible, field.covered(), field.codes->code_dimensions()));
  }
  return covered;
}

bool CollectionImpl::indexers_idle() const {
  return std::all_of(upkeep_.begin(), upkeep_.end(), [](const auto& upkeep) { return upkeep->indexer.idle(); });
}

void CollectionImpl::pause_indexing(bool paused) {
  {
    std::lock_guard lock(publishing_);
    paused_.store(paused, std::memory_order_relaxed);
  }
  view_changed_.notify_all();  // whoever waits for the index is told
  call_publisher();
}

Result<void> CollectionImpl::check_indexing() const {
  if (!environment_->index_in_background) {
    return Error{ErrorCode::Unsupported, "the database was opened without background indexing"};
  }
  if (paused_.load(std::memory_order_relaxed)) return Error{ErrorCode::Unsupported, "indexing is paused"};
  return {};
}

std::optional<milliseconds> CollectionImpl::flush_behind() {
  std::shared_lock inside(inside_);
  if (!keep_going()) return std::nullopt;
  const Clock::time_point now = environment_->clock.now();
  if (looked_at_ && now - *looked_at_ < kFlusherInterval) {
    return std::chrono::ceil<milliseconds>(kFlusherInterval - (now - *looked_at_));
  }
  looked_at_ = now;
  flusher_called_.exchange(false);
  const bool unsettled = flush_accepted();
  store_->prepare();
  if (store_->checkpoint_due() || vacuum_due(*views_.current())) environment_->keeper.ring();
  if (unsettled) return kFlusherInterval;
  return std::nullopt;
}

std::optional<milliseconds> CollectionImpl::keep() {
  std::shared_lock inside(inside_);
  if (!keep_going()) return std::nullopt;
  if (!store_->ids_ready() && !std::exchange(ids_tried_, true)) {
    const Result<void> loaded = store_->load_ids();
    if (!loaded.ok()) {
      std::lock_guard writing(writer_);
      broken_ = Error{ErrorCode::ReadOnly, "the ids could not be read: " + loaded.error().message};
    }
  }
  // A checkpoint that fails has said so to the store, which takes no more writes; there is nobody else to tell.
  if (store_->checkpoint_due() && !store_->read_only()) (void)checkpoint_now();
  keeper_called_.exchange(false);
  advance_vacuum();  // before the indexes, which are empty after it
  const bool fields_lag = index_fields();
  const bool lag = index_sparse() || fields_lag;
  charge_fields();
  const VacuumStage stage = vacuum_stage();
  if (lag) return milliseconds(0);
  if (stage == VacuumStage::None) return std::nullopt;
  return stage == VacuumStage::Catching ? kCatchingInterval : kCopyingInterval;
}

// True while something is left to flush or to mark.
bool CollectionImpl::flush_accepted() {
  if (store_->read_only()) return false;
  const Lsn lsn = views_.current()->lsn;
  const bool quiet = lsn == seen_lsn_;
  const Lsn seen_before = std::exchange(seen_lsn_, lsn);
  if (store_->durable_lsn() < seen_before) (void)store_->sync(seen_before);  // a failure is final; the store keeps it
  if (marked_lsn_ == lsn) return false;
  if (!quiet || store_->durable_lsn() < lsn) return true;
  std::lock_guard writing(writer_);
  (void)store_->mark_durable();
  marked_lsn_ = lsn;
  return false;
}

Result<void> CollectionImpl::checkpoint() {
  if (!keep_going()) return Error{ErrorCode::ReadOnly, "the database is closed"};
  OMEN_TRY(flush());
  return checkpoint_now();
}

Result<void> CollectionImpl::checkpoint_now() {
  std::lock_guard one_at_a_time(checkpointing_);
  std::unique_ptr<Checkpoint> mark;
  Checkpointed here;
  {
    std::lock_guard writing(writer_);
    mark = store_->begin_checkpoint();
    const StoreState state = store_->state();
    here = {state.rows, state.generation->payload_changes()};
  }
  OMEN_TRY(store_->finish_checkpoint(std::move(mark)));
  save_codes();
  // Derived, like codes.
  const std::shared_ptr<const View> view = views_.current();
  (void)save_field_indexes(environment_->disk, store_->identity(), *view->generation, *view->field_indexes, here);
  return {};
}

// Codes are derived: a file that cannot be written costs the next open some time, and nothing else.
void CollectionImpl::save_codes() {
  const std::shared_ptr<const View> view = views_.current();
  for (std::size_t field = 0; field < view->fields.size(); ++field) {
    (void)view->fields[field].codes->save(environment_->disk, codes_path(*view->generation, field));
  }
}

void CollectionImpl::call_publisher() {
  if (environment_->index_in_background && !publisher_called_.exchange(true)) environment_->publisher.ring();
}

// Another collection's bell may have rung: of a thousand that rest, each costs a look at one word.
std::optional<milliseconds> CollectionImpl::publish() {
  if (!publisher_called_.exchange(false)) return std::nullopt;
  std::shared_lock inside(inside_);
  publish_finished();
  const std::shared_ptr<const View> view = views_.current();
  if (covered_rows(*view) == view->visible) view_changed_.notify_all();  // a small collection settles without a graph
  if (!environment_->index_in_background || !keep_going()) return std::nullopt;
  const bool vacuuming = vacuum_stage() != VacuumStage::None;
  const bool paused = paused_.load(std::memory_order_relaxed);
  for (const auto& upkeep : upkeep_) {
    if (paused) upkeep->indexer.withdraw();
    else if (!vacuuming) upkeep->indexer.assign({view, index_waiters_.load(std::memory_order_relaxed) > 0});
  }
  environment_->indexer.ring();
  const bool settled = (paused || covered_rows(*view) == view->visible) && indexers_idle();
  if (settled) {
    for (const auto& upkeep : upkeep_) upkeep->indexer.withdraw();  // it keeps no View of what has nothing to link
    return std::nullopt;
  }
  publisher_called_.exchange(true);  // it comes again by itself: nobody need ring
  return kPublisherInterval;
}

void CollectionImpl::publish_finished() {
  for (std::size_t field = 0; field < upkeep_.size(); ++field) {
    if (auto finished = upkeep_[field]->indexer.take_finished()) publish_graph(field, std::move(*finished));
  }
}

void CollectionImpl::publish_graph(std::size_t field, FinishedGraph finished) {
  bool installed = false;
  change_view([&](View& view) {
    if (view.generation != finished.generation) return;  // a vacuum has switched: its rows are others
    view.fields[field].graph = finished.graph;
    installed = true;
  });
  if (!installed) return;
  view_changed_.notify_all();
  std::lock_guard lock(upkeep_[field]->saving);
  upkeep_[field]->unsaved = std::move(finished);
}

std::optional<milliseconds> CollectionImpl::link(Executor& executor) {
  std::shared_lock inside(inside_);
  if (!keep_going()) return std::nullopt;
  if (vacuum_stage() == VacuumStage::Copying) {
    copy_for_vacuum(executor);
    return milliseconds(0);
  }
  const auto pause = [this] { return keep_going() && !paused_.load(std::memory_order_relaxed); };
  bool more = false;
  bool unsaved = false;
  for (std::size_t field = 0; field < upkeep_.size(); ++field) {
    const bool more_here = upkeep_[field]->indexer.step(executor, pause);
    unsaved = save_graph_if_due(field, !more_here) || unsaved;
    more = more || more_here;
  }
  if (more) return milliseconds(0);
  return unsaved ? std::optional(milliseconds(1000)) : std::nullopt;
}

bool CollectionImpl::graph_save_due(const FieldUpkeep& upkeep, const FinishedGraph& unsaved, bool settled) const {
  if (store_->durable_lsn() < unsaved.lsn) return false;  // the flusher sees to it; this thread may not
  if (unsaved.generation->number() != upkeep.saved_generation) return true;
  const std::uint32_t covered = unsaved.graph->covered();
  if (covered - upkeep.saved_covered >= covered / kSaveShare) return true;
  return settled && (!upkeep.saved_at || environment_->clock.now() - *upkeep.saved_at >= kSaveInterval);
}

// True while a graph is left to save.
bool CollectionImpl::save_graph_if_due(std::size_t field, bool settled) {
  FieldUpkeep& upkeep = *upkeep_[field];
  FinishedGraph graph;
  {
    std::lock_guard lock(upkeep.saving);
    if (!upkeep.unsaved) return false;
    if (!graph_save_due(upkeep, *upkeep.unsaved, settled)) return true;
    graph = *std::exchange(upkeep.unsaved, std::nullopt);
  }
  upkeep.saved_at = environment_->clock.now();
  if (!save_graph(environment_->disk, store_->identity(), *graph.generation, field, *graph.graph).ok()) return false;
  upkeep.saved_generation = graph.generation->number();
  upkeep.saved_covered = graph.graph->covered();
  return false;
}

Result<bool> CollectionImpl::wait_indexed(milliseconds timeout) {
  // Numbers, not the View itself: the indexer waits for old Views before it makes another graph.
  std::uint64_t generation = 0;
  std::uint32_t target = 0;
  {
    const std::shared_ptr<const View> view = views_.current();
    if (covered_rows(*view) >= view->visible) return true;
    generation = view->generation->number();
    target = view->visible;
  }
  OMEN_TRY(check_indexing());
  const auto reached = [&] {
    const std::shared_ptr<const View> view = views_.current();
    return covered_rows(*view) >= (view->generation->number() == generation ? target : view->visible);
  };
  index_waiters_.fetch_add(1, std::memory_order_relaxed);
  call_publisher();
  std::unique_lock lock(publishing_);
  timeout = std::min<milliseconds>(timeout, kLongestWait);
  const bool in_time = view_changed_.wait_for(
      lock, timeout, [&] { return reached() || paused_.load(std::memory_order_relaxed) || !keep_going(); });
  index_waiters_.fetch_sub(1, std::memory_order_relaxed);
  if (!in_time || reached()) return in_time;
  OMEN_TRY(check_indexing());
  return Error{ErrorCode::Cancelled, "the database is closed"};
}

// Of the vector field that is furthest behind.
Progress CollectionImpl::progress() const {
  const std::shared_ptr<const View> view = views_.current();
  Progress progress;
  progress.accepted = view->visible;
  progress.covered = covered_rows(*view);
  progress.tail = progress.accepted - progress.covered;
  progress.ids_ready = store_->ids_ready();
  IndexerReport report;
  for (std::size_t field = 0; field < upkeep_.size(); ++field) {
    const CodeTable& codes = *view->fields[field].codes;
    if (settled_rows(view->visible, view->fields[field].covered(), codes.code_dimensions()) != progress.covered) continue;
    report = upkeep_[field]->indexer.report();
    const double code_bytes = codes.code_dimensions() / 8.0 + 12;
    progress.tail_scan = std::chrono::microseconds(
        static_cast<std::int64_t>(static_cast<double>(progress.tail) * code_bytes / kScanBytesPerSecond * 1e6));
    break;
  }
  progress.rows_per_second = report.rows_per_second;
  if (progress.tail == 0) return progress;

  progress.state = report.state;
  progress.reason = report.reason;
  if (!environment_->index_in_background) {
    progress.state = IndexState::Stopped;
    progress.reason = "background indexing is switched off";
  } else if (paused_.load(std::memory_order_relaxed)) {
    progress.state = IndexState::Stopped;
    progress.reason = "indexing is paused";
  } else if (vacuum_stage() != VacuumStage::None) {
    progress.state = IndexState::Waiting;
    progress.reason = "a vacuum rewrites the collection";
  } else if (progress.state == IndexState::Settled) {
    progress.state = IndexState::Indexing;  // the indexer has not looked since the last rows came
  }
  if (report.rows_per_second > 0 && progress.state != IndexState::Stopped) {
    progress.eta =
        milliseconds(static_cast<std::int64_t>(1000 * static_cast<double>(progress.tail) / report.rows_per_second));
  }
  return progress;
}

Stats CollectionImpl::stats() const {
  const std::shared_ptr<const View> view = views_.current();
  Stats stats;
  stats.points = view->live;
  stats.rows = view->visible;
  stats.generation = view->generation->number();
  stats.lsn = view->lsn;
  stats.durable_lsn = store_->durable_lsn();
  stats.checkpoint_lsn = store_->checkpoint_lsn();
  stats.disk_bytes = store_->disk_bytes();
  stats.log_bytes = store_->log_bytes();
  for (std::size_t f = 0; f < view->fields.size(); ++f) {
    const FieldView& field = view->fields[f];
    stats.memory.codes += view->visible * field.codes->bytes_per_row();
    stats.memory.graph += field.graph ? field.graph->memory_bytes() : 0;
    stats.memory.building += upkeep_[f]->indexer.report().building_bytes;
    if (stats.measured.queries == 0) stats.measured = measured_recall(field.effort());
  }
  stats.memory.ids = view->generation->id_map_bytes() + id_order_.memory_bytes();
  stats.memory.erasures = view->generation->erasure_bytes();
  for (const FieldIndex& field : *view->field_indexes) stats.memory.fields += field.memory_bytes();
  for (const SparseFieldView& field : view->sparse) stats.memory.sparse += field.index->memory_bytes();
  stats.read_only = store_->read_only();
  if (!stats.read_only) {
    std::lock_guard writing(writer_);
    stats.read_only = broken_;
  }
  return stats;
}

Result<VerifyReport> CollectionImpl::verify() const {
  VerifyReport report = OMEN_TRY(store_->verify());
  std::lock_guard one_at_a_time(checkpointing_);  // codes are saved under it
  const std::shared_ptr<const View> view = views_.current();
  const auto& fields = view->generation->schema().fields;
  for (std::size_t field = 0; field < fields.size(); ++field) {
    const std::string codes = codes_path(*view->generation, field);
    note_verified(CodeTable::verify(fields[field], environment_->disk, codes), report);
    for (const auto& bytes : verify_graphs(environment_->disk, store_->identity(), *view->generation, field)) {
      note_verified(bytes, report);
    }
  }
  for (const auto& bytes : verify_field_files(environment_->disk, store_->identity(), *view->generation,
                                              *view->field_indexes)) {
    note_verified(bytes, report);
  }
  return report;
}

void CollectionImpl::stop() {
  stopping_.store(true, std::memory_order_relaxed);
  {
    std::lock_guard lock(publishing_);
  }
  view_changed_.notify_all();
  {
    std::lock_guard lock(vacuum_ending_);
  }
  vacuum_ended_.notify_all();
}

void CollectionImpl::leave() {
  std::unique_lock alone(inside_);
  if (!store_->ids_ready()) (void)store_->load_ids();  // whoever waits for them still gets an answer
  if (vacuum_stage() != VacuumStage::None) end_vacuum(Error{ErrorCode::Cancelled, "the database is closed"});
}

Result<void> CollectionImpl::close() {
  leave();
  publish_finished();
  Result<void> ended = store_->read_only() ? Result<void>(*store_->read_only()) : flush();
  if (ended.ok()) ended = checkpoint_now();
  for (std::size_t field = 0; ended.ok() && field < upkeep_.size(); ++field) {
    upkeep_[field]->saved_at.reset();
    (void)save_graph_if_due(field, true);
  }
  std::lock_guard writing(writer_);
  if (ended.ok()) ended = store_->mark_durable();
  store_->close();
  return ended;
}

}  // namespace omendb
