// Assertions about our own code. They stay on in release: a wrong state must not reach the disk.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace omendb {

[[noreturn]] inline void assertion_failed(const char* what, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, what);
  std::abort();
}

}  // namespace omendb

// For what only a mistake of ours can break. Never for bytes or arguments from outside: those get an Error.
#define OMEN_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::omendb::assertion_failed(#condition, __FILE__, __LINE__))

// The same for hot loops: gone in release.
#ifdef NDEBUG
#define OMEN_DEBUG_ASSERT(condition) static_cast<void>(0)
#else
#define OMEN_DEBUG_ASSERT(condition) OMEN_ASSERT(condition)
#endif
