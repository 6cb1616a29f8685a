// Who may do what: an API key for everything, another for reading.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "server/http/request.h"

namespace omendb {

enum class Permission : std::uint8_t {
  Public,  // needs no key
  Read,
  Write,   // points
  Manage,  // collections and the server
};

struct AccessKeys {
  std::string full;       // empty: there is none
  std::string read_only;  // likewise; alone it makes everything else unreachable
};

enum class Verdict : std::uint8_t { Allowed, NoKey, WrongKey, NotEnough };

// The key is in the header "api-key", or behind "Bearer " in "authorization".
Verdict judge(const AccessKeys& keys, Permission needed, const HttpRequest& request);

}  // namespace omendb
