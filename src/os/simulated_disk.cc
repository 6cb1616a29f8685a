#include "os/simulated_disk.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/try.h"
#include "os/simulated_contents.h"

namespace omendb {
namespace {

// A file or a directory, whatever its name. Files have one name: there are no hard links.
struct Node {
  using Names = std::map<std::string, std::shared_ptr<Node>>;

  // Of a file; null for a directory.
  std::shared_ptr<SimulatedContents> contents;
  std::uint64_t reserved = 0;

  // Of a directory.
  Names names;
  Names durable_names;

  bool is_directory() const { return contents == nullptr; }
};

using NodePointer = std::shared_ptr<Node>;

NodePointer new_file() {
  auto node = std::make_shared<Node>();
  node->contents = std::make_shared<SimulatedContents>();
  return node;
}

// One step of creating, removing or renaming in a directory: all of it becomes durable or none.
struct NameStep {
  NodePointer directory;
  std::string erased;  // name that means nothing any more; empty: none
  std::string named;   // name that means `node` now; empty: none
  NodePointer node;
};

// Earlier steps may be missing in `names`, so a node that is named anew loses whatever name it still has.
void perform(const NameStep& step, Node::Names& names) {
  names.erase(step.erased);
  if (!step.node) return;
  std::erase_if(names, [&](const auto& each) { return each.second == step.node; });
  names[step.named] = step.node;
}

std::vector<std::string> parts_of(const std::string& path) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t slash = std::min(path.find('/', at), path.size());
    std::string part = path.substr(at, slash - at);
    if (!part.empty() && part != ".") parts.push_back(std::move(part));
    at = slash + 1;
  }
  return parts;
}

Error not_found(std::string_view call, const std::string& path) {
  return Error{ErrorCode::NotFound, std::string(call) + " " + path + ": No such file or directory"};
}

Error io_error(std::string_view call, const std::string& path, std::string_view why) {
  return Error{ErrorCode::IoError, std::string(call) + " " + path + ": " + std::string(why)};
}

Error disk_full(std::string_view call, const std::string& path) {
  return Error{ErrorCode::DiskFull, std::string(call) + " " + path + ": No space left on device"};
}

Error failure(std::string_view call, const std::string& path, Fault::Kind kind) {
  return kind == Fault::Kind::DiskFull ? disk_full(call, path) : io_error(call, path, "Input/output error");
}

// When calls of one sort fail.
struct FaultPlan {
  std::uint64_t n = 0;  // 0: never
  Fault fault;

  std::optional<Fault::Kind> at(std::uint64_t call) const {
    const bool fails = n != 0 && (call == n || (fault.sticky && call > n));
    return fails ? std::optional(fault.kind) : std::nullopt;
  }
};

}  // namespace

struct SimulatedDisk::State {
  // The number of a call that changes something, told to the hook while no lock is held, so that it may draw a cut.
  std::uint64_t begin_call() {
    const std::uint64_t n = ++calls;
    std::function<void(std::uint64_t)> told;
    {
      std::lock_guard lock(mutex);
      told = hook;
    }
    if (told) told(n);
    return n;
  }

  std::atomic<std::uint64_t> calls{0};  // counters; they guard no other data
  std::atomic<std::uint64_t> reads{0};

  mutable std::mutex mutex;  // of everything below, nodes and contents included
  NodePointer root = std::make_shared<Node>();
  std::vector<NameStep> pending_steps;  // not yet durable, in order
  std::set<NodePointer> locked;
  std::uint64_t capacity = 0;
  FaultPlan call_faults;
  FaultPlan read_faults;
  std::function<void(std::uint64_t)> hook;

  // --- With the mutex held.

  NodePointer find(const std::vector<std::string>& parts) const {
    NodePointer node = root;
    for (const std::string& part : parts) {
      if (!node->is_directory()) return nullptr;
      const auto named = node->names.find(part);
      if (named == node->names.end()) return nullptr;
      node = named->second;
    }
    return node;
  }
  NodePointer find(const std::string& path) const { return find(parts_of(path)); }

  void take(NameStep step) {
    perform(step, step.directory->names);
    pending_steps.push_back(std::move(step));
  }

