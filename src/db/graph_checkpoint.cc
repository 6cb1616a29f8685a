#include "db/graph_checkpoint.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

#include "base/try.h"
#include "graph/graph_file.h"

namespace omendb {
namespace {

// "graph-<field>-<covered>"
std::string prefix_of(std::size_t field) { return "graph-" + std::to_string(field) + "-"; }

std::optional<std::uint32_t> covered_in(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return std::nullopt;
  name.remove_prefix(prefix.size());
  std::uint32_t covered = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), covered);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return covered;
}

// What the saved graphs of the field say they cover, most first.
std::vector<std::uint32_t> saved_graphs(Disk& disk, const Generation& generation, std::size_t field) {
  std::vector<std::uint32_t> found;
  const auto entries = disk.list(generation.directory());
  if (!entries.ok()) return found;
  const std::string prefix = prefix_of(field);
  for (const DirectoryEntry& entry : *entries) {
    if (const auto covered = covered_in(entry.name, prefix)) found.push_back(*covered);
  }
  std::sort(found.rbegin(), found.rend());
  return found;
}

// Graphs whose writing was cut off.
void remove_unfinished(Disk& disk, const Generation& generation, std::size_t field) {
  const auto entries = disk.list(generation.directory());
  if (!entries.ok()) return;
  const std::string prefix = prefix_of(field);
  for (const DirectoryEntry& entry : *entries) {
    if (!entry.name.starts_with(prefix) || !entry.name.ends_with(GraphFile::kUnfinishedSuffix)) continue;
    static_cast<void>(disk.remove(join_path(generation.directory(), entry.name)));  // it does no harm
  }
}

std::string graph_path(const Generation& generation, std::size_t field, std::uint32_t covered) {
  return join_path(generation.directory(), prefix_of(field) + std::to_string(covered));
}

GraphFile::Identity identity_of(std::uint64_t collection, const Generation& generation, std::size_t field) {
  return {.collection = collection, .generation = generation.number(), .field = field};
}

}  // namespace

std::shared_ptr<const Graph> load_graph(Disk& disk, std::uint64_t collection, const Generation& generation,
                                        std::size_t field, std::uint32_t rows) {
  remove_unfinished(disk, generation, field);
  for (const std::uint32_t covered : saved_graphs(disk, generation, field)) {
    auto graph =
        GraphFile::load(disk, graph_path(generation, field, covered), identity_of(collection, generation, field), rows);
    if (graph.ok()) return std::move(graph).value();
  }
  return nullptr;
}

Result<void> save_graph(Disk& disk, std::uint64_t collection, const Generation& generation, std::size_t field,
                        const Graph& graph) {
  OMEN_TRY(GraphFile::save(disk, graph_path(generation, field, graph.covered()),
                           identity_of(collection, generation, field), graph));
  for (const std::uint32_t covered : saved_graphs(disk, generation, field)) {
    if (covered != graph.covered()) OMEN_TRY(disk.remove(graph_path(generation, field, covered)));
  }
  return {};
}

std::vector<Result<std::uint64_t>> verify_graphs(Disk& disk, std::uint64_t collection, const Generation& generation,
                                                 std::size_t field) {
  const GraphFile::Identity identity = identity_of(collection, generation, field);
  std::vector<Result<std::uint64_t>> outcomes;
  for (const std::uint32_t covered : saved_graphs(disk, generation, field)) {
    outcomes.push_back(GraphFile::verify(disk, graph_path(generation, field, covered), identity, kGraphRowsMax));
  }
  return outcomes;
}

}  // namespace omendb
