// One collection of points: put, erase, get, search. Every call may be made from any thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "omendb/field_index.h"
#include "omendb/types.h"

namespace omendb {

class CollectionImpl;

// A handle: copies refer to the same collection, which stays open until the last one and its Database are gone.
class Collection {
 public:
  // Puts points; a point whose id exists is replaced. All or nothing. When it returns, every search finds them.
  //   InvalidArgument  wrong width, NaN, infinity, outside the datatype, zero vector under cosine, payload not JSON
  //   TooLarge         over 256 MiB in one batch; the message says how many rows fit
  //   OutOfBudget      the message says how many rows fit
  //   DiskFull, ReadOnly, IoError
  Result<WriteReceipt> upsert(const Batch& batch, Wait wait = Wait::Durable);

  // The same for the points that `mode` names; those that exist are replaced only where they match `only_if`.
  Result<WriteReceipt> upsert(const Batch& batch, UpsertMode mode, const Filter& only_if, Wait wait = Wait::Durable);

  // Erases the points that exist; ids that do not are passed over. TooLarge, here and below: what changes has more than
  // 256 MiB; choose fewer points at a time.
  Result<WriteReceipt> erase(std::span<const PointId> ids, Wait wait = Wait::Durable);
  Result<WriteReceipt> erase(const Filter& filter, Wait wait = Wait::Durable);

  // Changes payloads and nothing else: vectors and graph stay as they are. Points are selected and payloads merged in
  // one moment. InvalidArgument: the JSON is no object, a key is no path; TooLarge.
  Result<WriteReceipt> change_payload(const Selection& points, const PayloadChange& change, Wait wait = Wait::Durable);

  // Puts the vectors of the batch, which has no payloads and may leave out any vector, beside what its points have already. NotFound names the first
  // id that does not exist, and nothing is changed; points that do not match `only_if` are passed over.
  Result<WriteReceipt> update_vectors(const Batch& batch, const Filter& only_if = {}, Wait wait = Wait::Durable);

  // The points lose the vectors of these names; those that have none are passed over.
  Result<WriteReceipt> delete_vectors(const Selection& points, std::span<const std::string_view> names,
                                      Wait wait = Wait::Durable);

  Result<std::optional<Point>> get(PointId id, const Reading& reading = {}) const;
  Result<bool> contains(PointId id) const;
  std::uint64_t count() const;  // live points
  Result<std::uint64_t> count(const Filter& filter) const;  // of them those that match

  // Every point that was live at one moment and matches, in id order, until `visit` returns false. Payloads are as of when
  // they are read. Checks each block it reads.
  Result<void> iterate(const std::function<bool(const Point&)>& visit, const Filter& filter = {}) const;

  // A page of the live points that match.
  Result<ScrollPage> scroll(const ScrollOptions& options) const;

  // The values that most points have, of those that match: strings, whole numbers and booleans. By count, then value.
  Result<std::vector<FacetHit>> facet(std::string_view key, const Filter& filter, std::uint32_t limit) const;

  // Up to `count` points that match, at random, in no order.
  Result<std::vector<PointId>> sample(std::uint32_t count, const Filter& filter = {}) const;

  // The k nearest of the live points that match `options.filter`, or all if there are fewer. `query` has `dimensions`
  // values. InvalidArgument also for a filter that means nothing (omendb/filter.h).
  Result<SearchResult> search(std::span<const float> query, const SearchOptions& options = {}) const;

  // Exact, whatever the options say: the points with the largest dot products among those that share an index with the
  // query. `options.vector_name` is a sparse vector's.
  Result<SearchResult> search(SparseView query, const SearchOptions& options) const;

  // Several queries (row by row), each answered as by search(), with `options.threads` threads (0: one).
  Result<std::vector<SearchResult>> search_batch(std::span<const float> queries,
                                                 const SearchOptions& options = {}) const;

  // Filters on the field need not read payloads: of all rows soon, of new ones a moment after they came. Durable when it
  // returns, built in the background; an index of another type on the same key is replaced.
  //   InvalidArgument  the key is no path
  //   TooLarge         there are 256 already
  Result<void> create_field_index(std::string_view key, FieldType type);
  Result<void> drop_field_index(std::string_view key);  // NotFound
  std::vector<FieldIndexInfo> field_indexes() const;

  // True once every field index covers all but the newest rows (which are asked one by one); false when the time is over
  // first. Corruption: a payload cannot be read.
  Result<bool> wait_field_indexes(std::chrono::milliseconds timeout);

  // While paused, the indexer leaves rows in the tail; they are found all the same. Whoever waits for them to be indexed is
  // told Unsupported. Not remembered when closed.
  void pause_indexing(bool paused);

  // Text of the application's own about this collection, up to 1 MiB; durable when it returns. Empty at first.
  Result<void> set_notes(std::string_view notes);
  std::string notes() const;

  Progress progress() const;

  // True once everything accepted before the call is covered; false when the time is over first.
  Result<bool> wait_indexed(std::chrono::milliseconds timeout);

  Result<void> flush();       // everything accepted before the call is on disk
  Result<void> checkpoint();  // also in the row files, so that opening has no log to replay
  Result<void> vacuum();      // rewrites the collection without its erased rows; searches and writes go on

  Stats stats() const;
  Result<VerifyReport> verify() const;  // reads every file, the derived ones included

  const CollectionOptions& options() const;

  explicit Collection(std::shared_ptr<CollectionImpl> impl) : impl_(std::move(impl)) {}

 private:
  std::shared_ptr<CollectionImpl> impl_;
};

}  // namespace omendb