  void make_durable(const NodePointer& directory) {
    for (const NameStep& step : pending_steps) {
      if (step.directory == directory) perform(step, directory->durable_names);
    }
    std::erase_if(pending_steps, [&](const NameStep& step) { return step.directory == directory; });
  }

  void remove_all_in(const NodePointer& directory) {
    const Node::Names names = directory->names;
    for (const auto& [name, node] : names) {
      if (node->is_directory()) remove_all_in(node);
      take({directory, name, {}, nullptr});
    }
  }

  // Bytes that all files may still take.
  std::uint64_t room() const {
    if (capacity == std::numeric_limits<std::uint64_t>::max()) return capacity;
    const std::uint64_t used = used_below(*root);
    return used < capacity ? capacity - used : 0;
  }

  static std::uint64_t used_below(const Node& node) {
    if (!node.is_directory()) return std::max(node.contents->size(), node.reserved);
    std::uint64_t used = 0;
    for (const auto& [name, child] : node.names) used += used_below(*child);
    return used;
  }
};

namespace {

using State = SimulatedDisk::State;

// A place for a name: an existing directory, and the name in it.
struct Place {
  NodePointer directory;
  std::string name;

  NodePointer node() const {
    const auto named = directory->names.find(name);
    return named == directory->names.end() ? nullptr : named->second;
  }
};

Result<Place> place_of(const State& state, std::string_view call, const std::string& path) {
  std::vector<std::string> parts = parts_of(path);
  if (parts.empty()) return io_error(call, path, "Is a directory");
  std::string name = std::move(parts.back());
  parts.pop_back();
  NodePointer directory = state.find(parts);
  if (!directory || !directory->is_directory()) return not_found(call, path);
  return Place{std::move(directory), std::move(name)};
}

class SimulatedMapping : public Mapping {
 public:
  SimulatedMapping(std::shared_ptr<const MappedBytes> bytes, std::uint64_t capacity)
      : Mapping(bytes->data(), std::min(capacity, bytes->capacity())), bytes_(std::move(bytes)) {}
  void populate(std::uint64_t, std::uint64_t) const override {}

 private:
  const std::shared_ptr<const MappedBytes> bytes_;
};

class SimulatedFile : public File {
 public:
  SimulatedFile(std::shared_ptr<State> state, NodePointer node, std::string path, OpenMode mode)
      : state_(std::move(state)), node_(std::move(node)), path_(std::move(path)), writable_(mode != OpenMode::Read) {}

  Result<void> write(std::uint64_t offset, std::span<const std::byte> bytes) override {
    const std::uint64_t call = state_->begin_call();
    std::lock_guard lock(state_->mutex);
    if (!writable_) return io_error("write", path_, "Bad file descriptor");
    if (const auto fault = state_->call_faults.at(call)) {
      contents().write(offset, bytes.first(bytes.size() / 2));
      return failure("write", path_, *fault);
    }
    const std::uint64_t fits = bytes_that_fit(offset, bytes.size());
    contents().write(offset, bytes.first(fits));
    if (fits < bytes.size()) return disk_full("write", path_);
    return {};
  }

  Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> into) const override {
    const std::uint64_t read = ++state_->reads;
    std::lock_guard lock(state_->mutex);
    const std::span<const std::byte> bytes = contents().bytes();
    std::size_t count = offset < bytes.size() ? std::min(into.size(), bytes.size() - offset) : 0;
    if (const auto fault = state_->read_faults.at(read)) {
      if (*fault != Fault::Kind::ShortRead) return failure("read", path_, Fault::Kind::IoError);
      count /= 2;
    }
    if (count > 0) std::ranges::copy(bytes.subspan(offset, count), into.begin());
    return count;
  }

  Result<void> sync() override {
    const std::uint64_t call = state_->begin_call();
    std::lock_guard lock(state_->mutex);
    if (state_->call_faults.at(call)) {
      contents().fail_sync();
      return failure("sync", path_, Fault::Kind::IoError);
    }
    contents().sync();
    return {};
  }

  void start_writeback(std::uint64_t, std::uint64_t) override {}

  Result<void> reserve(std::uint64_t length) override {
    {
      std::lock_guard lock(state_->mutex);
      if (length <= node_->reserved) return {};
    }
    const std::uint64_t call = state_->begin_call();
    std::lock_guard lock(state_->mutex);
    if (const auto fault = state_->call_faults.at(call)) return failure("reserve", path_, *fault);
    const std::uint64_t has = allocated();
    if (length > has && length - has > state_->room()) return disk_full("reserve", path_);
    node_->reserved = length;
    return {};
  }

