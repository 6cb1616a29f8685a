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
  const FieldView& field = view.fields[0];
  return settled_rows(view.visible, field.covered(), field.codes->code_dimensions());
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
  const bool fields_lag = index_fields();
  charge_fields();
  if (!advance_vacuum()) return fields_lag ? std::optional(milliseconds(0)) : std::nullopt;
  if (fields_lag) return milliseconds(0);
  return vacuum_stage() == VacuumStage::Catching ? kCatchingInterval : kCopyingInterval;
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
  std::uint32_t rows = 0;
  {
    std::lock_guard writing(writer_);
    mark = store_->begin_checkpoint();
    rows = store_->state().rows;
  }
  OMEN_TRY(store_->finish_checkpoint(std::move(mark)));
  save_codes();
  // Derived, like codes.
  const std::shared_ptr<const View> view = views_.current();
  (void)save_field_indexes(environment_->disk, store_->identity(), *view->generation, *view->field_indexes, rows);
  return {};
}

// Codes are derived: a file that cannot be written costs the next open some time, and nothing else.
void CollectionImpl::save_codes() {
  const std::shared_ptr<const View> view = views_.current();
  for (std::size_t field = 0; field < view->fields.size(); ++field) {
    (void)view->fields[field].codes->save(environment_->disk, codes_path(*view->generation, field));
  }
}

std::optional<milliseconds> CollectionImpl::publish() {
  std::shared_lock inside(inside_);
  publisher_called_.exchange(false);
  if (auto finished = indexer_.take_finished()) publish_graph(std::move(*finished));
  const std::shared_ptr<const View> view = views_.current();
  if (covered_rows(*view) == view->visible) view_changed_.notify_all();  // a small collection settles without a graph
  if (!environment_->index_in_background || !keep_going()) return std::nullopt;
  const bool vacuuming = vacuum_stage() != VacuumStage::None;
  if (!vacuuming) {
    indexer_.assign({view, index_waiters_.load(std::memory_order_relaxed) > 0});
    environment_->indexer.ring();
  }
  const bool settled = covered_rows(*view) == view->visible && indexer_.idle();
  if (settled) return std::nullopt;
  publisher_called_.store(true);  // it comes again by itself: nobody need ring
  return kPublisherInterval;
}

void CollectionImpl::publish_graph(FinishedGraph finished) {
  bool installed = false;
  change_view([&](View& view) {
    if (view.generation != finished.generation) return;  // a vacuum has switched: its rows are others
    view.fields[0].graph = finished.graph;
    installed = true;
  });
  if (!installed) return;
  view_changed_.notify_all();
  std::lock_guard lock(saving_);
  unsaved_ = std::move(finished);
}

std::optional<milliseconds> CollectionImpl::link(Executor& executor) {
  std::shared_lock inside(inside_);
  if (!keep_going()) return std::nullopt;
  if (vacuum_stage() == VacuumStage::Copying) {
    copy_for_vacuum(executor);
    return milliseconds(0);
  }
  const auto pause = [this] { return keep_going(); };
  const bool more = indexer_.step(executor, pause);
  save_graph_if_due(!more);
  if (more) return milliseconds(0);
  std::lock_guard lock(saving_);
  if (unsaved_) return milliseconds(1000);
  return std::nullopt;
}

bool CollectionImpl::graph_save_due(const FinishedGraph& unsaved, bool settled) const {
  if (store_->durable_lsn() < unsaved.lsn) return false;  // the flusher sees to it; this thread may not
  if (unsaved.generation->number() != saved_generation_) return true;
  const std::uint32_t covered = unsaved.graph->covered();
  if (covered - saved_covered_ >= covered / kSaveShare) return true;
  return settled && (!saved_at_ || environment_->clock.now() - *saved_at_ >= kSaveInterval);
}

void CollectionImpl::save_graph_if_due(bool settled) {
  FinishedGraph graph;
  {
    std::lock_guard lock(saving_);
    if (!unsaved_ || !graph_save_due(*unsaved_, settled)) return;
    graph = *std::exchange(unsaved_, std::nullopt);
  }
  saved_at_ = environment_->clock.now();
  if (!save_graph(environment_->disk, store_->identity(), *graph.generation, 0, *graph.graph).ok()) return;
  saved_generation_ = graph.generation->number();
  saved_covered_ = graph.graph->covered();
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
  if (!environment_->index_in_background) {
    return Error{ErrorCode::Unsupported, "the database was opened without background indexing"};
  }
  const auto reached = [&] {
    const std::shared_ptr<const View> view = views_.current();
    return covered_rows(*view) >= (view->generation->number() == generation ? target : view->visible);
  };
  index_waiters_.fetch_add(1, std::memory_order_relaxed);
  environment_->publisher.ring();
  std::unique_lock lock(publishing_);
  timeout = std::min<milliseconds>(timeout, kLongestWait);
  const bool in_time = view_changed_.wait_for(lock, timeout, [&] { return reached() || !keep_going(); });
  index_waiters_.fetch_sub(1, std::memory_order_relaxed);
  if (in_time && !reached()) return Error{ErrorCode::Cancelled, "the database is closed"};
  return in_time;
}

Progress CollectionImpl::progress() const {
  const std::shared_ptr<const View> view = views_.current();
  const IndexerReport report = indexer_.report();
  Progress progress;
  progress.accepted = view->visible;
  progress.covered = covered_rows(*view);
  progress.tail = progress.accepted - progress.covered;
  progress.rows_per_second = report.rows_per_second;
  progress.ids_ready = store_->ids_ready();
  const double code_bytes = view->fields[0].codes->code_dimensions() / 8.0 + 12;
  progress.tail_scan = std::chrono::microseconds(
      static_cast<std::int64_t>(static_cast<double>(progress.tail) * code_bytes / kScanBytesPerSecond * 1e6));
  if (progress.tail == 0) return progress;

  progress.state = report.state;
  progress.reason = report.reason;
  if (!environment_->index_in_background) {
    progress.state = IndexState::Stopped;
    progress.reason = "background indexing is switched off";
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
  stats.memory.codes = view->visible * view->fields[0].codes->bytes_per_row();
  stats.memory.graph = view->fields[0].graph ? view->fields[0].graph->memory_bytes() : 0;
  stats.memory.ids = view->generation->id_map_bytes();
  stats.memory.erasures = view->visible * sizeof(Lsn);
  for (const FieldIndex& field : *view->field_indexes) stats.memory.fields += field.memory_bytes();
  stats.memory.building = indexer_.report().building_bytes;
  const SearchEffort effort = view->fields[0].effort();
  stats.measured = {.queries = effort.queries,
                    .rows = effort.covered,
                    .ef = effort.for_10.ef,
                    .recall_at_10 = effort.for_10.recall};
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
  if (auto finished = indexer_.take_finished()) publish_graph(std::move(*finished));
  Result<void> ended = store_->read_only() ? Result<void>(*store_->read_only()) : flush();
  if (ended.ok()) ended = checkpoint_now();
  if (ended.ok()) {
    saved_at_.reset();
    save_graph_if_due(true);
  }
  std::lock_guard writing(writer_);
  if (ended.ok()) ended = store_->mark_durable();
  store_->close();
  return ended;
}

}  // namespace omendb
