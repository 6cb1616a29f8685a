// How a collection is doing, in Qdrant's words.
#pragma once

#include <cstdint>
#include <string_view>

#include "omendb/types.h"

namespace omendb {

enum class CollectionStatus : std::uint8_t {
  Green,   // nothing is left for the indexer
  Yellow,  // being indexed, or about to be
  Grey,    // there is work, and the indexer is switched off
  Red,     // takes no writes any more
};

CollectionStatus status_of(const Progress& progress, bool read_only);
std::string_view name_of(CollectionStatus status);

// What Qdrant calls indexed vectors: rows that the graph covers; erased ones are no points.
std::uint64_t indexed_count(const Progress& progress, std::uint64_t points);

}  // namespace omendb
