#include "db/field_catalog.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/try.h"
#include "storage/file_names.h"

namespace omendb {
namespace {

// docs/file_format.md, section Indexed fields.
constexpr std::uint32_t kFormat = 1;

constexpr std::size_t kKeyBytesMax = 4'096;

Bytes encode(const std::vector<FieldDefinition>& fields, std::uint64_t next_number) {
  Bytes out;
  put(out, kFormat);
  put(out, next_number);
  put(out, static_cast<std::uint32_t>(fields.size()));
  for (const FieldDefinition& field : fields) {
    put(out, field.number);
    put(out, static_cast<std::uint32_t>(field.type));
    put_text(out, field.key);
  }
  return out;
}

}  // namespace

Result<FieldCatalog> FieldCatalog::open(Disk& disk, const std::string& directory) {
  FieldCatalog catalog(disk, join_path(directory, kFieldsName));
  Result<SlotPair> slots = SlotPair::open(disk, catalog.prefix_);
  if (!slots.ok() && slots.error().code == ErrorCode::NotFound) return catalog;
  catalog.slots_.emplace(OMEN_TRY(std::move(slots)));
  OMEN_TRY(catalog.decode(catalog.slots_->value()));
  return catalog;
}

Result<void> FieldCatalog::decode(std::span<const std::byte> bytes) {
  const Error damaged{ErrorCode::Corruption, prefix_ + " does not make sense"};
  ByteReader in(bytes);
  const auto format = in.take<std::uint32_t>();
  if (!format) return damaged;
  if (*format != kFormat) {
    return Error{ErrorCode::Unsupported,
                 prefix_ + " has format " + std::to_string(*format) + ", this build knows " + std::to_string(kFormat)};
  }
  const auto next_number = in.take<std::uint64_t>();
  const auto count = in.take<std::uint32_t>();
  if (!next_number || !count || *count > kIndexedFieldsMax) return damaged;
  next_number_ = *next_number;
  for (std::uint32_t i = 0; i < *count; ++i) {
    const auto number = in.take<std::uint64_t>();
    const auto type = in.take<std::uint32_t>();
    const auto key = in.take_text();
    if (!number || !type || !key || *number >= next_number_ || *type > static_cast<std::uint32_t>(FieldType::Text)) {
      return damaged;
    }
    if (!JsonPath::parse(*key).ok()) return damaged;
    fields_.push_back({*number, static_cast<FieldType>(*type), std::string(*key)});
  }
  if (in.remaining() != 0) return damaged;
  return {};
}

FieldIndexes FieldCatalog::indexes() const {
  FieldIndexes indexes;
  for (const FieldDefinition& field : fields_) {
    indexes.push_back(FieldIndex::create(field.key, field.type, field.number).value());
  }
  return indexes;
}

Result<void> FieldCatalog::add(std::string_view key, FieldType type) {
  OMEN_TRY(JsonPath::parse(key));
  if (key.size() > kKeyBytesMax) {
    return Error{ErrorCode::TooLarge, "a field's key has at most " + std::to_string(kKeyBytesMax) + " bytes"};
  }
  std::vector<FieldDefinition> fields = fields_;
  std::erase_if(fields, [&](const FieldDefinition& field) { return field.key == key; });
  if (fields.size() >= kIndexedFieldsMax) {
    return Error{ErrorCode::TooLarge, "a collection has at most " + std::to_string(kIndexedFieldsMax) + " field indexes"};
  }
  fields.push_back({next_number_, type, std::string(key)});
  return write(std::move(fields), next_number_ + 1);
}

Result<void> FieldCatalog::remove(std::string_view key) {
  std::vector<FieldDefinition> fields = fields_;
  if (std::erase_if(fields, [&](const FieldDefinition& field) { return field.key == key; }) == 0) {
    return Error{ErrorCode::NotFound, "there is no index on field \"" + std::string(key) + "\""};
  }
  return write(std::move(fields), next_number_);
}

Result<void> FieldCatalog::write(std::vector<FieldDefinition> fields, std::uint64_t next_number) {
  const Bytes bytes = encode(fields, next_number);
  if (slots_) {
    OMEN_TRY(slots_->write(bytes));
  } else {
    slots_.emplace(OMEN_TRY(SlotPair::create(*disk_, prefix_, bytes)));
  }
  fields_ = std::move(fields);
  next_number_ = next_number;
  return {};
}

}  // namespace omendb
