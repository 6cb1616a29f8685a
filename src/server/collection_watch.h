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

  // An error for each that became read-only since. Of many collections a call looks at some, the next at others.
  void look(const Database& database);

 private:
  void look_at(const std::string& name, const Stats& stats);

  std::size_t looks_ = 0;  // at collections, so far
  std::set<std::string> read_only_;
};

}  // namespace omendb
