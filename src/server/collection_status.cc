#include "server/collection_status.h"

#include <algorithm>

namespace omendb {

CollectionStatus status_of(const Progress& progress, bool read_only) {
  if (read_only) return CollectionStatus::Red;
  switch (progress.state) {
    case IndexState::Settled:
      return CollectionStatus::Green;
    case IndexState::Indexing:
    case IndexState::Yielding:
    case IndexState::Waiting:
      return CollectionStatus::Yellow;
    case IndexState::Stopped:
      return progress.tail == 0 ? CollectionStatus::Green : CollectionStatus::Grey;
  }
  return CollectionStatus::Green;
}

std::uint64_t indexed_count(const Progress& progress, std::uint64_t points) {
  return std::min(progress.covered, points);
}

std::string_view name_of(CollectionStatus status) {
  switch (status) {
    case CollectionStatus::Green:
      return "green";
    case CollectionStatus::Yellow:
      return "yellow";
    case CollectionStatus::Grey:
      return "grey";
    case CollectionStatus::Red:
      return "red";
  }
  return "";
}

}  // namespace omendb
