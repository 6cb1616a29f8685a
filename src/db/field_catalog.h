// The field catalogue: which payload fields of a collection are indexed. Definitions only; the indexes are derived.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "omendb/field_index.h"
#include "omendb/result.h"
#include "os/disk.h"
#include "payload/field_index.h"
#include "storage/slot_pair.h"

namespace omendb {

struct FieldDefinition {
  std::uint64_t number = 0;  // never given twice in a collection: files of the index are named by it
  FieldType type = FieldType::Keyword;
  std::string key;
};

constexpr std::size_t kIndexedFieldsMax = 256;

class FieldCatalog {
 public:
  // Of the collection in `directory`; empty if it never had an index.
  static Result<FieldCatalog> open(Disk& disk, const std::string& directory);

  const std::vector<FieldDefinition>& fields() const { return fields_; }

  // Indexes of no rows, one a definition.
  FieldIndexes indexes() const;

  // Durable when they return. Call one at a time.
  //   InvalidArgument  the key is no path
  //   TooLarge         there are kIndexedFieldsMax already
  Result<void> add(std::string_view key, FieldType type);  // in place of the one with this key, if any
  Result<void> remove(std::string_view key);               // NotFound

 private:
  FieldCatalog(Disk& disk, std::string prefix) : disk_(&disk), prefix_(std::move(prefix)) {}
  Result<void> decode(std::span<const std::byte> bytes);
  Result<void> write(std::vector<FieldDefinition> fields, std::uint64_t next_number);

  Disk* disk_;
  std::string prefix_;
  std::optional<SlotPair> slots_;
  std::uint64_t next_number_ = 1;
  std::vector<FieldDefinition> fields_;
};

}  // namespace omendb
