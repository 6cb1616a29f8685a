#include "db/indexer.h"

#include <algorithm>
#include <utility>

#include "base/try.h"
#include "db/router.h"

namespace omendb {
namespace {

// A graph is copied to be extended, 128 bytes a row, so it is extended by a share of its size at a time: the copying
// then stays a few percent of the linking. A tail of 1/128 costs a scan under a tenth of the walk.
constexpr std::uint32_t kTailShareToStart = 128;
constexpr std::uint32_t kTailRowsToStart = 1'024;

// While rows come slower than that, the tail is linked at the latest after this long.
constexpr std::chrono::seconds kTailAgeMax{5};

// In a backlog a graph is published each time it has grown by an eighth, so that searches profit while it lasts.
constexpr std::uint32_t kPublishShare = 8;
constexpr std::uint32_t kPublishRowsMin = 8'192;

// How wide walks must be grows with the logarithm of the rows: it is measured again when a backlog has grown the graph by
// half, and when nothing is left to link and the graph has grown by a tenth.
constexpr std::uint32_t kMeasureShare = 2;
constexpr std::uint32_t kMeasureSettledShare = 10;

}  // namespace

void Indexer::assign(IndexTask task) {
  std::lock_guard lock(handover_);
  task_ = std::move(task);
}

void Indexer::withdraw() {
  std::lock_guard lock(handover_);
  task_.reset();
}

std::optional<FinishedGraph> Indexer::take_finished() {
  std::lock_guard lock(handover_);
  return std::exchange(finished_, std::nullopt);
}

bool Indexer::idle() const {
  std::lock_guard lock(handover_);
  return !building_ && !finished_;
}

IndexerReport Indexer::report() const {
  std::lock_guard lock(handover_);
  return report_;
}

bool Indexer::step(Executor& executor, FunctionRef<bool()> pause) {
  {
    std::lock_guard lock(handover_);
    if (finished_) return false;  // the next View comes with the graph published
    if (task_) at_work_ = task_;
    if (!task_ && !builder_) return false;
    building_ = true;  // under the lock that the task was taken under: idle() is never wrong
  }
  if (builder_ && generation_ != at_work_->view->generation) builder_.reset();
  if (builder_ || start(*at_work_)) return build(*at_work_, executor, pause);
  at_work_.reset();
  std::lock_guard lock(handover_);
  building_ = false;
  return false;
}

bool Indexer::start(const IndexTask& task) {
  const View& view = *task.view;
  const FieldView& field = view.fields[field_];
  const std::uint32_t tail = view.visible - field.covered();
  const bool small =
      field.graph == nullptr && view.visible <= rows_settled_without_graph(field.codes->code_dimensions());
  if (tail == 0 || small) {
    waiting_since_.reset();
    note(IndexState::Settled, "");
    return false;
  }

  if (!waiting_since_) waiting_since_ = clock_.now();
  const bool enough = tail >= std::max(kTailRowsToStart, field.covered() / kTailShareToStart);
  const bool old = clock_.now() - *waiting_since_ >= kTailAgeMax;
  if (!enough && !old && !task.urgent) {
    note(IndexState::Waiting, "gathering rows: the tail is still too short to be worth a new graph");
    return false;
  }
  if (!previous_.expired()) {
    note(IndexState::Waiting, "a search still reads the graph before last, and at most two are kept");
    return false;
  }

  Result<GraphBuilder> builder = GraphBuilder::extend(field.graph.get(), *field.codes, BuildOptions{});
  if (!builder.ok()) {
    note(IndexState::Waiting, builder.error().message);
    return false;
  }
  builder_.emplace(std::move(builder).value());
  generation_ = view.generation;
  base_covered_ = field.covered();
  target_ = std::min(view.visible, base_covered_ + std::max(kPublishRowsMin, base_covered_ / kPublishShare));
  lsn_ = view.lsn;
  waiting_since_.reset();
  return true;
}

bool Indexer::build(const IndexTask& task, Executor& executor, FunctionRef<bool()> pause) {
  note(IndexState::Indexing, "");
  const std::uint32_t begin = builder_->covered();
  const std::uint32_t end = std::min(target_, begin + builder_->next_batch_rows());
  const Clock::time_point started = clock_.now();
  const Result<void> added = builder_->add_batch(end, task.view->live_rows(field_), executor, pause);
  if (!added.ok()) {
    give_up(added.error().code == ErrorCode::Cancelled ? IndexState::Stopped : IndexState::Waiting,
            added.error().message);
    return false;
  }
  note_rate(end - begin, started);
  if (end < target_) return true;
  if (effort_due(*task.view)) {
    const Result<void> measured = measure_effort(*task.view, executor, pause);
    if (!measured.ok() && measured.error().code == ErrorCode::Cancelled) {
      give_up(IndexState::Stopped, measured.error().message);
      return false;
    }
  }
  finish();
  return true;
}

bool Indexer::effort_due(const View& view) const {
  const std::uint32_t before = builder_->effort().covered;
  const std::uint32_t covered = builder_->covered();
  const std::uint32_t share = covered == view.visible ? kMeasureSettledShare : kMeasureShare;
  return covered - std::min(covered, before) >= before / share;
}

// Vectors that cannot be read are found by whoever needs them; the effort stays as it was.
Result<void> Indexer::measure_effort(const View& view, Executor& executor, FunctionRef<bool()> pause) {
  const std::uint32_t covered = builder_->covered();
  OMEN_TRY(generation_->check_vectors(field_, {0, covered}));
  const EffortSample sample{.codes = *view.fields[field_].codes,
                            .field = generation_->schema().fields[field_],
                            .vectors = generation_->vectors(field_),
                            .live = view.live_rows(field_)};
  const double live_share = static_cast<double>(view.fields[field_].live) / view.visible;
  return builder_->measure_effort(sample, widest_walk(covered * live_share), executor, pause);
}

void Indexer::finish() {
  std::shared_ptr<const Graph> graph = std::move(*builder_).build();
  builder_.reset();
  previous_ = std::exchange(published_, graph);
  std::lock_guard lock(handover_);
  building_ = false;
  report_.building_bytes = 0;
  finished_ = FinishedGraph{std::move(graph), std::exchange(generation_, nullptr), lsn_};
  task_.reset();
  at_work_.reset();
}

void Indexer::give_up(IndexState state, std::string reason) {
  builder_.reset();
  at_work_.reset();
  note(state, std::move(reason));
  std::lock_guard lock(handover_);
  building_ = false;
  report_.building_bytes = 0;
}

void Indexer::note(IndexState state, std::string reason) {
  const std::uint64_t bytes = builder_ ? builder_->memory_bytes() : 0;
  std::lock_guard lock(handover_);
  report_.state = state;
  report_.reason = std::move(reason);
  report_.building_bytes = bytes;
}

void Indexer::note_rate(std::uint32_t rows, Clock::time_point begin) {
  const double seconds = std::chrono::duration<double>(clock_.now() - begin).count();
  if (seconds <= 0) return;
  const double rate = rows / seconds;
  std::lock_guard lock(handover_);
  report_.rows_per_second = report_.rows_per_second == 0 ? rate : 0.7 * report_.rows_per_second + 0.3 * rate;
}

}  // namespace omendb
