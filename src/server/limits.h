// How much one request may ask for. Every bound of the server's that HTTP's own limits do not know is here.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace omendb {

constexpr std::size_t kJsonDepthMax = 64;           // of requests, but for the payloads of points that are put
constexpr std::size_t kStoredJsonDepthMax = 1'024;  // of those
constexpr std::size_t kNameBytesMax = 255;  // of collections, aliases and vectors
constexpr std::size_t kKeyBytesMax = 255;   // of payload fields named in requests
constexpr std::size_t kCollectionsMax = 1'000;

constexpr std::chrono::seconds kRequestTime{60};  // where a request names no timeout
constexpr std::chrono::seconds kRequestTimeMax{300};

constexpr std::size_t kPointsPerBatchMax = 100'000;  // the request's size is the usual bound
constexpr std::size_t kIdsMax = 100'000;
constexpr std::size_t kOperationsMax = 10'000;  // of one batch of updates

// What a search may give back, offset and limit together. Larger limits are taken as this one: some clients ask for
// 999,999,999 to mean all.
constexpr std::uint32_t kLimitMax = 10'000;
constexpr std::uint32_t kScrollLimitMax = 100'000;
// A page of a scroll ends there, and says where it goes on; other answers are refused.
constexpr std::size_t kPageBytesMax = std::size_t{64} << 20;
constexpr std::size_t kAnswerBytesMax = std::size_t{256} << 20;
constexpr std::uint64_t kHnswEfMax = 4'096;

constexpr std::uint64_t kBatchHitsMax = 100'000;   // that one batch of searches may ask for
constexpr std::uint64_t kBatchFoundMax = 1'000'000;  // with those of its prefetches, and 10,000 an example
constexpr std::size_t kSearchesMax = 1'000;       // of one batch
constexpr std::size_t kPrefetchDepthMax = 8;
constexpr std::size_t kPrefetchesMax = 64;  // of one query, nested ones included
constexpr std::uint64_t kMmrCandidatesMax = 16'384;
constexpr std::uint64_t kMmrChosenMax = 1'000;  // each is compared with every candidate
constexpr std::size_t kExamplesMax = 1'000;     // positive and negative, of one recommendation
constexpr std::uint32_t kGroupsMax = 1'000;
constexpr std::uint32_t kGroupSizeMax = 1'000;
constexpr std::size_t kGroupsPerPointMax = 1'000;  // the first that its payload has
constexpr std::uint32_t kFacetLimitMax = 10'000;
constexpr std::uint32_t kMatrixSampleMax = 1'000;
constexpr std::uint32_t kMatrixLimitMax = 1'000;

}  // namespace omendb