  Result<void> truncate(std::uint64_t size) override {
    const std::uint64_t call = state_->begin_call();
    std::lock_guard lock(state_->mutex);
    if (const auto fault = state_->call_faults.at(call)) return failure("truncate", path_, *fault);
    if (size > contents().size_max()) return io_error("truncate", path_, "File too large");
    contents().truncate(size);
    node_->reserved = std::min(node_->reserved, size);
    return {};
  }

  Result<std::uint64_t> size() const override {
    std::lock_guard lock(state_->mutex);
    return contents().size();
  }

  Result<std::unique_ptr<Mapping>> map(std::uint64_t capacity) const override {
    std::lock_guard lock(state_->mutex);
    auto bytes = contents().map(capacity);
    if (!bytes) return io_error("map", path_, "Cannot allocate memory");
    return std::unique_ptr<Mapping>(std::make_unique<SimulatedMapping>(std::move(bytes), capacity));
  }

  const std::string& path() const override { return path_; }

 private:
  SimulatedContents& contents() const { return *node_->contents; }
  std::uint64_t allocated() const { return std::max(contents().size(), node_->reserved); }

  std::uint64_t bytes_that_fit(std::uint64_t offset, std::uint64_t length) const {
    const std::uint64_t has = allocated();
    const std::uint64_t room = state_->room();
    const std::uint64_t end_max = room < contents().size_max() - has ? has + room : contents().size_max();
    return offset < end_max ? std::min(length, end_max - offset) : 0;
  }

  const std::shared_ptr<State> state_;
  const NodePointer node_;
  const std::string path_;
  const bool writable_;
};

class SimulatedLock : public DirectoryLock {
 public:
  SimulatedLock(std::shared_ptr<State> state, NodePointer directory)
      : state_(std::move(state)), directory_(std::move(directory)) {}
  ~SimulatedLock() override {
    std::lock_guard lock(state_->mutex);
    state_->locked.erase(directory_);
  }

 private:
  const std::shared_ptr<State> state_;
  const NodePointer directory_;
};

// The copy of everything that is or was reachable, for after_kill().
class Copier {
 public:
  NodePointer copy(const NodePointer& node) {
    if (!node) return nullptr;
    NodePointer& made = copies_[node];
    if (made) return made;
    const NodePointer result = made = std::make_shared<Node>();
    result->reserved = node->reserved;
    if (!node->is_directory()) result->contents = std::make_shared<SimulatedContents>(*node->contents);
    result->names = copy(node->names);
    result->durable_names = copy(node->durable_names);
    return result;
  }

  NameStep copy(const NameStep& step) {
    return {copy(step.directory), step.erased, step.named, copy(step.node)};
  }

 private:
  Node::Names copy(const Node::Names& names) {
    Node::Names result;
    for (const auto& [name, node] : names) result[name] = copy(node);
    return result;
  }

  std::map<NodePointer, NodePointer> copies_;
};

// What a power cut leaves of a tree.
class Cut {
 public:
  Cut(const State& state, std::uint64_t seed) : numbers_(seed) {
    const std::uint64_t keep_quarters = numbers_.below(5);
    for (const NameStep& step : state.pending_steps) {
      if (numbers_.happens(keep_quarters)) perform(step, names_of(step.directory));
    }
    root_ = found(state.root);
  }

  const NodePointer& root() const { return root_; }

 private:
  // The durable names and those that were lucky.
  Node::Names& names_of(const NodePointer& directory) {
    return names_.try_emplace(directory, directory->durable_names).first->second;
  }

  NodePointer found(const NodePointer& node) {
    auto result = std::make_shared<Node>();
    if (!node->is_directory()) {
      result->contents = node->contents->after_cut(numbers_);
      return result;
    }
    for (const auto& [name, child] : names_of(node)) result->names[name] = found(child);
    result->durable_names = result->names;
    return result;
  }

  SeededNumbers numbers_;
  std::map<NodePointer, Node::Names> names_;
  NodePointer root_;
};

