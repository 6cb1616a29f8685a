// Brings memory into the cache by reading it.
//
// Where a prefetch instruction would do, a load does more: a prefetch may be dropped when the address is not in the TLB,
// and every random access to large memory is such a case. A load is never dropped, and loads that nothing depends on
// are under way side by side. On a virtual machine walks became twice as fast (docs/benchmarks.md, A walk).
#pragma once

namespace omendb {

// `at` must be readable.
inline void touch(const void* at) { static_cast<void>(*static_cast<const volatile char*>(at)); }

}  // namespace omendb
