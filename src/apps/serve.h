// omendb serve: a database behind HTTP, as Qdrant's clients know it.
#pragma once

#include <string>

#include "omendb/result.h"

namespace omendb {

struct ServeArguments {
  std::string directory;
  std::string listen = "127.0.0.1:6333";
  std::string api_key;            // empty: none
  std::string read_only_api_key;  // likewise
  bool insecure_listen = false;
  std::string certificate_file;  // both, or none: plain HTTP
  std::string key_file;
};

// Returns when the process is told to end, with everything on disk.
Result<void> run_serve(const ServeArguments& arguments);

}  // namespace omendb
