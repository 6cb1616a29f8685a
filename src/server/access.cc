#include "server/access.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <array>
#include <string_view>

#include "server/http/text.h"

namespace omendb {
namespace {

using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

Digest digest_of(std::string_view text) {
  Digest digest;
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return digest;
}

// Digests are compared, all of their bytes: how long this takes says nothing of the right key, its length included.
bool same_key(const Digest& offered, std::string_view right) {
  if (right.empty()) return false;
  return CRYPTO_memcmp(offered.data(), digest_of(right).data(), offered.size()) == 0;
}

std::optional<std::string_view> offered_key(const HttpRequest& request) {
  if (const std::string* key = request.header("api-key")) return *key;
  const std::string* authorization = request.header("authorization");
  constexpr std::string_view kScheme = "Bearer ";
  if (authorization == nullptr || authorization->size() < kScheme.size()) return std::nullopt;
  const std::string_view text = *authorization;
  if (!same_word(text.substr(0, kScheme.size()), kScheme)) return std::nullopt;
  return text.substr(kScheme.size());
}

}  // namespace

Verdict judge(const AccessKeys& keys, Permission needed, const HttpRequest& request) {
  if (needed == Permission::Public || (keys.full.empty() && keys.read_only.empty())) return Verdict::Allowed;
  const std::optional<std::string_view> offered = offered_key(request);
  if (!offered) return Verdict::NoKey;
  // Both are compared whatever the first one says.
  const Digest digest = digest_of(*offered);
  const bool full = same_key(digest, keys.full);
  const bool reads = same_key(digest, keys.read_only);
  if (full) return Verdict::Allowed;
  if (!reads) return Verdict::WrongKey;
  return needed == Permission::Read ? Verdict::Allowed : Verdict::NotEnough;
}

}  // namespace omendb
