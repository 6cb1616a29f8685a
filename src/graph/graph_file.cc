#include "graph/graph_file.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/function_ref.h"
#include "base/try.h"
#include "graph/graph_draft.h"

namespace omendb {
namespace {

struct Header {
  std::array<char, 8> magic;
  std::uint32_t version;
  std::uint32_t links_max;
  std::uint64_t collection;
  std::uint64_t generation;
  std::uint64_t field;
  std::uint32_t covered;
  std::uint32_t entries;
  std::uint32_t batch_ends;
  SearchEffort effort;
  std::uint32_t lists_checksum;
  std::uint32_t links_checksum;
  std::uint32_t checksum;  // of the header up to here
};
static_assert(sizeof(SearchEffort) == 24 && offsetof(Header, effort) == 52, "docs/file_format.md, section Graph");
static_assert(sizeof(Header) == 88, "docs/file_format.md, section Graph");
static_assert(offsetof(Header, checksum) == 84, "docs/file_format.md, section Graph");

constexpr std::array<char, 8> kMagic = {'O', 'M', 'E', 'N', 'G', 'R', 'P', 'H'};
constexpr std::uint32_t kVersion = 2;
constexpr std::uint64_t kLinkBytes = std::uint64_t{kLinksMax} * sizeof(Row);  // of a row
constexpr std::uint64_t kChunkBytes = std::uint64_t{4} << 20;                  // read or written at once
constexpr std::uint32_t kChunkRows = kChunkBytes / kLinkBytes;

std::uint32_t checksum_of(const Header& header) { return crc32c(bytes_of(header).first(offsetof(Header, checksum))); }

std::span<const std::byte> links_of(const Graph& graph) {
  if (graph.covered() == 0) return {};
  const Row* first = graph.links(Row{0}).data();
  return std::as_bytes(std::span(first, std::size_t{graph.covered()} * kLinksMax));
}

// The two lists of the graph, as they lie in the file.
Bytes lists_of(const Graph& graph) {
  Bytes lists;
  put_bytes(lists, std::as_bytes(graph.entries()));
  put_bytes(lists, std::as_bytes(graph.batch_ends()));
  return lists;
}

Result<void> write_links(File& file, std::uint64_t offset, std::span<const std::byte> links) {
  while (!links.empty()) {
    const auto chunk = links.first(std::min<std::size_t>(links.size(), kChunkBytes));
    OMEN_TRY(file.write(offset, chunk));
    file.start_writeback(offset, chunk.size());
    offset += chunk.size();
    links = links.subspan(chunk.size());
  }
  return {};
}

// The open file `path`, wholly read or refused.
class Reader {
 public:
  Reader(const File& file, const GraphFile::Identity& identity, std::uint32_t rows)
      : file_(file), identity_(identity), rows_(rows) {}

  Result<std::shared_ptr<const Graph>> read() {
    OMEN_TRY(read_header());
    OMEN_TRY(read_lists());
    OMEN_TRY(draft_.reserve(header_.covered));
    const auto place = [&](std::uint32_t row, std::size_t count) {
      return std::span<Row>(draft_.links(Row{row}).data(), count * kLinksMax);
    };
    OMEN_TRY(read_links(place));
    draft_.set_covered(header_.covered);
    draft_.set_effort(header_.effort);
    return std::move(draft_).publish();
  }

  Result<std::uint64_t> verify() {
    OMEN_TRY(read_header());
    OMEN_TRY(read_lists());
    std::vector<Row> links(kChunkRows * kLinksMax);
    OMEN_TRY(read_links([&](std::uint32_t, std::size_t count) { return std::span(links).first(count * kLinksMax); }));
    return sizeof(Header) + lists_bytes() + header_.covered * kLinkBytes;
  }

 private:
  Error damaged(const std::string& what) const { return Error{ErrorCode::Corruption, file_.path() + ": " + what}; }

  Result<void> read_exactly(std::uint64_t offset, std::span<std::byte> into) const {
    const std::size_t bytes = OMEN_TRY(file_.read(offset, into));
    if (bytes < into.size()) return damaged("the file is cut short");
    return {};
  }

  std::uint64_t lists_bytes() const {
    return (std::uint64_t{header_.entries} + header_.batch_ends) * sizeof(std::uint32_t);
  }

  // Afterwards the counts fit the file's size, so what is allocated for them is no more than the file's bytes.
  Result<void> read_header() {
    OMEN_TRY(read_exactly(0, std::as_writable_bytes(std::span(&header_, 1))));
    if (header_.magic != kMagic) return damaged("not an OmenDB graph");
    if (header_.checksum != checksum_of(header_)) return damaged("the header's checksum differs");
    if (header_.version != kVersion || header_.links_max != kLinksMax) {
      return Error{ErrorCode::Unsupported, file_.path() + ": graph format version " + std::to_string(header_.version) +
                                               " with " + std::to_string(header_.links_max) + " links a row"};
    }
    if (header_.collection != identity_.collection || header_.generation != identity_.generation ||
        header_.field != identity_.field) {
      return damaged("the graph of another collection, generation or field");
    }
    if (header_.covered > rows_) {
      return damaged("covers " + std::to_string(header_.covered) + " rows where there are " + std::to_string(rows_));
    }
    if (header_.covered > kGraphRowsMax) return damaged("covers more rows than a graph holds");
    if ((header_.covered > 0) != (header_.entries > 0)) return damaged("entry rows and covered rows do not agree");
    if (header_.effort.for_10.ef > kEfMax || header_.effort.for_100.ef > kEfMax) {
      return damaged("walks wider than any that is measured");
    }
    const std::uint64_t size = OMEN_TRY(file_.size());
    const std::uint64_t expected = sizeof(Header) + lists_bytes() + header_.covered * kLinkBytes;
    if (size != expected) {
      return damaged(std::to_string(size) + " bytes long instead of " + std::to_string(expected));
    }
    return {};
  }

