#include "server/collection_watch.h"

#include <algorithm>
#include <vector>

#include "server/log.h"

namespace omendb {
namespace {

// A look takes a tenth of a millisecond, and comes every second.
constexpr std::size_t kLooksAtOnce = 64;

}  // namespace

void CollectionWatch::opened(const Database& database) {
  for (const std::string& name : database.names()) {
    const Result<Collection> collection = database.collection(name);
    if (!collection.ok()) {
      log_error("collection cannot be opened", {{"collection", name}, {"error", collection.error().message}});
      continue;
    }
    const Stats stats = collection->stats();
    log_info("collection opened", {{"collection", name},
                                   {"points", stats.points},
                                   {"indexed", collection->progress().covered},
                                   {"lsn", stats.lsn},
                                   {"disk_bytes", stats.disk_bytes}});
    look_at(name, stats);
  }
}

void CollectionWatch::look(const Database& database) {
  const std::vector<std::string> names = database.names();
  for (std::size_t i = 0; i < std::min(kLooksAtOnce, names.size()); ++i) {
    const std::string& name = names[looks_++ % names.size()];
    const Result<Collection> collection = database.collection(name);
    if (collection.ok()) look_at(name, collection->stats());
  }
}

// One that is dropped and made again under its name may break again.
void CollectionWatch::look_at(const std::string& name, const Stats& stats) {
  if (!stats.read_only) {
    read_only_.erase(name);
  } else if (read_only_.insert(name).second) {
    log_error("collection takes no writes", {{"collection", name}, {"reason", stats.read_only->message}});
  }
}

}  // namespace omendb
