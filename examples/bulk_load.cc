// Many rows, fast: batches that are only accepted, one flush at the end, then the wait for the index.
#include <chrono>

#include "example.h"

int main() {
  constexpr std::uint32_t kDimensions = 64;
  constexpr std::size_t kBatchRows = 1000;
  constexpr std::size_t kBatches = 50;

  omendb::Database database = must(omendb::Database::open("bulk_load.omen"));
  auto collection = database.collection("rows");
  if (!collection) collection = database.create("rows", {.dimensions = kDimensions});

  std::vector<omendb::PointId> ids(kBatchRows);
  for (std::size_t batch = 0; batch < kBatches; ++batch) {
    for (std::size_t i = 0; i < kBatchRows; ++i) ids[i] = omendb::PointId(batch * kBatchRows + i);
    const auto vectors = random_numbers(kBatchRows * kDimensions, static_cast<unsigned>(batch));
    must(collection->upsert({.ids = ids, .vectors = vectors, .payloads = {}}, omendb::Wait::Accepted));
  }
  must(collection->flush());  // from here on the rows survive a power cut
  std::printf("%zu rows are on disk and can be found\n", kBatches * kBatchRows);

  while (!must(collection->wait_indexed(std::chrono::milliseconds(500)))) {
    const omendb::Progress progress = collection->progress();
    std::printf("%llu rows are not indexed yet, %.0f rows/s\n", static_cast<unsigned long long>(progress.tail),
                progress.rows_per_second);
  }
  std::printf("indexed\n");
  must(database.close());
}
