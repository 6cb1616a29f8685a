#include "omendb/database.h"

#include <algorithm>
#include <utility>

#include "base/try.h"
#include "db/database_impl.h"
#include "os/clock.h"
#include "os/memory.h"

namespace omendb {
namespace {

using Rest = std::optional<std::chrono::milliseconds>;

// The rest is for the page cache, which serves the vectors, and for whatever else runs.
constexpr double kMemoryShare = 0.75;

std::uint64_t default_budget() {
  return static_cast<std::uint64_t>(kMemoryShare * static_cast<double>(memory_limit_bytes()));
}

// The shorter of two rests; nullopt is the longest.
Rest sooner(Rest a, Rest b) {
  if (!a) return b;
  if (!b) return a;
  return std::min(*a, *b);
}

// A catalogue that is gone must not make an old database a new one.
Result<Catalog> create_catalog(Disk& disk, const std::string& directory) {
  if (const auto folder = OMEN_TRY(Catalog::find_folder(disk, directory))) {
    return Error{ErrorCode::Corruption,
                 directory + " has a folder " + *folder +
                     " as collections have, but no catalogue: it is missing, or this is no database"};
  }
  Catalog created = OMEN_TRY(Catalog::create(disk, directory));
  OMEN_TRY(disk.sync_directory(parent_of(directory)));
  return created;
}

Error closed() { return {ErrorCode::ReadOnly, "the database is closed"}; }

}  // namespace

Result<std::unique_ptr<DatabaseImpl>> DatabaseImpl::open(Disk& disk, const Clock& clock, const std::string& directory,
                                                         const DatabaseOptions& options, bool workers) {
  if (options.create_if_missing) OMEN_TRY(disk.create_directory(directory));
  if (!OMEN_TRY(disk.exists(directory))) return Error{ErrorCode::NotFound, "there is no database at " + directory};
  std::unique_ptr<DirectoryLock> lock = OMEN_TRY(disk.lock(directory));

  Result<Catalog> catalog = Catalog::open(disk, directory);
  if (!catalog.ok() && catalog.error().code == ErrorCode::NotFound) {
    if (!options.create_if_missing) return Error{ErrorCode::NotFound, "there is no database at " + directory};
    catalog = create_catalog(disk, directory);
  }
  if (!catalog.ok()) return std::move(catalog.error());

  const std::uint64_t budget = options.memory_budget != 0 ? options.memory_budget : default_budget();
  auto environment = std::make_shared<Environment>(disk, clock, budget, options.index_in_background);
  std::unique_ptr<DatabaseImpl> database(
      new DatabaseImpl(std::move(environment), std::move(lock), std::move(catalog).value()));
  database->catalog_.sweep();
  database->open_collections(options.on_opened);
  database->list_for_workers();
  if (workers) database->start_workers(options.index_threads);
  return database;
}

DatabaseImpl::DatabaseImpl(std::shared_ptr<Environment> environment, std::unique_ptr<DirectoryLock> lock,
                           Catalog catalog)
    : environment_(std::move(environment)), lock_(std::move(lock)), catalog_(std::move(catalog)) {}

DatabaseImpl::~DatabaseImpl() { (void)close(); }

void DatabaseImpl::open_collections(const OpenProgress& on_opened) {
  const auto note = [&] {
    if (!on_opened) return;
    const std::size_t all = catalog_.collections().size();
    on_opened(static_cast<std::uint32_t>(collections_.size()), static_cast<std::uint32_t>(all));
  };
  note();
  for (const auto& [name, number] : catalog_.collections()) {
    auto opened = CollectionImpl::open(environment_, catalog_.directory_of(number));
    collections_.emplace(name, opened.ok() ? Slot(std::move(opened).value()) : Slot(std::move(opened.error())));
    note();
  }
}

void DatabaseImpl::start_workers(std::uint32_t index_threads) {
  flusher_ = std::make_unique<Worker>("omen-flusher", Priority::Normal, [this] {
    Rest rest;
    for (const auto& collection : open_ones()) rest = sooner(rest, collection->flush_behind());
    return rest;
  });
  keeper_ = std::make_unique<Worker>("omen-keeper", Priority::Normal, [this] {
    Rest rest;
    for (const auto& collection : open_ones()) rest = sooner(rest, collection->keep());
    return rest;
  });
  publisher_ = std::make_unique<Worker>("omen-publisher", Priority::Normal, [this] {
    Rest rest;
    const auto collections = index_list_.current();
    for (const auto& collection : *collections) rest = sooner(rest, collection->publish());
    return rest;
  });
  environment_->flusher.connect(flusher_.get());
  environment_->keeper.connect(keeper_.get());
  environment_->publisher.connect(publisher_.get());
  environment_->publisher.ring();
  const std::uint32_t threads = index_threads != 0 ? index_threads : core_count();
  index_executor_ = make_executor(threads, Priority::Background, &environment_->foreground);
  indexer_ = std::make_unique<Worker>("omen-indexer", Priority::Background, [this] {
    Rest rest;
    const auto collections = index_list_.current();
    for (const auto& collection : *collections) rest = sooner(rest, collection->link(*index_executor_));
    return rest;
  });
  environment_->indexer.connect(indexer_.get());
}

void DatabaseImpl::stop_workers() {
  environment_->flusher.connect(nullptr);
  environment_->keeper.connect(nullptr);
  environment_->publisher.connect(nullptr);
  environment_->indexer.connect(nullptr);
  indexer_.reset();
  publisher_.reset();
  keeper_.reset();
  flusher_.reset();
}

std::vector<std::shared_ptr<CollectionImpl>> DatabaseImpl::open_ones() const {
  std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<CollectionImpl>> ones;
  for (const auto& [name, slot] : collections_) {
    if (const auto* collection = std::get_if<0>(&slot)) ones.push_back(*collection);
  }
  return ones;
}

void DatabaseImpl::list_for_workers() {
  std::lock_guard one_at_a_time(listing_);  // the list that is published last was gathered last
  (void)index_list_.replace(std::make_shared<const std::vector<std::shared_ptr<CollectionImpl>>>(open_ones()));
  environment_->publisher.ring();
}

Result<Collection> DatabaseImpl::create(std::string_view name, const CollectionOptions& options) {
  OMEN_TRY(check_name(name));
  std::unique_lock lock(mutex_);
  if (closed_) return closed();
  if (collections_.contains(name)) {
    return Error{ErrorCode::AlreadyExists, "there is a collection " + std::string(name) + " already"};
  }
  if (catalog_.aliases().contains(name)) {
    return Error{ErrorCode::AlreadyExists, "there is an alias " + std::string(name) + " already"};
  }
  const std::string directory = catalog_.directory_of(catalog_.next_number());
  OMEN_TRY(environment_->disk.remove_tree(directory));  // of an attempt that failed before
  std::shared_ptr<CollectionImpl> created = OMEN_TRY(CollectionImpl::create(environment_, directory, options));
  OMEN_TRY(catalog_.add(std::string(name)));
  collections_.emplace(name, created);
  lock.unlock();
  list_for_workers();
  return Collection(std::move(created));
}

Result<std::shared_ptr<CollectionImpl>> DatabaseImpl::find(std::string_view name) const {
  std::lock_guard lock(mutex_);
  const auto alias = catalog_.aliases().find(name);
  const auto found = collections_.find(alias == catalog_.aliases().end() ? name : std::string_view(alias->second));
  if (found == collections_.end()) return Error{ErrorCode::NotFound, "there is no collection " + std::string(name)};
  if (const auto* error = std::get_if<1>(&found->second)) return *error;
  return std::get<0>(found->second);
}

Result<Collection> DatabaseImpl::collection(std::string_view name) const { return Collection(OMEN_TRY(find(name))); }

Result<void> DatabaseImpl::drop(std::string_view name) {
  std::unique_lock lock(mutex_);
  if (closed_) return closed();
  const auto found = collections_.find(name);
  if (found == collections_.end()) return Error{ErrorCode::NotFound, "there is no collection " + std::string(name)};
  const std::string directory = catalog_.directory_of(catalog_.collections().at(std::string(name)));
  OMEN_TRY(catalog_.remove(std::string(name)));
  std::shared_ptr<CollectionImpl> dropped;
  if (auto* collection = std::get_if<0>(&found->second)) dropped = std::move(*collection);
  collections_.erase(found);
  lock.unlock();
  list_for_workers();
  if (dropped) {
    dropped->stop();
    dropped->leave();
  }
  return environment_->disk.remove_tree(directory);
}

std::vector<std::string> DatabaseImpl::names() const {
  std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, slot] : collections_) names.push_back(name);
  return names;
}

