// Points that tests can recognise: every vector and payload follows from an id and a version, so a reader can tell on
// its own whether what it sees belongs together.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "omendb/omendb.h"

namespace omendb::testing {

// Seeds are printed by whoever draws them; OMENDB_SEED repeats a run.
inline std::uint64_t test_seed() {
  const char* given = std::getenv("OMENDB_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

// Clustered like real embeddings: a low-dimensional point in one of 64 clusters, spread over all dimensions, plus a
// little noise.
class PointMaker {
 public:
  PointMaker(std::uint32_t dimensions, std::uint64_t seed) : dimensions_(dimensions), seed_(seed) {
    std::mt19937_64 random(seed);
    std::normal_distribution<float> normal;
    basis_.resize(std::size_t{kLatent} * dimensions);
    for (float& value : basis_) value = normal(random);
    centres_.resize(std::size_t{kClusters} * kLatent);
    for (float& value : centres_) value = 2 * normal(random);
  }

  std::vector<float> vector(std::uint64_t id, std::uint64_t version = 0) const {
    std::uint64_t state = seed_ ^ (id * 0x9e37'79b9'7f4a'7c15) ^ (version << 48);
    const std::size_t cluster = next(state) % kClusters;
    std::vector<float> values(dimensions_);
    for (float& value : values) value = 0.2f * uniform(state);
    for (std::size_t j = 0; j < kLatent; ++j) {
      // Three uniform numbers add up to nearly a normal one.
      const float spread = uniform(state) + uniform(state) + uniform(state);
      const float weight = centres_[cluster * kLatent + j] + spread;
      for (std::uint32_t i = 0; i < dimensions_; ++i) values[i] += weight * basis_[j * dimensions_ + i];
    }
    return values;
  }

  static std::string payload(std::uint64_t id, std::uint64_t version) {
    return "{\"id\":" + std::to_string(id) + ",\"version\":" + std::to_string(version) + "}";
  }

  std::uint32_t dimensions() const { return dimensions_; }

 private:
  // SplitMix64 (Steele, Lea, Flood, 2014): cheap enough to make points as fast as they are taken.
  static std::uint64_t next(std::uint64_t& state) {
    std::uint64_t z = (state += 0x9e37'79b9'7f4a'7c15);
    z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9;
    z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11eb;
    return z ^ (z >> 31);
  }
  static float uniform(std::uint64_t& state) {  // in [-1, 1)
    return static_cast<float>(static_cast<std::int64_t>(next(state)) >> 40) * 0x1p-23f;
  }

  static constexpr std::size_t kLatent = 12;
  static constexpr std::size_t kClusters = 64;
  std::uint32_t dimensions_;
  std::uint64_t seed_;
  std::vector<float> basis_;
  std::vector<float> centres_;
};

// A batch that owns what it points to.
struct OwnedBatch {
  std::vector<PointId> ids;
  std::vector<float> vectors;
  std::vector<std::string> texts;
  std::vector<std::string_view> payloads;

  void add(const PointMaker& maker, std::uint64_t id, std::uint64_t version = 0) {
    ids.emplace_back(id);
    const std::vector<float> values = maker.vector(id, version);
    vectors.insert(vectors.end(), values.begin(), values.end());
    texts.push_back(PointMaker::payload(id, version));
  }

  Batch view() {
    payloads.assign(texts.begin(), texts.end());
    return {ids, vectors, payloads};
  }
};

inline OwnedBatch batch_of(const PointMaker& maker, std::uint64_t begin, std::uint64_t end, std::uint64_t version = 0) {
  OwnedBatch batch;
  for (std::uint64_t id = begin; id < end; ++id) batch.add(maker, id, version);
  return batch;
}

inline double exact_distance(Metric metric, const std::vector<float>& a, const std::vector<float>& b) {
  double dot = 0, aa = 0, bb = 0, l1 = 0, l2 = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    dot += double{a[i]} * b[i];
    aa += double{a[i]} * a[i];
    bb += double{b[i]} * b[i];
    l1 += std::fabs(double{a[i]} - b[i]);
    l2 += (double{a[i]} - b[i]) * (double{a[i]} - b[i]);
  }
  switch (metric) {
    case Metric::L2: return std::sqrt(l2);
    case Metric::Dot: return -dot;
    case Metric::Cosine: return -dot / std::sqrt(aa * bb);
    case Metric::L1: return l1;
  }
  return 0;
}

// The distance of the k-th nearest of the `vectors` whose ids are wanted: what an answer must stay within to be right.
template <class Wanted>
double kth_distance(Metric metric, const std::map<std::uint64_t, std::vector<float>>& vectors,
                    const std::vector<float>& query, std::size_t k, Wanted wanted) {
  std::vector<double> distances;
  for (const auto& [id, vector] : vectors) {
    if (wanted(id)) distances.push_back(exact_distance(metric, query, vector));
  }
  if (distances.empty()) return 0;
  const std::size_t kth = std::min(k, distances.size()) - 1;
  std::nth_element(distances.begin(), distances.begin() + static_cast<std::ptrdiff_t>(kth), distances.end());
  return distances[kth];
}

}  // namespace omendb::testing
