// What a search takes when the caller rests between searches, as one that waits for a client does: its caches go cold.
// paced_search_bench DB COLLECTION QUERIES.fvecs prints the median and the 99th percentile in microseconds for some rests.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>
#include <vector>

#include "db/bench_queries.h"
#include "omendb/omendb.h"

namespace omendb {
namespace {

constexpr std::size_t kQueries = 2'000;

// Of each query, in microseconds.
std::vector<double> times_of(const Collection& points, const std::vector<std::vector<float>>& queries,
                             std::chrono::microseconds rest) {
  std::vector<double> times;
  for (const std::vector<float>& query : queries) {
    const auto begin = std::chrono::steady_clock::now();
    (void)points.search(query, {}).value();
    times.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
    if (rest.count() > 0) std::this_thread::sleep_for(rest);
  }
  std::sort(times.begin(), times.end());
  return times;
}

void run(const char* directory, const char* collection, const char* queries_file) {
  const Database database = Database::open(directory, {.create_if_missing = false}).value();
  const Collection points = database.collection(collection).value();
  const std::vector<std::vector<float>> queries = read_queries(queries_file, kQueries);
  (void)times_of(points, queries, {});  // vectors are read from disk
  for (const int rest : {0, 100, 250, 500}) {
    const std::vector<double> times = times_of(points, queries, std::chrono::microseconds(rest));
    std::printf("rest %3d us: p50 %4.0f us, p99 %4.0f us\n", rest, times[times.size() / 2], times[times.size() * 99 / 100]);
  }
}

}  // namespace
}  // namespace omendb

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "paced_search_bench DB COLLECTION QUERIES.fvecs\n");
    return 2;
  }
  omendb::run(argv[1], argv[2], argv[3]);
  return 0;
}
