// The indexer of one vector field: extends a private copy of the graph over the tail, in the background.
//
// A state machine with a step(); its thread is a loop around it, and tests call it themselves. It runs on threads of
// the lowest scheduling class, which may be stopped anywhere for long, so it shares no lock with readers or the writer:
// the publisher, a normal thread, hands it Views and takes the finished graphs from it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "db/view.h"
#include "graph/graph_builder.h"
#include "os/clock.h"
#include "os/executor.h"

namespace omendb {

// What the publisher hands over.
struct IndexTask {
  std::shared_ptr<const View> view;
  bool urgent = false;  // somebody waits: do not gather rows first
};

struct FinishedGraph {
  std::shared_ptr<const Graph> graph;
  std::shared_ptr<const Generation> generation;
  Lsn lsn = 0;  // every row it covers was accepted by then
};

struct IndexerReport {
  IndexState state = IndexState::Settled;
  std::string reason;
  double rows_per_second = 0;
  std::uint64_t building_bytes = 0;
};

class Indexer {
 public:
  Indexer(std::size_t field, const Clock& clock) : field_(field), clock_(clock) {}

  // --- Publisher.
  void assign(IndexTask task);                   // replaces the one before
  void withdraw();                               // the task, before a vacuum; a builder at work still ends
  std::optional<FinishedGraph> take_finished();  // once each
  bool idle() const;                             // no builder at work and nothing finished to take

  // --- Indexer thread. Does up to one batch; true if more is to be done at once. `pause`: GraphBuilder::add_batch.
  bool step(Executor& executor, FunctionRef<bool()> pause);

  // --- Any thread but readers and the writer on their way.
  IndexerReport report() const;

 private:
  bool start(const IndexTask& task);
  bool build(const IndexTask& task, Executor& executor, FunctionRef<bool()> pause);
  bool effort_due(const View& view) const;
  Result<void> measure_effort(const View& view, Executor& executor, FunctionRef<bool()> pause);
  void finish();
  void give_up(IndexState state, std::string reason);
  void note(IndexState state, std::string reason);
  void note_rate(std::uint32_t rows, Clock::time_point begin);

  // Fixed.
  const std::size_t field_;
  const Clock& clock_;

  // Indexer thread only.
  std::optional<IndexTask> at_work_;  // the newest task, kept when it is withdrawn while a builder is at work
  std::optional<GraphBuilder> builder_;
  std::shared_ptr<const Generation> generation_;
  std::uint32_t base_covered_ = 0;
  std::uint32_t target_ = 0;                // rows to cover before publishing
  Lsn lsn_ = 0;
  std::weak_ptr<const Graph> published_;    // the newest graph made here
  std::weak_ptr<const Graph> previous_;     // the one before: old readers may still hold it
  std::optional<Clock::time_point> waiting_since_;

  // Publisher, indexer thread and report(): short, never while building.
  mutable std::mutex handover_;
  std::optional<IndexTask> task_;
  std::optional<FinishedGraph> finished_;
  bool building_ = false;
  IndexerReport report_;
};

}  // namespace omendb
