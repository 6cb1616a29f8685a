// One open collection: the truth, what is derived from it, and the View that readers take.
//
// Threads. Readers take the current View and never wait. Writers take turns (writer_). Behind them work four threads
// of the database, each calling one function here: the flusher (flush_behind), which waits for nothing but the disk,
// so that accepted rows are on it in time; the keeper (keep: checkpoint, field indexes, vacuum); the publisher (publish: hands the
// indexer its tasks and puts finished graphs into the View); and the indexer (link: links, copies, saves; on threads of
// the lowest class, sharing no lock with readers and writers). Tests call the four themselves.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "base/function_ref.h"
#include "base/published.h"
#include "db/environment.h"
#include "db/field_catalog.h"
#include "db/id_order.h"
#include "db/indexer.h"
#include "db/notes.h"
#include "db/point_filter.h"
#include "db/vacuum_job.h"
#include "db/view.h"
#include "omendb/collection.h"
#include "payload/indexed_filter.h"
#include "search/top_k.h"
#include "storage/store.h"

namespace omendb {

class RowBuffers;

// Far beyond any wish, and far from where a clock's arithmetic would overflow.
constexpr std::chrono::hours kLongestWait{24 * 365};

// Fewer rows than that wait for a field index or a sparse one: they are asked one by one, in a millisecond at most.
constexpr std::uint32_t kUnindexedRowsMax = 1'024;

class CollectionImpl {
 public:
  static Result<std::shared_ptr<CollectionImpl>> create(std::shared_ptr<Environment> environment,
                                                        const std::string& directory, const CollectionOptions& options);
  static Result<std::shared_ptr<CollectionImpl>> open(std::shared_ptr<Environment> environment,
                                                      const std::string& directory);
  ~CollectionImpl();

  // --- The public API (omendb/collection.h says what each does). Any thread.
  Result<WriteReceipt> upsert(const Batch& batch, Wait wait) { return upsert(batch, UpsertMode::Upsert, {}, wait); }
  Result<WriteReceipt> upsert(const Batch& batch, UpsertMode mode, const Filter& only_if, Wait wait);
  Result<WriteReceipt> erase(std::span<const PointId> ids, Wait wait);
  Result<WriteReceipt> erase(const Filter& filter, Wait wait);
  Result<WriteReceipt> change_payload(const Selection& points, const PayloadChange& change, Wait wait);
  Result<WriteReceipt> update_vectors(const Batch& batch, const Filter& only_if, Wait wait);
  Result<WriteReceipt> delete_vectors(const Selection& points, std::span<const std::string_view> names, Wait wait);
  Result<std::optional<Point>> get(PointId id, const Reading& reading = {}) const;
  Result<bool> contains(PointId id) const;
  std::uint64_t count() const { return views_.current()->live; }
  Result<std::uint64_t> count(const Filter& filter) const;
  Result<void> iterate(const std::function<bool(const Point&)>& visit, const Filter& filter = {}) const;
  Result<ScrollPage> scroll(const ScrollOptions& options) const;
  Result<std::vector<FacetHit>> facet(std::string_view key, const Filter& filter, std::uint32_t limit) const;
  Result<std::vector<PointId>> sample(std::uint32_t count, const Filter& filter) const;
  Result<SearchResult> search(std::span<const float> query, const SearchOptions& options) const;
  Result<SearchResult> search(SparseView query, const SearchOptions& options) const;
  Result<std::vector<SearchResult>> search_batch(std::span<const float> queries, const SearchOptions& options) const;
  Result<void> create_field_index(std::string_view key, FieldType type);
  Result<void> drop_field_index(std::string_view key);
  std::vector<FieldIndexInfo> field_indexes() const;
  Result<bool> wait_field_indexes(std::chrono::milliseconds timeout);
  void pause_indexing(bool paused);
  Result<void> set_notes(std::string_view notes);
  std::string notes() const;
  Progress progress() const;
  Result<bool> wait_indexed(std::chrono::milliseconds timeout);
  Result<void> flush();
  Result<void> checkpoint();
  Result<void> vacuum();
  Stats stats() const;
  Result<VerifyReport> verify() const;
  const CollectionOptions& options() const { return options_; }

  // For benchmarks.
  std::shared_ptr<const View> view() const { return views_.current(); }

  // --- The database's background threads, one call of each at a time.

  // Each returns how long it may rest; nullopt: until its bell.
  std::optional<std::chrono::milliseconds> flush_behind();
  std::optional<std::chrono::milliseconds> keep();
  std::optional<std::chrono::milliseconds> publish();
  std::optional<std::chrono::milliseconds> link(Executor& executor);

