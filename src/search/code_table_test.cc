#include "search/code_table.h"

#include <gtest/gtest.h>

#include <cstring>

#include "os/simulated_disk.h"
#include "search/code_parts.h"
#include "search/test_vectors.h"

namespace omendb {
namespace {

constexpr std::uint64_t kSeed = 31;
constexpr const char* kPath = "codes";

// The first difference between two tables, in words; empty if there is none.
std::string difference(const CodeTable& a, const CodeTable& b) {
  if (a.rows() != b.rows()) return std::to_string(a.rows()) + " and " + std::to_string(b.rows()) + " rows";
  for (std::uint32_t row = 0; row < a.rows(); ++row) {
    const CodeRecord left = a.record(Row{row});
    const CodeRecord right = b.record(Row{row});
    const bool same = std::memcmp(&left.factors, &right.factors, sizeof left.factors) == 0 &&
                      std::memcmp(left.code, right.code, a.code_dimensions()) == 0;
    if (!same) return "record " + std::to_string(row);
  }
  for (std::uint32_t block = kFirstCodedRows / kBlockRows; block < a.rows() / kBlockRows; ++block) {
    if (std::memcmp(a.parts().block_data(block), b.parts().block_data(block), a.parts().block_bytes()) != 0) {
      return "block " + std::to_string(block);
    }
  }
  for (std::uint32_t chunk = 0; chunk < a.rows() / kChunkRows; ++chunk) {
    const std::size_t bytes = a.code_dimensions() * sizeof(double);
    if (std::memcmp(a.parts().chunk_sum(chunk), b.parts().chunk_sum(chunk), bytes) != 0) {
      return "sum of chunk " + std::to_string(chunk);
    }
  }
  return "";
}

struct Source {
  VectorField field;
  std::vector<float> vectors;

