#include "server/access.h"

#include <algorithm>
#include <string_view>

#include "server/http/text.h"

namespace omendb {
namespace {

// Takes as long for a wrong first character as for a wrong last one; how long the right key is may be learnt.
bool same_key(std::string_view offered, std::string_view right) {
  if (right.empty()) return false;
  unsigned difference = offered.size() == right.size() ? 0 : 1;
  for (std::size_t i = 0; i < right.size(); ++i) {
    const char c = i < offered.size() ? offered[i] : '\0';
    difference |= static_cast<unsigned>(c ^ right[i]) & 0xFFU;
  }
  return difference == 0;
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
  const bool full = same_key(*offered, keys.full);
  const bool reads = same_key(*offered, keys.read_only);
  if (full) return Verdict::Allowed;
  if (!reads) return Verdict::WrongKey;
  return needed == Permission::Read ? Verdict::Allowed : Verdict::NotEnough;
}

}  // namespace omendb
