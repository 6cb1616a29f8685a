// `omendb bench`: measures this build on this machine, with vectors from files.
#pragma once

namespace omendb {

// argv[0] is the word "bench", what follows are its arguments. Returns the exit code.
int run_bench(int argc, char** argv);

}  // namespace omendb
