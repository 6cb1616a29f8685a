// How a collection is doing, in Qdrant's words.
#pragma once

#include <cstdint>
#include <string_view>

#include "omendb/types.h"

namespace omendb {

enum class CollectionStatus : std::uint8_t {
  Green,   // settled, or the rest is too little to be worth work
  Yellow,  // being indexed
  Grey,    // there is work, and the indexer is switched off
};

CollectionStatus status_of(const Progress& progress);
std::string_view name_of(CollectionStatus status);

}  // namespace omendb