  std::span<const std::byte> rows(std::uint32_t begin, std::uint32_t end) const {
    const std::size_t row_bytes = field.row_bytes();
    return std::as_bytes(std::span(vectors)).subspan(begin * row_bytes, (end - begin) * row_bytes);
  }
  std::unique_ptr<CodeTable> coded(std::uint32_t end) const {
    auto table = CodeTable::create(field, kSeed).value();
    table->append(rows(0, end)).value();
    return table;
  }
};

Source source(Metric metric, std::uint32_t rows, std::size_t dimensions = 8) {
  return {field_of(dimensions, metric), clustered_vectors(rows, dimensions, 20, kSeed)};
}

TEST(CodeTable, DependsOnRowsAndSeedAlone) {
  const std::uint32_t rows = 140'000;  // more than two extents, the last block open
  const Source from = source(Metric::L2, rows);
  const auto at_once = from.coded(rows);

  const auto in_pieces = CodeTable::create(from.field, kSeed).value();
  std::mt19937_64 random(kSeed);
  for (std::uint32_t row = 0; row < rows;) {
    const std::uint32_t end = std::min<std::uint32_t>(rows, row + 1 + static_cast<std::uint32_t>(random() % 3'000));
    in_pieces->append(from.rows(row, end)).value();
    row = end;
  }
  EXPECT_EQ(difference(*at_once, *in_pieces), "") << "seed " << kSeed;

  const auto executor = make_executor(3, Priority::Normal);
  const auto by_threads = CodeTable::create(from.field, kSeed).value();
  by_threads->append(from.rows(0, 50'001), executor.get()).value();
  by_threads->append(from.rows(50'001, rows), executor.get()).value();
  EXPECT_EQ(difference(*at_once, *by_threads), "");
}

TEST(CodeTable, CodesAreInBoundsAndReadersPointersStay) {
  const Source from = source(Metric::Cosine, 20'000, 70);
  const auto table = from.coded(5'000);
  const std::int8_t* first = table->record(Row{0}).code;
  table->append(from.rows(5'000, 20'000)).value();
  EXPECT_EQ(table->record(Row{0}).code, first);
  EXPECT_EQ(table->code_dimensions(), 128u);
  for (std::uint32_t row = 0; row < table->rows(); ++row) {
    int largest = 0;
    for (std::uint32_t i = 0; i < 128; ++i) largest = std::max(largest, std::abs(table->record(Row{row}).code[i]));
    ASSERT_EQ(largest, 127) << "row " << row;
  }
}

TEST(CodeFile, GivesBackWhatWasSavedAndGoesOnFromThere) {
  for (const Metric metric : {Metric::L2, Metric::Dot, Metric::Cosine}) {
    const Source from = source(metric, 75'000);
    const auto whole = from.coded(75'000);
    for (const std::uint32_t saved_rows : {4'096u, 65'536u, 70'000u}) {
      SCOPED_TRACE(saved_rows);
      SimulatedDisk disk;
      from.coded(saved_rows)->save(disk, kPath).value();
      const auto loaded = CodeTable::load(from.field, disk, kPath, saved_rows).value();
      EXPECT_EQ(loaded->rows(), saved_rows / 4'096 * 4'096);
      loaded->append(from.rows(loaded->rows(), 75'000)).value();
      EXPECT_EQ(difference(*loaded, *whole), "");
    }
  }
}

TEST(CodeFile, GrowsByWholeChunks) {
  SimulatedDisk disk;
  const Source from = source(Metric::L2, 30'000);
  const auto table = CodeTable::create(from.field, kSeed).value();
  table->save(disk, kPath).value();
  EXPECT_FALSE(disk.exists(kPath).value());
  for (const std::uint32_t end : {5'000u, 6'000u, 20'000u, 30'000u}) {
    table->append(from.rows(table->rows(), end)).value();
    table->save(disk, kPath).value();
    EXPECT_EQ(CodeTable::load(from.field, disk, kPath, end).value()->rows(), end / 4'096 * 4'096);
  }
}

TEST(CodeFile, ReplacesAFileOfAnotherTable) {
  SimulatedDisk disk;
  source(Metric::Dot, 20'000).coded(20'000)->save(disk, kPath).value();
  const Source from = source(Metric::L2, 5'000);
  from.coded(5'000)->save(disk, kPath).value();
  EXPECT_EQ(difference(*CodeTable::load(from.field, disk, kPath, 20'000).value(), *from.coded(4'096)), "");
}

TEST(CodeFile, EndsWhereTheDamageBegins) {
  const Source from = source(Metric::L2, 12'288);
  const auto table = from.coded(12'288);
  const std::uint64_t chunk = 8 + 64 * 8 + 4'096 * (8 + table->code_dimensions());
  const std::uint64_t blocks = 128 * table->parts().block_bytes();
  struct Case {
    const char* name;
    std::uint64_t flipped;
    std::uint32_t rows;  // 0: refused
  };
  const Case cases[] = {
      {"the magic", 0, 0},
      {"the version", 9, 0},
      {"the seed", 17, 0},
      {"the number of the first chunk", 32, 0},
      {"a sum in the first chunk", 50, 0},
      {"a record of the first chunk", 32 + chunk / 2, 0},
      {"a record of the second chunk", 32 + chunk + chunk / 2, 4'096},
      {"a block of the second chunk", 32 + 2 * chunk + 100, 4'096},
      {"the last byte", 32 + 3 * chunk + 2 * blocks - 1, 8'192},
  };
  SimulatedDisk disk;
  table->save(disk, kPath).value();
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto damaged = disk.after_kill();
    const auto file = damaged->open(kPath, OpenMode::Write).value();
    std::byte byte{};
    ASSERT_EQ(file->read(c.flipped, {&byte, 1}).value(), 1u);
    byte ^= std::byte{4};
    file->write(c.flipped, {&byte, 1}).value();
    const auto loaded = CodeTable::load(from.field, *damaged, kPath, 12'288);
    EXPECT_EQ(loaded.ok() ? loaded.value()->rows() : 0, c.rows);
  }
}

TEST(CodeFile, EndsWhereTheFileIsCutShort) {
  const Source from = source(Metric::L2, 12'288);
  SimulatedDisk disk;
  from.coded(12'288)->save(disk, kPath).value();
  struct Case {
    std::uint64_t missing;
    std::uint32_t rows;
  };
  for (const auto& [missing, rows] : {Case{1, 8'192}, Case{400'000, 4'096}}) {
    const auto shorter = disk.after_kill();
    const auto file = shorter->open(kPath, OpenMode::Write).value();
    file->truncate(file->size().value() - missing).value();
    EXPECT_EQ(CodeTable::load(from.field, *shorter, kPath, 12'288).value()->rows(), rows);
  }
}

// Codes were saved for 8,192 rows, of which a crash leaves 5,000. Others take the numbers from 5,000 on. Were the
// second chunk still there at the next open, it would be taken for theirs.
TEST(CodeFile, ForgetsTheCodesOfRowsThatWereLost) {
  SimulatedDisk disk;
  const Source from = source(Metric::L2, 8'192);
  from.coded(8'192)->save(disk, kPath).value();
  EXPECT_EQ(CodeTable::load(from.field, disk, kPath, 5'000).value()->rows(), 4'096u);
  EXPECT_EQ(CodeTable::load(from.field, disk, kPath, 8'192).value()->rows(), 4'096u);
  for (std::uint64_t cut = 0; cut < 20; ++cut) {
    const auto after = disk.after_cut(cut);
    const auto loaded = CodeTable::load(from.field, *after, kPath, 8'192);
    EXPECT_LE(loaded.ok() ? loaded.value()->rows() : 0, 4'096u) << "cut " << cut;
  }
}

TEST(CodeFile, IsRefusedWithAReason) {
  SimulatedDisk disk;
  const Source from = source(Metric::L2, 4'096);
  EXPECT_EQ(CodeTable::load(from.field, disk, kPath, 4'096).error().code, ErrorCode::NotFound);
  from.coded(4'096)->save(disk, kPath).value();

  VectorField other = from.field;
  other.metric = Metric::Dot;
  EXPECT_EQ(CodeTable::load(other, disk, kPath, 4'096).error().code, ErrorCode::Corruption);
  const auto file = disk.open(kPath, OpenMode::Write).value();
  for (const std::uint32_t version : {1u, 3u}) {
    file->write(8, bytes_of(version)).value();
    EXPECT_EQ(CodeTable::load(from.field, disk, kPath, 4'096).error().code, ErrorCode::Unsupported) << version;
  }
}

TEST(CodeFile, SavesAgainAfterADiskThatWasFull) {
  const Source from = source(Metric::L2, 20'000);
  const auto table = from.coded(20'000);
  SimulatedDisk small(500'000);
  EXPECT_FALSE(table->save(small, kPath).ok());
  EXPECT_EQ(CodeTable::load(from.field, small, kPath, 20'000).value()->rows(), 4'096u);
  SimulatedDisk disk;
  table->save(disk, kPath).value();
  EXPECT_EQ(CodeTable::load(from.field, disk, kPath, 20'000).value()->rows(), 16'384u);
}

TEST(CodeFile, IsWrittenAnewIfSomebodyRemovedIt) {
  SimulatedDisk disk;
  const Source from = source(Metric::L2, 20'000);
  const auto table = from.coded(5'000);
  table->save(disk, kPath).value();
  disk.remove(kPath).value();
  table->append(from.rows(5'000, 20'000)).value();
  table->save(disk, kPath).value();
  EXPECT_EQ(CodeTable::load(from.field, disk, kPath, 20'000).value()->rows(), 16'384u);
}

}  // namespace
}  // namespace omendb
