// How many files this process may have open at once.
#pragma once

#include <cstdint>

namespace omendb {

// Raises it to all that the system allows this process, and returns it. A collection takes about a dozen, a connection
// one; many systems begin a process with 1,024.
std::uint64_t raise_open_files_limit();

}  // namespace omendb
