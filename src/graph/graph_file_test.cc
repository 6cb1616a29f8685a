#include "graph/graph_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/crc32c.h"
#include "graph/test_world.h"
#include "os/simulated_disk.h"

namespace omendb {
namespace {

const std::string kPath = "dir/graph";
const GraphFile::Identity kIdentity{.collection = 0x1234'5678'9ABC'DEF0, .generation = 3, .field = 1};
constexpr std::uint32_t kRows = 5'000;  // of the generation; the graph covers fewer

class GraphFileTest : public testing::Test {
 protected:
  GraphFileTest() : world_(2, Metric::L2, grid_vectors(71)) { OMEN_ASSERT(disk_.create_directory("dir").ok()); }

  std::shared_ptr<const Graph> small() const { return world_.build(40); }

  Result<void> save(const Graph& graph) { return GraphFile::save(disk_, kPath, kIdentity, graph); }
  auto load(std::uint32_t rows = kRows) { return GraphFile::load(disk_, kPath, kIdentity, rows); }

  World world_;
  SimulatedDisk disk_;
};

TEST_F(GraphFileTest, BringsBackWhatWasSaved) {
  for (const std::uint32_t covered : {0u, 1u, 40u, kRows}) {
    SCOPED_TRACE(covered);
    const auto graph = world_.build(covered);
    ASSERT_TRUE(save(*graph).ok());
    const auto loaded = load();
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    EXPECT_TRUE(same_graph(**loaded, *graph));
  }
}

TEST_F(GraphFileTest, BringsBackTheEffortMeasured) {
  const auto executor = make_executor(1, Priority::Normal);
  GraphBuilder builder = GraphBuilder::extend(nullptr, world_.codes(), BuildOptions{}).value();
  ASSERT_TRUE(builder.add_batch(kRows, world_.live(), *executor, [] { return true; }).ok());
  ASSERT_TRUE(builder.measure_effort(world_.effort_sample(), kEfMax, *executor, [] { return true; }).ok());
  const auto graph = std::move(builder).build();
  ASSERT_EQ(graph->effort().covered, kRows);
  ASSERT_TRUE(save(*graph).ok());
  EXPECT_TRUE(same_graph(*load().value(), *graph));
}

TEST_F(GraphFileTest, SurvivesAPowerCutOnceSaved) {
  const auto graph = small();
  ASSERT_TRUE(disk_.sync_directory(".").ok());
  ASSERT_TRUE(save(*graph).ok());
  const auto after = disk_.after_cut(1);
  const auto loaded = GraphFile::load(*after, kPath, kIdentity, kRows);
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  EXPECT_TRUE(same_graph(**loaded, *graph));
}

// Whatever call fails, the graph saved before is still there or the new one is.
TEST_F(GraphFileTest, AFailedSaveLeavesTheOldGraph) {
  const auto old = small();
  const auto next = world_.build(60);
  ASSERT_TRUE(save(*old).ok());
  for (std::uint64_t call = 1;; ++call) {
    SCOPED_TRACE(call);
    disk_.fail_call(disk_.calls() + call, Fault{});
    const Result<void> saved = save(*next);
    const auto loaded = load();
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    if (saved.ok()) {
      EXPECT_TRUE(same_graph(**loaded, *next));
      break;
    }
    EXPECT_TRUE(same_graph(**loaded, *old) || same_graph(**loaded, *next));
  }
}

TEST_F(GraphFileTest, SaysThatItIsNotThere) {
  const auto loaded = load();
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().code, ErrorCode::NotFound);
}

TEST_F(GraphFileTest, RefusesEveryFlippedByte) {
  ASSERT_TRUE(save(*small()).ok());
  const auto file = disk_.open(kPath, OpenMode::Read);
  const std::uint64_t size = (*file)->size().value();
  for (std::uint64_t offset = 0; offset < size; ++offset) {
    for (const std::byte mask : {std::byte{0x01}, std::byte{0x80}}) {
      disk_.corrupt(kPath, offset, mask);
      const auto loaded = load();
      ASSERT_FALSE(loaded.ok()) << "byte " << offset;
      EXPECT_EQ(loaded.error().code, ErrorCode::Corruption) << loaded.error().message;
      disk_.corrupt(kPath, offset, mask);
    }
  }
  EXPECT_TRUE(load().ok());
}

TEST_F(GraphFileTest, RefusesEveryCutFile) {
  ASSERT_TRUE(save(*small()).ok());
  const std::uint64_t full = (*disk_.open(kPath, OpenMode::Read))->size().value();
  for (std::uint64_t size = full; size-- > 0;) {
    disk_.truncate_behind(kPath, size);
    const auto loaded = load();
    ASSERT_FALSE(loaded.ok()) << size << " bytes";
    EXPECT_EQ(loaded.error().code, ErrorCode::Corruption) << loaded.error().message;
  }
}

TEST_F(GraphFileTest, RefusesAnAlienGraph) {
  ASSERT_TRUE(save(*small()).ok());
  GraphFile::Identity others[] = {kIdentity, kIdentity, kIdentity};
  ++others[0].collection;
  ++others[1].generation;
  ++others[2].field;
  for (const GraphFile::Identity& other : others) {
    const auto loaded = GraphFile::load(disk_, kPath, other, kRows);
    ASSERT_FALSE(loaded.ok());
    EXPECT_EQ(loaded.error().code, ErrorCode::Corruption);
    EXPECT_THAT(loaded.error().message, testing::HasSubstr("another collection"));
  }
}

TEST_F(GraphFileTest, RefusesAGraphOfMoreRowsThanThereAre) {
  ASSERT_TRUE(save(*small()).ok());
  EXPECT_TRUE(load(40).ok());
  const auto loaded = load(39);
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().message, "dir/graph: covers 40 rows where there are 39");
}

// Damage that the checksums cannot see: written by a broken or hostile program, sums and all.
class ForgedGraphFileTest : public GraphFileTest {
 protected:
  // Offsets.
  static constexpr std::uint64_t kVersion = 8, kLinksMaxAt = 12, kCovered = 40, kEntries = 44, kBatchEnds = 48;
  static constexpr std::uint64_t kEfFor10 = 60, kEfFor100 = 68, kLists = 88;

