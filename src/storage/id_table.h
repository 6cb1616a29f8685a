// An open-addressing hash table from key to Row: linear probing, no tombstones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/row.h"

namespace omendb {

// The caller hashes: the low bits of `hash` choose the slot. Not synchronised.
template <class Key>
class IdTable {
 public:
  // nullptr if the key is not there. Valid until the next change.
  const Row* find(const Key& key, std::uint64_t hash) const {
    if (slots_.empty()) return nullptr;
    for (std::size_t i = hash & mask();; i = next(i)) {
      if (!slots_[i].used) return nullptr;
      if (slots_[i].key == key) return &slots_[i].row;
    }
  }

  // The key's row, kNoRow if it is new. `hash_of(key)` is needed to grow.
  template <class Hash>
  Row& insert(const Key& key, std::uint64_t hash, Hash hash_of) {
    if (const Row* found = find(key, hash)) return const_cast<Row&>(*found);
    if (4 * (size_ + 1) > 3 * slots_.size()) grow(hash_of);
    ++size_;
    return place(key, hash, kNoRow).row;
  }

  // Returns the key's row, kNoRow if it was not there. What stands behind it moves up, so that probing stays unbroken.
  template <class Hash>
  Row erase(const Key& key, std::uint64_t hash, Hash hash_of) {
    const Row* found = find(key, hash);
    if (found == nullptr) return kNoRow;
    const Row row = *found;
    std::size_t hole = hash & mask();
    while (slots_[hole].key != key) hole = next(hole);
    for (std::size_t i = next(hole); slots_[i].used; i = next(i)) {
      const std::size_t home = hash_of(slots_[i].key) & mask();
      if (((i - home) & mask()) < ((i - hole) & mask())) continue;  // its home lies behind the hole
      slots_[hole] = slots_[i];
      hole = i;
    }
    slots_[hole] = Slot{};
    --size_;
    return row;
  }

  void prefetch(std::uint64_t hash) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[hash & mask()]);
  }

  std::uint64_t memory_bytes() const { return slots_.capacity() * sizeof(Slot); }

 private:
  struct Slot {
    Key key{};
    Row row = kNoRow;
    std::uint32_t used = 0;
  };
  static constexpr std::size_t kFirstSlots = 8;

  std::size_t mask() const { return slots_.size() - 1; }
  std::size_t next(std::size_t i) const { return (i + 1) & mask(); }

  Slot& place(const Key& key, std::uint64_t hash, Row row) {
    std::size_t i = hash & mask();
    while (slots_[i].used) i = next(i);
    slots_[i] = Slot{key, row, 1};
    return slots_[i];
  }

  template <class Hash>
  void grow(Hash hash_of) {
    const auto old = std::exchange(slots_, std::vector<Slot>(slots_.empty() ? kFirstSlots : 2 * slots_.size()));
    for (const Slot& slot : old) {
      if (slot.used) place(slot.key, hash_of(slot.key), slot.row);
    }
  }

  std::vector<Slot> slots_;  // a power of two, at most three quarters used
  std::size_t size_ = 0;
};

}  // namespace omendb
