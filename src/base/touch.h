// Brings memory into the cache by reading it.
//
// For many addresses at once a load may do more than a prefetch instruction: processors are free to drop a prefetch,
// and never drop a load; and loads that nothing depends on are under way side by side. Walks became up to twice as fast
// where no prefetch distance had made a difference (docs/benchmarks.md, A walk).
#pragma once

namespace omendb {

// `at` must be readable.
inline void touch(const void* at) { static_cast<void>(*static_cast<const volatile char*>(at)); }

}  // namespace omendb