  // Changes one number of a good file and makes the sums right again.
  auto load_with(std::uint64_t offset, std::uint32_t number) {
    Bytes bytes = read_file(disk_, kPath, 1 << 20).value();
    std::memcpy(&bytes[offset], &number, sizeof number);
    std::uint32_t entries = 0, batch_ends = 0;
    std::memcpy(&entries, &bytes[kEntries], sizeof entries);
    std::memcpy(&batch_ends, &bytes[kBatchEnds], sizeof batch_ends);
    const std::size_t lists = std::min<std::size_t>((std::size_t{entries} + batch_ends) * 4, bytes.size() - kLists);
    set(bytes, 76, crc32c(std::span(bytes).subspan(kLists, lists)));
    set(bytes, 80, crc32c(std::span(bytes).subspan(kLists + lists)));
    set(bytes, 84, crc32c(std::span(bytes).first(84)));
    const std::string forged = "dir/forged";
    OMEN_ASSERT(write_file_durably(disk_, forged, bytes).ok());
    return GraphFile::load(disk_, forged, kIdentity, kRows);
  }

  static void set(Bytes& bytes, std::uint64_t offset, std::uint32_t number) {
    std::memcpy(&bytes[offset], &number, sizeof number);
  }
};

TEST_F(ForgedGraphFileTest, IsRefused) {
  const auto graph = small();
  ASSERT_TRUE(save(*graph).ok());
  const std::uint64_t batch_ends_at = kLists + graph->entries().size() * 4;
  const std::uint64_t links_at = batch_ends_at + graph->batch_ends().size() * 4;
  struct Case { const char* name; std::uint64_t offset; std::uint32_t number; ErrorCode code; };
  const Case cases[] = {
      {"a newer version", kVersion, 3, ErrorCode::Unsupported},
      {"another width of links", kLinksMaxAt, 64, ErrorCode::Unsupported},
      {"more rows than bytes", kCovered, 41, ErrorCode::Corruption},
      {"fewer rows than bytes", kCovered, 39, ErrorCode::Corruption},
      {"a walk wider than any", kEfFor10, kEfMax + 1, ErrorCode::Corruption},
      {"a walk that takes all memory", kEfFor100, 0xFFFF'FFFF, ErrorCode::Corruption},
      {"a count that would take all memory", kEntries, 0xFFFF'FFFF, ErrorCode::Corruption},
      {"no entries", kEntries, 0, ErrorCode::Corruption},
      {"an entry that is not covered", kLists, 40, ErrorCode::Corruption},
      {"batches that end elsewhere", batch_ends_at, 41, ErrorCode::Corruption},
      {"an empty batch", batch_ends_at, 0, ErrorCode::Corruption},
      {"a link to a row that is not covered", links_at, 40, ErrorCode::Corruption},
      {"a link far beyond", links_at + 128, 0x8000'0000, ErrorCode::Corruption},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto loaded = load_with(c.offset, c.number);
    ASSERT_FALSE(loaded.ok());
    EXPECT_EQ(loaded.error().code, c.code) << loaded.error().message;
  }
  EXPECT_TRUE(load_with(links_at, index(graph->links(Row{0})[0])).ok()) << "an unchanged file is good";
}

}  // namespace
}  // namespace omendb
