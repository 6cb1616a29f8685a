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

  // Erases the points that exist; ids that do not are passed over.
  Result<WriteReceipt> erase(std::span<const PointId> ids, Wait wait = Wait::Durable);

  Result<std::optional<Point>> get(PointId id) const;
  Result<bool> contains(PointId id) const;
  std::uint64_t count() const;  // live points
  Result<std::uint64_t> count(const Filter& filter) const;  // of them those that match

  // Every live point of one moment that matches, in id order, until `visit` returns false. Checks each block it reads.
  Result<void> iterate(const std::function<bool(const Point&)>& visit, const Filter& filter = {}) const;

  // The k nearest of the live points that match `options.filter`, or all if there are fewer. `query` has `dimensions`
  // values. InvalidArgument also for a filter that means nothing (omendb/filter.h).
  Result<SearchResult> search(std::span<const float> query, const SearchOptions& options = {}) const;

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
