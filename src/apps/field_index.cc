// omendb field-index: makes or drops the index of a payload field.
#include <fmt/format.h>

#include "apps/commands.h"
#include "apps/human.h"
#include "base/try.h"
#include "omendb/omendb.h"

namespace omendb {

Result<void> run_field_index(const FieldIndexArguments& arguments) {
  Database database = OMEN_TRY(Database::open(arguments.directory, {.create_if_missing = false}));
  Collection collection = OMEN_TRY(database.collection(arguments.collection));
  if (!arguments.type) {
    OMEN_TRY(collection.drop_field_index(arguments.key));
    fmt::print("{} is no longer indexed\n", arguments.key);
    return database.close();
  }
  OMEN_TRY(collection.create_field_index(arguments.key, *arguments.type));
  OMEN_TRY(collection.wait_field_indexes(std::chrono::hours(24)));
  for (const FieldIndexInfo& field : collection.field_indexes()) {
    if (field.key != arguments.key) continue;
    fmt::print("{} is indexed as {}: {} rows, {}\n", field.key, name_of(field.type), with_commas(field.rows),
               bytes_text(field.memory_bytes));
  }
  return database.close();
}

}  // namespace omendb
