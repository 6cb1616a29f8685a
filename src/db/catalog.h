// The catalogue: which collections a database has, in which folder each lies, and what else they are called. Names never
// become paths.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "omendb/result.h"
#include "os/disk.h"
#include "storage/slot_pair.h"

namespace omendb {

class Catalog {
 public:
  // In a directory that has none yet; durable.
  static Result<Catalog> create(Disk& disk, const std::string& directory);
  static Result<Catalog> open(Disk& disk, const std::string& directory);

  using Collections = std::map<std::string, std::uint64_t, std::less<>>;  // name to folder number
  using Aliases = std::map<std::string, std::string, std::less<>>;        // alias to name

  const Collections& collections() const { return collections_; }
  const Aliases& aliases() const { return aliases_; }
  std::string directory_of(std::uint64_t number) const;

  // A folder number that no collection has or had.
  std::uint64_t next_number() const { return next_number_; }

  // Durable when they return. Call one at a time.
  Result<void> add(const std::string& name);  // as next_number()
  Result<void> remove(const std::string& name);  // and its aliases
  Result<void> set_aliases(Aliases aliases);

  // Removes the folders of collections that were dropped.
  void sweep();

  // The first folder in `directory` that looks like a collection's, if any.
  static Result<std::optional<std::string>> find_folder(Disk& disk, const std::string& directory);

 private:
  Catalog(Disk& disk, std::string directory, SlotPair slots)
      : disk_(&disk), directory_(std::move(directory)), slots_(std::move(slots)) {}
  Result<void> decode();
  Result<void> write();

  Disk* disk_;
  std::string directory_;
  SlotPair slots_;
  std::uint64_t next_number_ = 1;
  Collections collections_;
  Aliases aliases_;
};

// InvalidArgument unless 1 to 255 bytes of UTF-8, without < > : " / \ | ? * and control characters: what Qdrant allows.
Result<void> check_name(std::string_view name);

}  // namespace omendb
