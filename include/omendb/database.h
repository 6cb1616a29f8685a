// A directory of named collections, open in one process at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "omendb/collection.h"

namespace omendb {

class DatabaseImpl;

// How far open() has come. Called on its thread, before the first collection is opened and after each.
using OpenProgress = std::function<void(std::uint32_t opened, std::uint32_t all)>;

struct DatabaseOptions {
  bool create_if_missing = true;
  bool index_in_background = true;      // false: no graph is built or extended; searches scan
  std::uint32_t index_threads = 0;      // 0: one per core
  OpenProgress on_opened = nullptr;     // of a collection, of all
  std::uint64_t memory_budget = 0;      // bytes, all collections together; 0: 75 % of what this machine or cgroup has
};

struct Alias {
  std::string alias;
  std::string collection;
};

struct AliasChange {
  enum class Kind : std::uint8_t { Create, Remove, Rename };
  Kind kind = Kind::Create;
  std::string alias;
  std::string target = {};  // Create: the collection, also in place of the one it meant; Rename: the new alias
};

class Database {
 public:
  // Locked (who holds it), Corruption, Unsupported, IoError, NotFound (not there, and not to be created).
  static Result<Database> open(const std::string& directory, const DatabaseOptions& options = {});

  // 1 to 255 bytes of UTF-8, without < > : " / \ | ? * and control characters.
  Result<Collection> create(std::string_view name, const CollectionOptions& options);
  Result<Collection> collection(std::string_view name_or_alias) const;
  Result<void> drop(std::string_view name);  // its aliases go with it
  std::vector<std::string> names() const;  // sorted

  // Other names of collections. All changes are made or none, in their order; durable when it returns.
  //   AlreadyExists  a collection is called that
  //   NotFound       no such collection or alias
  Result<void> change_aliases(std::span<const AliasChange> changes);
  std::vector<Alias> aliases() const;  // by alias

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
