// omendb serve: a database behind HTTP, as Qdrant's clients know it.
#pragma once

#include "apps/config/config.h"
#include "omendb/result.h"

namespace omendb {

// Returns when the process is told to end, with everything on disk.
Result<void> run_serve(const ConfigInputs& inputs);

// Prints what run_serve would be told, and by whom. An error if run_serve would refuse it.
Result<void> run_config(const ConfigInputs& inputs);

}  // namespace omendb
