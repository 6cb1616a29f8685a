#include "server/access.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "server/http/text.h"

namespace omendb {
namespace {

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

Access::Access(const AccessKeys& keys) {
  if (!keys.full.empty()) full_ = digest_of(keys.full);
  if (!keys.read_only.empty()) read_only_ = digest_of(keys.read_only);
}

Verdict Access::judge(Permission needed, const HttpRequest& request) const {
  if (needed == Permission::Public || (!full_ && !read_only_)) return Verdict::Allowed;
  const std::optional<std::string_view> offered = offered_key(request);
  if (!offered) return Verdict::NoKey;
  // Both are compared whatever the first one says.
  const Digest digest = digest_of(*offered);
  const bool full = same(digest, full_);
  const bool reads = same(digest, read_only_);
  if (full) return Verdict::Allowed;
  if (!reads) return Verdict::WrongKey;
  return needed == Permission::Read ? Verdict::Allowed : Verdict::NotEnough;
}

Access::Digest Access::digest_of(std::string_view key) {
  Digest digest;
  static_assert(digest.size() == SHA256_DIGEST_LENGTH);
  SHA256(reinterpret_cast<const unsigned char*>(key.data()), key.size(), digest.data());
  return digest;
}

// All of their bytes: how long this takes says nothing of the right key, its length included.
bool Access::same(const Digest& offered, const std::optional<Digest>& right) {
  return right && CRYPTO_memcmp(offered.data(), right->data(), offered.size()) == 0;
}

}  // namespace omendb