Result<void> DatabaseImpl::change_aliases(std::span<const AliasChange> changes) {
  std::lock_guard lock(mutex_);
  if (closed_) return closed();
  Catalog::Aliases aliases = catalog_.aliases();
  for (const AliasChange& change : changes) OMEN_TRY(apply(change, aliases));
  return catalog_.set_aliases(std::move(aliases));
}

Result<void> DatabaseImpl::apply(const AliasChange& change, Catalog::Aliases& aliases) const {
  const std::string& created = change.kind == AliasChange::Kind::Rename ? change.target : change.alias;
  if (change.kind != AliasChange::Kind::Remove) {
    OMEN_TRY(check_name(created));
    if (collections_.contains(created)) {
      return Error{ErrorCode::AlreadyExists, "there is a collection " + created + " already"};
    }
  }
  if (change.kind == AliasChange::Kind::Create) {
    if (!collections_.contains(change.target)) {
      return Error{ErrorCode::NotFound, "there is no collection " + change.target};
    }
    aliases[change.alias] = change.target;
    return {};
  }
  const auto found = aliases.find(change.alias);
  if (found == aliases.end()) return Error{ErrorCode::NotFound, "there is no alias " + change.alias};
  const std::string name = found->second;
  aliases.erase(found);
  if (change.kind == AliasChange::Kind::Rename) aliases[change.target] = name;
  return {};
}

