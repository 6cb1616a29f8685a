// What the benchmarks of searches read.
#pragma once

#include <cstdint>
#include <fstream>
#include <vector>

namespace omendb {

// The first `count` vectors of an fvecs file, or fewer if it has fewer.
inline std::vector<std::vector<float>> read_queries(const char* path, std::size_t count) {
  std::vector<std::vector<float>> queries;
  std::ifstream file(path, std::ios::binary);
  std::int32_t dimensions = 0;
  while (queries.size() < count && file.read(reinterpret_cast<char*>(&dimensions), sizeof dimensions)) {
    auto& query = queries.emplace_back(static_cast<std::size_t>(dimensions));
    file.read(reinterpret_cast<char*>(query.data()), static_cast<std::streamsize>(query.size() * sizeof(float)));
  }
  return queries;
}

}  // namespace omendb
