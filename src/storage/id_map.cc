#include "storage/id_map.h"

#include <cstring>

namespace omendb {
namespace {

using Uuid = std::array<std::uint8_t, 16>;

// The finaliser of SplitMix64 (Steele, Lea, Flood, 2014): every bit of the input moves every bit of the output.
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58'476D'1CE4'E5B9ull;
  x = (x ^ (x >> 27)) * 0x94D0'49BB'1331'11EBull;
  return x ^ (x >> 31);
}

std::uint64_t hash_of(std::uint64_t number) { return mix(number + 0x9E37'79B9'7F4A'7C15ull); }

std::uint64_t hash_of(const Uuid& uuid) {
  std::uint64_t halves[2];
  std::memcpy(halves, uuid.data(), sizeof halves);
  return mix(mix(halves[0] + 0x9E37'79B9'7F4A'7C15ull) ^ halves[1]);
}

constexpr auto kHash = [](const auto& key) { return hash_of(key); };

}  // namespace

IdMap::IdMap() : shards_(std::make_unique<Shard[]>(kShards)) {}

std::optional<Row> IdMap::find(PointId id) const {
  const auto look = [&](const auto& key, auto table) -> std::optional<Row> {
    const std::uint64_t hash = hash_of(key);
    const Shard& home = shard(hash);
    std::lock_guard lock(home.mutex);
    const Row* row = (home.*table).find(key, hash);
    if (row == nullptr || *row == kNoRow) return std::nullopt;
    return *row;
  };
  return id.is_uuid() ? look(id.uuid_bytes(), &Shard::uuids) : look(id.number(), &Shard::numbers);
}

Row IdMap::exchange(PointId id, Row row) {
  const auto swap = [&](const auto& key, auto table) {
    const std::uint64_t hash = hash_of(key);
    Shard& home = shard(hash);
    std::lock_guard lock(home.mutex);
    auto& entries = home.*table;
    const std::uint64_t before = entries.memory_bytes();
    const Row old = std::exchange(entries.insert(key, hash, kHash), row);
    const std::uint64_t grown = entries.memory_bytes() - before;
    if (grown != 0) table_bytes_.fetch_add(grown, std::memory_order_relaxed);
    return old;
  };
  return id.is_uuid() ? swap(id.uuid_bytes(), &Shard::uuids) : swap(id.number(), &Shard::numbers);
}

Row IdMap::erase(PointId id) {
  const auto remove = [&](const auto& key, auto table) {
    const std::uint64_t hash = hash_of(key);
    Shard& home = shard(hash);
    std::lock_guard lock(home.mutex);
    return (home.*table).erase(key, hash, kHash);
  };
  return id.is_uuid() ? remove(id.uuid_bytes(), &Shard::uuids) : remove(id.number(), &Shard::numbers);
}

bool IdMap::contains_key(PointId id) const {
  const auto look = [&](const auto& key, auto table) {
    const std::uint64_t hash = hash_of(key);
    return (shard(hash).*table).find(key, hash) != nullptr;
  };
  return id.is_uuid() ? look(id.uuid_bytes(), &Shard::uuids) : look(id.number(), &Shard::numbers);
}

void IdMap::prefetch(PointId id) const {
  const auto touch = [&](const auto& key, auto table) {
    const std::uint64_t hash = hash_of(key);
    (shard(hash).*table).prefetch(hash);
  };
  id.is_uuid() ? touch(id.uuid_bytes(), &Shard::uuids) : touch(id.number(), &Shard::numbers);
}

std::uint64_t IdMap::memory_bytes() const {
  return kShards * sizeof(Shard) + table_bytes_.load(std::memory_order_relaxed);
}

}  // namespace omendb
