// omendb verify: reads every byte at rest and says which are not as they were written.
#include <fmt/format.h>

#include "apps/commands.h"
#include "apps/human.h"
#include "base/try.h"
#include "omendb/omendb.h"

namespace omendb {

Result<void> run_verify(const std::string& directory) {
  const Database database =
      OMEN_TRY(Database::open(directory, {.create_if_missing = false, .index_in_background = false}));
  std::size_t damaged = 0;
  for (const std::string& name : database.names()) {
    const auto collection = database.collection(name);
    if (!collection) {
      fmt::print("{}: CANNOT BE OPENED: {}\n", name, collection.error().message);
      ++damaged;
      continue;
    }
    const VerifyReport report = OMEN_TRY(collection->verify());
    fmt::print("{}: {} files, {}: {}\n", name, report.files, bytes_text(report.bytes),
               report.damage.empty() ? "all as it was written" : "DAMAGED");
    for (const Error& error : report.damage) fmt::print("  {}: {}\n", name_of(error.code), error.message);
    damaged += report.damage.size();
  }
  if (damaged > 0) return Error{ErrorCode::Corruption, fmt::format("damage was found in {} places", damaged)};
  return {};
}

}  // namespace omendb