void collect_files(const Node& directory, const std::string& prefix, std::vector<std::string>& paths) {
  for (const auto& [name, node] : directory.names) {
    if (node->is_directory()) {
      collect_files(*node, prefix + name + "/", paths);
    } else {
      paths.push_back(prefix + name);
    }
  }
}

}  // namespace

SimulatedDisk::SimulatedDisk(std::uint64_t capacity_bytes) : SimulatedDisk(std::make_shared<State>()) {
  state_->capacity = capacity_bytes;
}

SimulatedDisk::SimulatedDisk(std::shared_ptr<State> state) : state_(std::move(state)) {}

SimulatedDisk::~SimulatedDisk() = default;

Result<std::unique_ptr<File>> SimulatedDisk::open(const std::string& path, OpenMode mode) {
  const bool creates = mode == OpenMode::CreateNew;
  const std::uint64_t call = creates ? state_->begin_call() : 0;
  std::lock_guard lock(state_->mutex);
  if (const auto fault = state_->call_faults.at(call)) return failure("open", path, *fault);
  const Place place = OMEN_TRY(place_of(*state_, "open", path));
  NodePointer node = place.node();
  if (creates) {
    if (node) return Error{ErrorCode::AlreadyExists, "open " + path + ": File exists"};
    node = new_file();
    state_->take({place.directory, {}, place.name, node});
  }
  if (!node) return not_found("open", path);
  if (node->is_directory()) return io_error("open", path, "Is a directory");
  return std::unique_ptr<File>(std::make_unique<SimulatedFile>(state_, std::move(node), path, mode));
}

Result<void> SimulatedDisk::rename(const std::string& from, const std::string& to) {
  const std::uint64_t call = state_->begin_call();
  const std::string both = from + " to " + to;
  std::lock_guard lock(state_->mutex);
  if (const auto fault = state_->call_faults.at(call)) return failure("rename", both, *fault);
  const Place source = OMEN_TRY(place_of(*state_, "rename", from));
  const Place target = OMEN_TRY(place_of(*state_, "rename", to));
  const NodePointer node = source.node();
  if (!node) return not_found("rename", both);
  const NodePointer replaced = target.node();
  if (replaced == node) return {};
  if (source.directory != target.directory) return io_error("rename", both, "not in the same directory");
  if (replaced && (replaced->is_directory() || node->is_directory())) return io_error("rename", both, "File exists");
  state_->take({source.directory, source.name, target.name, node});
  return {};
}

Result<void> SimulatedDisk::remove(const std::string& path) {
  const std::uint64_t call = state_->begin_call();
  std::lock_guard lock(state_->mutex);
  if (const auto fault = state_->call_faults.at(call)) return failure("remove", path, *fault);
  const Place place = OMEN_TRY(place_of(*state_, "remove", path));
  const NodePointer node = place.node();
  if (!node) return not_found("remove", path);
  if (node->is_directory()) return io_error("remove", path, "Is a directory");
  state_->take({place.directory, place.name, {}, nullptr});
  return {};
}

Result<void> SimulatedDisk::create_directory(const std::string& path) {
  const std::uint64_t call = state_->begin_call();
  std::lock_guard lock(state_->mutex);
  if (const auto fault = state_->call_faults.at(call)) return failure("create directory", path, *fault);
  if (parts_of(path).empty()) return {};
  const Place place = OMEN_TRY(place_of(*state_, "create directory", path));
  const NodePointer node = place.node();
  if (node && node->is_directory()) return {};
  if (node) return Error{ErrorCode::AlreadyExists, "create directory " + path + ": File exists"};
  state_->take({place.directory, {}, place.name, std::make_shared<Node>()});
  return {};
}

Result<void> SimulatedDisk::remove_tree(const std::string& path) {
  const std::uint64_t call = state_->begin_call();
  std::lock_guard lock(state_->mutex);
  if (const auto fault = state_->call_faults.at(call)) return failure("remove directory", path, *fault);
  const NodePointer node = state_->find(path);
  if (!node) return {};
  const Place place = OMEN_TRY(place_of(*state_, "remove directory", path));
  if (node->is_directory()) state_->remove_all_in(node);
  state_->take({place.directory, place.name, {}, nullptr});
  return {};
}

