#include "server/collection_status.h"

#include <gtest/gtest.h>

namespace omendb {
namespace {

TEST(CollectionStatus, SaysWhetherThereIsWorkAndSomebodyDoesIt) {
  struct Case {
    const char* name;
    IndexState state;
    std::uint64_t accepted, tail;
    CollectionStatus want;
  };
  const Case cases[] = {
      {"nothing is left", IndexState::Settled, 100'000, 0, CollectionStatus::Green},
      {"rows are linked", IndexState::Indexing, 100'000, 50'000, CollectionStatus::Yellow},
      {"slowly, for the sake of queries", IndexState::Yielding, 100'000, 50'000, CollectionStatus::Yellow},
      {"a short tail gathers, for seconds", IndexState::Waiting, 100'000, 1'000, CollectionStatus::Yellow},
      {"a long one waits for memory", IndexState::Waiting, 100'000, 50'000, CollectionStatus::Yellow},
      {"nobody may", IndexState::Stopped, 100'000, 1, CollectionStatus::Grey},
      {"nobody needs to", IndexState::Stopped, 100'000, 0, CollectionStatus::Green},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Progress progress;
    progress.state = c.state;
    progress.accepted = c.accepted;
    progress.tail = c.tail;
    EXPECT_EQ(status_of(progress, false), c.want);
    EXPECT_EQ(status_of(progress, true), CollectionStatus::Red) << "whatever the indexer does";
  }
}

}  // namespace
}  // namespace omendb