std::vector<Alias> DatabaseImpl::aliases() const {
  std::lock_guard lock(mutex_);
  std::vector<Alias> aliases;
  for (const auto& [alias, name] : catalog_.aliases()) aliases.push_back({alias, name});
  return aliases;
}

Result<void> DatabaseImpl::close() {
  {
    std::lock_guard lock(mutex_);
    if (std::exchange(closed_, true)) return {};
  }
  const auto collections = open_ones();
  for (const auto& collection : collections) collection->stop();
  stop_workers();
  Result<void> first_failure;
  for (const auto& collection : collections) {
    Result<void> ended = collection->close();
    if (!ended.ok() && first_failure.ok()) first_failure = std::move(ended);
  }
  (void)index_list_.replace(std::make_shared<const std::vector<std::shared_ptr<CollectionImpl>>>());
  lock_.reset();
  return first_failure;
}

Database::Database(std::unique_ptr<DatabaseImpl> impl) : impl_(std::move(impl)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Result<Database> Database::open(const std::string& directory, const DatabaseOptions& options) {
  return Database(OMEN_TRY(DatabaseImpl::open(real_disk(), steady_clock(), directory, options)));
}

Result<Collection> Database::create(std::string_view name, const CollectionOptions& options) {
  return impl_->create(name, options);
}
Result<Collection> Database::collection(std::string_view name) const { return impl_->collection(name); }
Result<void> Database::drop(std::string_view name) { return impl_->drop(name); }
std::vector<std::string> Database::names() const { return impl_->names(); }
Result<void> Database::change_aliases(std::span<const AliasChange> changes) { return impl_->change_aliases(changes); }
std::vector<Alias> Database::aliases() const { return impl_->aliases(); }
Result<void> Database::close() { return impl_->close(); }

}  // namespace omendb
