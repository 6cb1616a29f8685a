// From point id to its newest row, in memory.
//
// 1,024 shards, each with a small mutex and two open-addressing tables (numbers take 16-byte slots, UUIDs 24), so that
// growing one is never felt. find() by any thread; one writer at a time.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "base/row.h"
#include "omendb/types.h"
#include "storage/id_table.h"

namespace omendb {

class IdMap {
 public:
  IdMap();

  // --- Any thread.
  std::optional<Row> find(PointId id) const;
  std::uint64_t memory_bytes() const;

  // --- One writer at a time.

  // Maps the id to `row`; returns where it was, kNoRow if nowhere. A row of kNoRow holds the place only: the id is
  // still not found, but it is known to contains_key().
  Row exchange(PointId id, Row row);
  Row erase(PointId id);  // returns where it was
  bool contains_key(PointId id) const;

  // Brings the id's slot into the cache: a miss costs some 300 ns, and a batch knows its ids ahead.
  void prefetch(PointId id) const;

 private:
  static constexpr std::size_t kShards = 1024;

  struct alignas(64) Shard {
    mutable std::mutex mutex;  // guards the tables; the writer itself reads them without
    IdTable<std::uint64_t> numbers;
    IdTable<std::array<std::uint8_t, 16>> uuids;
  };

  Shard& shard(std::uint64_t hash) const { return shards_[hash >> 54]; }

  std::unique_ptr<Shard[]> shards_;
  std::atomic<std::uint64_t> table_bytes_{0};  // stored by the writer, read for statistics
};

}  // namespace omendb
