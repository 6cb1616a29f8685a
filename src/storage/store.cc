#include "storage/store.h"

#include <random>

#include "base/try.h"
#include "storage/file_names.h"
#include "storage/log_record.h"
#include "storage/logged_store.h"
#include "storage/recovery.h"

namespace omendb {
namespace {

constexpr std::uint64_t kFirstGeneration = 1;

std::uint64_t random_identity() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

Result<void> write_new_collection(Disk& disk, const std::string& directory, const Schema& schema) {
  Manifest manifest;
  manifest.identity = random_identity();
  manifest.generation = kFirstGeneration;
  manifest.schema = schema;
  OMEN_TRY(disk.create_directory(directory));
  OMEN_TRY(disk.create_directory(join_path(directory, kLogName)));
  const auto rows = OMEN_TRY(RowSpace::create(disk, join_path(directory, generation_name(kFirstGeneration)),
                                              manifest.identity, kFirstGeneration, schema));
  OMEN_TRY(rows->sync_names());
  manifest.files = rows->extents();
  OMEN_TRY(SlotPair::create(disk, join_path(directory, kManifestName), encode_manifest(manifest)));
  return disk.sync_directory(parent_of(directory));
}

}  // namespace

Store::~Store() = default;

std::uint64_t RowBatch::record_bytes() const { return record_size(upsert_payload_length(*this)); }

Result<std::unique_ptr<Store>> Store::create(Disk& disk, const std::string& directory, const Schema& schema) {
  if (OMEN_TRY(disk.exists(directory))) return Error{ErrorCode::AlreadyExists, directory + " is there already"};
  if (auto written = write_new_collection(disk, directory, schema); !written.ok()) {
    static_cast<void>(disk.remove_tree(directory));
    return written.error();
  }
  return open(disk, directory);
}

Result<std::unique_ptr<Store>> Store::open(Disk& disk, const std::string& directory) {
  auto store = std::make_unique<LoggedStore>(disk, directory, OMEN_TRY(recover(disk, directory)));
  OMEN_TRY(store->settle());
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace omendb
