// A request of HTTP, complete and decoded.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/body.h"
#include "server/http/memory.h"

namespace omendb {

enum class HttpMethod : std::uint8_t { Get, Head, Post, Put, Patch, Delete, Options, Other };

struct HttpField {
  std::string name;
  std::string value;
};

// The first of that name, whatever its case; nullptr if there is none.
const std::string* find_header(const std::vector<HttpField>& headers, std::string_view name);

struct HttpRequest {
  HttpMethod method = HttpMethod::Get;
  std::string method_name;             // as sent
  std::string target;                  // as sent
  std::vector<std::string> path;       // "/a/b%2Fc/" is {"a", "b/c"}: no '/' in a segment separates anything any more
  std::vector<HttpField> query;        // decoded, in their order; "?wait" has the value ""
  std::vector<HttpField> headers;      // in their order
  HttpBody body;                       // inflated
  std::string peer;                    // the client's address, without its port
  MemoryLease memory;                  // covers the body, and what the handler wants to have covered
  std::uint64_t tag = 0;               // the handler's own: what admit() found out, for answer()

  const std::string* header(std::string_view name) const { return find_header(headers, name); }
  const std::string* parameter(std::string_view name) const;  // the first of that name; nullptr if there is none

  // Whether nobody waits for the answer any more: the client has gone, or the server cannot wait longer. Any thread;
  // may be late, and a client that only closed its sending side counts as gone, yet gets the answer if one is made.
  bool cancelled() const { return gone != nullptr && gone->load(std::memory_order_relaxed); }

  // Set by the connection, whose flag it is. Nothing else becomes visible through it.
  std::shared_ptr<const std::atomic<bool>> gone;
};

}  // namespace omendb
