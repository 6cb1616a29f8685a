// What the log says of collections that no request asks about: how each was opened, and when one becomes read-only.
#pragma once

#include <set>
#include <string>

#include "omendb/database.h"

namespace omendb {

// One thread.
class CollectionWatch {
 public:
  void opened(const Database& database);  // a line for each
  void look(const Database& database);    // an error for each that became read-only since

 private:
  void look_at(const std::string& name, const Stats& stats);

  std::set<std::string> read_only_;
};

}  // namespace omendb
