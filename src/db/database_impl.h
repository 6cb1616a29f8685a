// A database: the catalogue, the open collections, and the four background threads that look after them in turn.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "base/published.h"
#include "db/catalog.h"
#include "db/collection_impl.h"
#include "db/environment.h"
#include "omendb/database.h"
#include "os/disk.h"
#include "os/executor.h"

namespace omendb {

class DatabaseImpl {
 public:
  // The disk and the clock outlive the database. `workers` false: no background threads; tests take their steps.
  static Result<std::unique_ptr<DatabaseImpl>> open(Disk& disk, const Clock& clock, const std::string& directory,
                                                    const DatabaseOptions& options, bool workers = true);
  ~DatabaseImpl();

  Result<Collection> create(std::string_view name, const CollectionOptions& options);
  Result<Collection> collection(std::string_view name) const;
  Result<void> drop(std::string_view name);
  std::vector<std::string> names() const;
  Result<void> change_aliases(std::span<const AliasChange> changes);
  std::vector<Alias> aliases() const;
  Result<void> close();

  // For tests: the collection's own steps.
  Result<std::shared_ptr<CollectionImpl>> find(std::string_view name) const;

 private:
  // Open, or why it could not be opened: one bad collection does not keep the others from serving.
  using Slot = std::variant<std::shared_ptr<CollectionImpl>, Error>;

  DatabaseImpl(std::shared_ptr<Environment> environment, std::unique_ptr<DirectoryLock> lock, Catalog catalog);
  void open_collections(const OpenProgress& on_opened);
  Result<void> apply(const AliasChange& change, Catalog::Aliases& aliases) const;
  void start_workers(std::uint32_t index_threads);
  void stop_workers();
  std::vector<std::shared_ptr<CollectionImpl>> open_ones() const;
  void list_for_workers();

  const std::shared_ptr<Environment> environment_;
  std::unique_ptr<DirectoryLock> lock_;

  mutable std::mutex mutex_;  // guards the rest
  Catalog catalog_;
  std::map<std::string, Slot, std::less<>> collections_;
  bool closed_ = false;

  std::mutex listing_;  // held by list_for_workers(); before mutex_

  // The open collections, for the indexer thread, which may take no lock that a caller waits for, and for the publisher,
  // which comes every few milliseconds.
  Published<std::vector<std::shared_ptr<CollectionImpl>>> index_list_{
      std::make_shared<const std::vector<std::shared_ptr<CollectionImpl>>>()};

  // Last, so that they end first.
  std::unique_ptr<Executor> index_executor_;
  std::unique_ptr<Worker> flusher_;
  std::unique_ptr<Worker> keeper_;
  std::unique_ptr<Worker> publisher_;
  std::unique_ptr<Worker> indexer_;
};

}  // namespace omendb