  // Background work ends within 10 ms, and writes are refused from here on.
  void stop();

  // Returns once no background thread is inside, and none will come any more. After stop(); for dropping.
  void leave();

  // After stop(), when the background threads are gone: flushes, checkpoints, saves codes and graph. Searches go on.
  Result<void> close();

 private:
  struct FieldUpkeep;

  // What lies in a collection's directory, opened.
  struct Parts {
    std::unique_ptr<Store> store;
    std::vector<FieldView> fields;
    FieldCatalog field_catalog;
    Notes notes;
  };
  static Result<Parts> open_parts(Environment& environment, const std::string& directory, std::unique_ptr<Store> store);
  CollectionImpl(std::shared_ptr<Environment> environment, Parts parts);

  static Result<std::vector<FieldView>> load_fields(Environment& environment, const Store& store);

  // Writing. A turn is the writer's, with the collection open.
  Result<void> check_open() const;
  Result<void> check_wait(Wait wait) const;
  Result<WriteReceipt> write(Wait wait, FunctionRef<Result<Lsn>(const View&)> turn);
  Result<void> take_memory(std::uint64_t rows, std::uint64_t bytes_per_row);  // of the budget
  Result<Lsn> append(const RowBatch& rows);              // writer's turn
  Result<void> take_wanted(const View& view, const RowBatch& rows, UpsertMode mode, const Filter& only_if,
                           RowBuffers& wanted) const;
  void put_vectors(const RowBatch& given, std::size_t point, RowBuffers& changed) const;
  Result<FieldMask> mask_of(std::span<const std::string_view> names) const;
  Result<std::vector<Row>> selected_rows(const View& view, const Selection& points) const;
  Result<void> wait_for(Lsn lsn, Wait wait);
  void publish_rows(Lsn lsn);                            // writer's turn
  void change_view(FunctionRef<void(View&)> change);
  std::uint64_t bytes_per_row() const;

  // Reading.
  Result<void> check_options(const SearchOptions& options) const;
  Result<std::size_t> field_named(std::string_view name) const;
  Result<SearchResult> search_view(const View& view, std::size_t field, std::span<const float> query,
                                   const SearchOptions& options, const IndexedFilter* filter, Executor* executor) const;
  Result<std::vector<Neighbor>> neighbors(const View& view, std::span<const Candidate> nearest, Metric metric,
                                          const SearchOptions& options) const;
  Result<std::vector<Row>> matching_rows(const View& view, const Filter& filter) const;
  Result<Point> point(const View& view, Row row, const Reading& reading) const;

  // Pages (db/collection_scroll.cc). A null filter: every point matches.
  Result<ScrollPage> scroll_by_id(const View& view, PointFilter* filter, const ScrollOptions& options) const;
  Result<ScrollPage> scroll_by_value(const View& view, PointFilter* filter, const ScrollOptions& options) const;
  Result<std::optional<std::vector<Place>>> walk_by_id(const View& view, PointFilter* filter,
                                                       const ScrollOptions& options) const;
  Result<std::vector<Place>> list_by_id(const View& view, PointFilter* filter, const ScrollOptions& options) const;

  // Field indexes (db/collection_fields.cc).
  Result<void> check_writable() const;
  void install_fields();
  static bool fields_lag(const View& view);
  struct PartUnderWay;
  bool index_fields();
  bool renew_part(const std::shared_ptr<const View>& view);
  bool read_oldest_part(const View& view, FieldIndex& field, std::uint64_t changes);
  bool read_for_fields(const View& view, RowRange rows, std::vector<PartUnderWay>& parts);
  bool replace_fields(const View& view, std::shared_ptr<const FieldIndexes> fields);
  std::optional<Error> field_error();
  void charge_fields();

  // Sparse vectors (db/collection_sparse.cc).
  static std::vector<SparseFieldView> sparse_views(const StoreState& state);
  static bool sparse_lags(const View& view);
  bool index_sparse();
  Result<std::size_t> sparse_field_named(std::string_view name) const;

  // Upkeep.
  void call_publisher();  // any thread: there is something to link or to publish, or somebody waits for it
  std::uint32_t covered_rows(const View& view) const;  // those settled without a graph included
  bool flush_accepted();
  Result<void> checkpoint_now();
  void save_codes();
  void publish_graph(std::size_t field, FinishedGraph finished);
  void publish_finished();
  bool graph_save_due(const FieldUpkeep& upkeep, const FinishedGraph& unsaved, bool settled) const;
  bool save_graph_if_due(std::size_t field, bool settled);
  bool indexers_idle() const;
  Result<void> check_indexing() const;  // Unsupported: nothing is indexed for now

