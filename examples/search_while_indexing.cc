// The row just inserted is found by the next search, however far the index is behind.
#include "example.h"

int main() {
  constexpr std::uint32_t kDimensions = 64;
  constexpr std::size_t kBatchRows = 1000;

  omendb::Database database = must(omendb::Database::open("search_while_indexing.omen"));
  auto collection = database.collection("rows");
  if (!collection) collection = database.create("rows", {.dimensions = kDimensions});

  std::vector<omendb::PointId> ids(kBatchRows);
  for (std::size_t batch = 0; batch < 30; ++batch) {
    for (std::size_t i = 0; i < kBatchRows; ++i) ids[i] = omendb::PointId(batch * kBatchRows + i);
    const auto vectors = random_numbers(kBatchRows * kDimensions, static_cast<unsigned>(batch));
    must(collection->upsert({.ids = ids, .vectors = vectors, .payloads = {}}, omendb::Wait::Accepted));

    const auto newest = std::span(vectors).last(kDimensions);
    const auto answer = must(collection->search(newest));
    const omendb::Explanation& how = answer.explanation;
    std::printf("newest row %s: nearest is %s; %llu rows by graph, %llu by scan, %llu us\n",
                ids.back().to_string().c_str(), answer.neighbors.front().id.to_string().c_str(),
                static_cast<unsigned long long>(how.rows_by_graph), static_cast<unsigned long long>(how.rows_by_scan),
                static_cast<unsigned long long>(how.microseconds));
  }
  must(database.close());
}
