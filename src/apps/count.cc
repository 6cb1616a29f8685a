// omendb count: how many points match.
#include <fmt/format.h>

#include "apps/commands.h"
#include "apps/filter_argument.h"
#include "base/try.h"
#include "omendb/omendb.h"

namespace omendb {

Result<void> run_count(const CountArguments& arguments) {
  const Filter filter = OMEN_TRY(filter_of(arguments.filter));
  const Database database =
      OMEN_TRY(Database::open(arguments.directory, {.create_if_missing = false, .index_in_background = false}));
  const Collection collection = OMEN_TRY(database.collection(arguments.collection));
  fmt::print("{}\n", OMEN_TRY(collection.count(filter)));
  return {};
}

}  // namespace omendb