Result<void> SimulatedDisk::sync_directory(const std::string& path) {
  const std::uint64_t call = state_->begin_call();
  std::lock_guard lock(state_->mutex);
  if (state_->call_faults.at(call)) return failure("sync directory", path, Fault::Kind::IoError);
  const NodePointer node = state_->find(path);
  if (!node || !node->is_directory()) return not_found("sync directory", path);
  state_->make_durable(node);
  return {};
}

Result<std::vector<DirectoryEntry>> SimulatedDisk::list(const std::string& path) {
  std::lock_guard lock(state_->mutex);
  const NodePointer directory = state_->find(path);
  if (!directory || !directory->is_directory()) return not_found("list", path);
  std::vector<DirectoryEntry> entries;
  for (const auto& [name, node] : directory->names) {
    entries.push_back({name, node->is_directory(), node->is_directory() ? 0 : node->contents->size()});
  }
  return entries;
}

Result<bool> SimulatedDisk::exists(const std::string& path) {
  std::lock_guard lock(state_->mutex);
  return state_->find(path) != nullptr;
}

Result<std::unique_ptr<DirectoryLock>> SimulatedDisk::lock(const std::string& directory) {
  const std::uint64_t call = state_->begin_call();
  const std::string path = join_path(directory, "LOCK");
  std::lock_guard lock(state_->mutex);
  if (const auto fault = state_->call_faults.at(call)) return failure("lock", path, *fault);
  const Place place = OMEN_TRY(place_of(*state_, "open", path));
  if (!state_->locked.insert(place.directory).second) {
    return Error{ErrorCode::Locked, "the database at " + directory + " is open in process 1 (simulated)"};
  }
  if (!place.node()) state_->take({place.directory, {}, place.name, new_file()});
  return std::unique_ptr<DirectoryLock>(std::make_unique<SimulatedLock>(state_, place.directory));
}

std::unique_ptr<SimulatedDisk> SimulatedDisk::after_cut(std::uint64_t seed) const {
  auto found = std::make_shared<State>();
  std::lock_guard lock(state_->mutex);
  found->root = Cut(*state_, seed).root();
  found->capacity = state_->capacity;
  return std::unique_ptr<SimulatedDisk>(new SimulatedDisk(std::move(found)));
}

std::unique_ptr<SimulatedDisk> SimulatedDisk::after_kill() const {
  auto found = std::make_shared<State>();
  std::lock_guard lock(state_->mutex);
  Copier copier;
  found->root = copier.copy(state_->root);
  for (const NameStep& step : state_->pending_steps) found->pending_steps.push_back(copier.copy(step));
  found->capacity = state_->capacity;
  return std::unique_ptr<SimulatedDisk>(new SimulatedDisk(std::move(found)));
}

std::uint64_t SimulatedDisk::calls() const { return state_->calls; }
std::uint64_t SimulatedDisk::reads() const { return state_->reads; }

void SimulatedDisk::fail_call(std::uint64_t n, Fault fault) {
  std::lock_guard lock(state_->mutex);
  state_->call_faults = {n, fault};
}

void SimulatedDisk::fail_read(std::uint64_t n, Fault fault) {
  std::lock_guard lock(state_->mutex);
  state_->read_faults = {n, fault};
}

void SimulatedDisk::on_call(std::function<void(std::uint64_t n)> hook) {
  std::lock_guard lock(state_->mutex);
  state_->hook = std::move(hook);
}

void SimulatedDisk::set_capacity(std::uint64_t bytes) {
  std::lock_guard lock(state_->mutex);
  state_->capacity = bytes;
}

void SimulatedDisk::corrupt(const std::string& path, std::uint64_t offset, std::byte mask) {
  std::lock_guard lock(state_->mutex);
  const NodePointer node = state_->find(path);
  OMEN_ASSERT(node && !node->is_directory());
  node->contents->damage(offset, mask);
}

void SimulatedDisk::truncate_behind(const std::string& path, std::uint64_t size) {
  std::lock_guard lock(state_->mutex);
  const NodePointer node = state_->find(path);
  OMEN_ASSERT(node && !node->is_directory());
  node->contents->cut_short(size);
}

std::vector<std::string> SimulatedDisk::paths() const {
  std::lock_guard lock(state_->mutex);
  std::vector<std::string> paths;
  collect_files(*state_->root, "", paths);
  return paths;
}

}  // namespace omendb
