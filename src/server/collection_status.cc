#include "server/collection_status.h"

namespace omendb {
namespace {

// A tail that the indexer leaves alone costs a search well under a millisecond.
constexpr std::uint64_t kShortTail = 20'000;

}  // namespace

CollectionStatus status_of(const Progress& progress) {
  switch (progress.state) {
    case IndexState::Settled:
      return CollectionStatus::Green;
    case IndexState::Indexing:
      return CollectionStatus::Yellow;
    case IndexState::Yielding:
      return CollectionStatus::Yellow;
    case IndexState::Waiting:
      return progress.tail <= kShortTail || progress.tail * 5 <= progress.accepted ? CollectionStatus::Green
                                                                                   : CollectionStatus::Yellow;
    case IndexState::Stopped:
      return progress.tail == 0 ? CollectionStatus::Green : CollectionStatus::Grey;
  }
  return CollectionStatus::Green;
}

std::string_view name_of(CollectionStatus status) {
  switch (status) {
    case CollectionStatus::Green:
      return "green";
    case CollectionStatus::Yellow:
      return "yellow";
    case CollectionStatus::Grey:
      return "grey";
  }
  return "";
}

}  // namespace omendb
