// omendb info: what a database holds and where its bytes are.
#include <fmt/format.h>

#include "apps/commands.h"
#include "apps/human.h"
#include "apps/json_text.h"
#include "base/try.h"
#include "omendb/omendb.h"

namespace omendb {
namespace {

std::string text_of(const std::string& name, const Collection& collection) {
  const CollectionOptions& options = collection.options();
  const Stats stats = collection.stats();
  const Progress progress = collection.progress();
  const MemoryUse& memory = stats.memory;
  std::string text = fmt::format("{}: {} dimensions, {}, {}\n", name, options.dimensions, name_of(options.metric),
                                 name_of(options.datatype));
  text += fmt::format("  points       {} live, {} erased, generation {}\n", with_commas(stats.points),
                      with_commas(stats.rows - stats.points), stats.generation);
  text += fmt::format("  operations   {} visible, {} on disk, {} in the checkpoint\n", with_commas(stats.lsn),
                      with_commas(stats.durable_lsn), with_commas(stats.checkpoint_lsn));
  text += fmt::format("  index        {} of {} rows covered, tail {}\n", with_commas(progress.covered),
                      with_commas(progress.accepted), with_commas(progress.tail));
  if (stats.measured.queries > 0) {
    text += fmt::format("  recall@10    {:.3f} with an ef of {}, measured on {} of {} rows\n", stats.measured.recall_at_10,
                        stats.measured.ef, stats.measured.queries, with_commas(stats.measured.rows));
  }
  text += fmt::format("  memory       {}: codes {}, graph {}, ids {}, erasures {}, fields {}, building {}\n",
                      bytes_text(memory.total()), bytes_text(memory.codes), bytes_text(memory.graph),
                      bytes_text(memory.ids), bytes_text(memory.erasures), bytes_text(memory.fields),
                      bytes_text(memory.building));
  for (const FieldIndexInfo& field : collection.field_indexes()) {
    text += fmt::format("  field        {} as {}: {} rows covered, {}\n", field.key, name_of(field.type), with_commas(field.rows),
                        bytes_text(field.memory_bytes));
  }
  text += fmt::format("  disk         {}, of it {} log\n", bytes_text(stats.disk_bytes), bytes_text(stats.log_bytes));
  if (stats.read_only) text += fmt::format("  READ-ONLY    {}\n", stats.read_only->message);
  return text;
}

std::string json_of(const std::string& name, const Collection& collection) {
  const CollectionOptions& options = collection.options();
  const Stats stats = collection.stats();
  const Progress progress = collection.progress();
  const MemoryUse& memory = stats.memory;
  return fmt::format(
      "{{\"name\":{},\"dimensions\":{},\"metric\":\"{}\",\"datatype\":\"{}\",\"points\":{},\"rows\":{},\"erased\":{"
      "},"
      "\"generation\":{},\"lsn\":{},\"durable_lsn\":{},\"checkpoint_lsn\":{},\"read_only\":{},"
      "\"index\":{{\"state\":\"{}\",\"accepted\":{},\"covered\":{},\"tail\":{}}},"
      "\"measured\":{{\"queries\":{},\"rows\":{},\"ef\":{},\"recall_at_10\":{:.4f}}},"
      "\"memory\":{{\"codes\":{},\"graph\":{},\"ids\":{},\"erasures\":{},\"fields\":{},\"building\":{},\"total\":{}}},"
      "\"disk_bytes\":{},\"log_bytes\":{}}}",
      json_string(name), options.dimensions, name_of(options.metric), name_of(options.datatype), stats.points,
      stats.rows, stats.rows - stats.points, stats.generation, stats.lsn, stats.durable_lsn, stats.checkpoint_lsn,
      stats.read_only ? json_string(stats.read_only->message) : "null", name_of(progress.state), progress.accepted,
      progress.covered, progress.tail, stats.measured.queries, stats.measured.rows, stats.measured.ef,
      stats.measured.recall_at_10, memory.codes, memory.graph, memory.ids, memory.erasures, memory.fields, memory.building,
      memory.total(), stats.disk_bytes, stats.log_bytes);
}

std::string text_of(const std::string& name, const Error& error) {
  return fmt::format("{}: CANNOT BE OPENED: {}\n", name, error.message);
}

std::string json_of(const std::string& name, const Error& error) {
  return fmt::format("{{\"name\":{},\"error\":{}}}", json_string(name), json_string(error.message));
}

}  // namespace

// A collection that cannot be opened is shown with the reason, and the others as well.
Result<void> run_info(const std::string& directory, bool as_json) {
  const Database database =
      OMEN_TRY(Database::open(directory, {.create_if_missing = false, .index_in_background = false}));
  std::string text;
  for (const std::string& name : database.names()) {
    const auto collection = database.collection(name);
    if (as_json) {
      text += text.empty() ? "" : ",";
      text += collection ? json_of(name, *collection) : json_of(name, collection.error());
    } else {
      text += collection ? text_of(name, *collection) : text_of(name, collection.error());
    }
  }
  if (as_json) {
    fmt::print("{{\"collections\":[{}]}}\n", text);
  } else {
    fmt::print("{}", text.empty() ? "no collections\n" : text);
  }
  return {};
}

}  // namespace omendb
