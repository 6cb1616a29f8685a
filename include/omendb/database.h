// A directory of named collections, open in one process at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "omendb/collection.h"

namespace omendb {

class DatabaseImpl;

struct DatabaseOptions {
  bool create_if_missing = true;
  bool index_in_background = true;      // false: no graph is built or extended; searches scan
  std::uint32_t index_threads = 0;      // 0: one per core
  std::uint64_t memory_budget = 0;      // bytes, all collections together; 0: 75 % of what this machine or cgroup has
};

class Database {
 public:
  // Locked (who holds it), Corruption, Unsupported, IoError, NotFound (not there, and not to be created).
  static Result<Database> open(const std::string& directory, const DatabaseOptions& options = {});

  // 1 to 255 bytes of A-Z a-z 0-9 _ . -, not starting with a dot.
  Result<Collection> create(std::string_view name, const CollectionOptions& options);
  Result<Collection> collection(std::string_view name) const;
  Result<void> drop(std::string_view name);
  std::vector<std::string> names() const;  // sorted

  // Ends background work, flushes and checkpoints. The destructor does the same and drops the error.
  Result<void> close();

  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

 private:
  explicit Database(std::unique_ptr<DatabaseImpl> impl);
  std::unique_ptr<DatabaseImpl> impl_;
};

}  // namespace omendb