  // Vacuum (db/collection_vacuum.cc).
  enum class VacuumStage { None, Wanted, Copying, Catching };
  VacuumStage vacuum_stage() const;
  void advance_vacuum();
  bool vacuum_due(const View& view) const;
  Result<void> begin_vacuum();
  std::uint64_t vacuum_bytes(const View& view) const;
  Result<bool> catch_up();
  Result<void> switch_generation();
  void end_vacuum(Result<void> outcome);
  void copy_for_vacuum(Executor& executor);

  bool keep_going() const { return !stopping_.load(std::memory_order_relaxed); }

  // Fixed.
  const std::shared_ptr<Environment> environment_;
  const CollectionOptions options_;
  const std::unique_ptr<Store> store_;  // its calls say whose turn they need

  // What readers take. Replaced under publishing_, which is held for a copy of the View only.
  Published<View> views_;
  std::mutex publishing_;
  std::condition_variable view_changed_;  // with publishing_: more rows are covered, or the generation has changed

  // What scrolls share.
  mutable SharedIdOrder id_order_;

  // Held for a writer's turn.
  mutable std::mutex writer_;
  std::optional<Error> broken_;        // guarded by writer_: why no write is taken any more
  std::uint64_t charged_bytes_ = 0;    // guarded by writer_: taken from the memory budget

  // Set once, read by loops that must end soon; nothing else becomes visible through it.
  std::atomic<bool> stopping_{false};

  // Somebody waits for the index: a count, for the publisher to hurry.
  std::atomic<int> index_waiters_{0};

  // Set by whoever leaves work for the thread (rows to be flushed or linked) and cleared by it when it comes, so that
  // most writes need not ring. Both by exchange: who finds the flag set knows that the other, who clears it next, sees
  // the View that was published before.
  std::atomic<bool> flusher_called_{false};
  std::atomic<bool> keeper_called_{false};
  std::atomic<bool> publisher_called_{true};  // the database rings once it lists the collection

  // Held shared by a background thread while it is inside, alone by leave(). Never while waiting for a caller.
  std::shared_mutex inside_;

  // One checkpoint or switch of generation at a time. Taken before writer_.
  mutable std::mutex checkpointing_;

  // What goes on behind one vector field.
  struct FieldUpkeep {
    FieldUpkeep(std::size_t field, const Clock& clock) : indexer(field, clock) {}

    Indexer indexer;

    // The newest graph, for the indexer thread to save once its rows are durable. Publisher and indexer thread; short.
    std::mutex saving;
    std::optional<FinishedGraph> unsaved;

    // Indexer thread, or when there is none: what the newest graph file covers.
    std::uint64_t saved_generation = 0;
    std::uint32_t saved_covered = 0;
    std::optional<Clock::time_point> saved_at;
  };
  std::vector<std::unique_ptr<FieldUpkeep>> upkeep_;  // one a field, fixed

  // The caller wants the indexer to rest; nothing else becomes visible through it.
  std::atomic<bool> paused_{false};

  // Taken to create or drop a field index. Before writer_.
  std::mutex defining_fields_;
  FieldCatalog field_catalog_;  // guarded by it

  // Guarded by publishing_: a payload could not be read, so indexes stay behind. Until a vacuum, which copies live rows only.
  std::optional<Error> field_error_;

  // Keeper only: memory of field indexes, taken from the budget.
  std::uint64_t charged_field_bytes_ = 0;

  // Flusher thread only.
  std::optional<Clock::time_point> looked_at_;
  Lsn seen_lsn_ = 0;    // visible at the last look
  Lsn marked_lsn_ = 0;  // in the last mark

  // Keeper thread only; vacuum_due() is the flusher's too, hence the atomic word.
  bool ids_tried_ = false;
  std::uint64_t vacuum_charge_ = 0;         // memory taken for the next generation
  std::atomic<std::uint64_t> erased_when_vacuum_failed_{0};

  // Vacuum. The job belongs to the thread that the stage names: Copying to the indexer thread, others to the keeper.
  // The stage is stored by whoever hands the job over, after what it hands over, and loaded by the other side.
  std::atomic<VacuumStage> vacuum_stage_{VacuumStage::None};
  std::mutex vacuum_ending_;  // keeper and vacuum()
  std::condition_variable vacuum_ended_;
  std::uint64_t vacuums_ended_ = 0;
  bool vacuum_again_ = false;  // asked for while one was copying
  std::optional<Error> vacuum_error_;  // of the last one that ended
  std::optional<Error> copy_error_;    // of the one under way
  std::unique_ptr<VacuumJob> vacuum_job_;

  mutable std::mutex noting_;
  Notes notes_;  // guarded by it
};

}  // namespace omendb
