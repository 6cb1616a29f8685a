// Who may do what: an API key for everything, another for reading. Kept and compared as hashes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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

class Access {
 public:
  explicit Access(const AccessKeys& keys);

  // The key is in the header "api-key", or behind "Bearer " in "authorization". Takes the same time for all wrong ones.
  Verdict judge(Permission needed, const HttpRequest& request) const;

 private:
  using Digest = std::array<unsigned char, 32>;  // SHA-256

  static Digest digest_of(std::string_view key);
  static bool same(const Digest& offered, const std::optional<Digest>& right);

  std::optional<Digest> full_;
  std::optional<Digest> read_only_;
};

}  // namespace omendb