  Result<void> read_lists() {
    std::vector<std::uint32_t> numbers(std::size_t{header_.entries} + header_.batch_ends);
    const auto bytes = std::as_writable_bytes(std::span(numbers));
    OMEN_TRY(read_exactly(sizeof(Header), bytes));
    if (crc32c(bytes) != header_.lists_checksum) return damaged("the checksum of entries and batches differs");

    std::vector<Row> entries;
    for (const std::uint32_t row : std::span(numbers).first(header_.entries)) {
      if (row >= header_.covered) return damaged("entry row " + std::to_string(row) + " is not covered");
      entries.push_back(Row{row});
    }
    std::uint32_t last_end = 0;
    for (const std::uint32_t end : std::span(numbers).subspan(header_.entries)) {
      if (end <= last_end) return damaged("batches do not ascend");
      last_end = end;
    }
    if (last_end != header_.covered) return damaged("batches do not end at the covered rows");
    draft_.set_entries(std::move(entries));
    draft_.set_batch_ends({numbers.begin() + header_.entries, numbers.end()});
    return {};
  }

  // Reads the links of `count` rows from `row` on to where `place` says.
  Result<void> read_links(FunctionRef<std::span<Row>(std::uint32_t row, std::size_t count)> place) {
    std::uint64_t offset = sizeof(Header) + lists_bytes();
    std::uint32_t checksum = 0;
    for (std::uint32_t row = 0; row < header_.covered; row += std::min(kChunkRows, header_.covered - row)) {
      const std::size_t count = std::min(kChunkRows, header_.covered - row);
      const std::span<Row> links = place(row, count);
      const auto bytes = std::as_writable_bytes(links);
      OMEN_TRY(read_exactly(offset, bytes));
      checksum = crc32c(bytes, checksum);
      if (!all_covered(links)) return damaged("a link leads to a row that is not covered");
      offset += bytes.size();
    }
    if (checksum != header_.links_checksum) return damaged("the checksum of the links differs");
    return {};
  }

  bool all_covered(std::span<const Row> links) const {
    return std::all_of(links.begin(), links.end(),
                       [&](Row link) { return link == kNoRow || index(link) < header_.covered; });
  }

  const File& file_;
  const GraphFile::Identity& identity_;
  const std::uint32_t rows_;
  Header header_{};
  GraphDraft draft_;
};

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return path.substr(0, std::max<std::size_t>(slash, 1));
}

}  // namespace

Result<void> GraphFile::save(Disk& disk, const std::string& path, const Identity& identity, const Graph& graph) {
  const Bytes lists = lists_of(graph);
  const auto links = links_of(graph);
  Header header{};
  header.magic = kMagic;
  header.version = kVersion;
  header.links_max = kLinksMax;
  header.collection = identity.collection;
  header.generation = identity.generation;
  header.field = identity.field;
  header.covered = graph.covered();
  header.entries = static_cast<std::uint32_t>(graph.entries().size());
  header.batch_ends = static_cast<std::uint32_t>(graph.batch_ends().size());
  header.effort = graph.effort();
  header.lists_checksum = crc32c(lists);
  header.links_checksum = crc32c(links);
  header.checksum = checksum_of(header);

  const std::string temporary = path + std::string(kUnfinishedSuffix);
  if (OMEN_TRY(disk.exists(temporary))) OMEN_TRY(disk.remove(temporary));  // of a save that was cut off
  {
    const std::unique_ptr<File> file = OMEN_TRY(disk.open(temporary, OpenMode::CreateNew));
    OMEN_TRY(file->write(0, bytes_of(header)));
    OMEN_TRY(file->write(sizeof(Header), lists));
    OMEN_TRY(write_links(*file, sizeof(Header) + lists.size(), links));
    OMEN_TRY(file->sync());
  }
  OMEN_TRY(disk.rename(temporary, path));
  return disk.sync_directory(directory_of(path));
}

Result<std::shared_ptr<const Graph>> GraphFile::load(Disk& disk, const std::string& path, const Identity& identity,
                                                     std::uint32_t rows) {
  const std::unique_ptr<File> file = OMEN_TRY(disk.open(path, OpenMode::Read));
  return Reader(*file, identity, rows).read();
}

Result<std::uint64_t> GraphFile::verify(Disk& disk, const std::string& path, const Identity& identity,
                                        std::uint32_t rows) {
  const std::unique_ptr<File> file = OMEN_TRY(disk.open(path, OpenMode::Read));
  return Reader(*file, identity, rows).verify();
}

}  // namespace omendb
