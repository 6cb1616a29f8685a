// omendb export: every live point of one moment as a line of JSON, in id order.
#include "apps/commands.h"
#include "apps/filter_argument.h"
#include "apps/formats/file_writer.h"
#include "apps/formats/point_line.h"
#include "base/try.h"
#include "omendb/omendb.h"

namespace omendb {

Result<void> run_export(const ExportArguments& arguments) {
  const Filter filter = OMEN_TRY(filter_of(arguments.filter));
  const Database database =
      OMEN_TRY(Database::open(arguments.directory, {.create_if_missing = false, .index_in_background = false}));
  const Collection collection = OMEN_TRY(database.collection(arguments.collection));
  const CollectionOptions& options = collection.options();
  if (!options.vectors.empty() || !options.sparse_vectors.empty()) {
    return Error{ErrorCode::Unsupported,
                 arguments.collection + " has named vectors, and a line of a file holds the unnamed one only"};
  }
  FileWriter out = OMEN_TRY(FileWriter::create(arguments.out_file));

  std::string line;
  Result<void> written;
  OMEN_TRY(collection.iterate([&](const Point& point) {
    line.clear();
    append_point_line(line, point);
    line += '\n';
    written = out.write(line);
    return written.ok();
  }, filter));
  OMEN_TRY(written);
  return out.finish();
}

}  // namespace omendb
