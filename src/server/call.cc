#include "server/call.h"

#include <algorithm>
#include <charconv>

#include "server/backend.h"
#include "server/selection.h"

namespace omendb {

Result<Collection> Call::open(std::string_view name) const { return backend.database().collection(name); }

Outcome<Collection> Call::collection() const {
  const std::string_view name = arguments.front();
  Result<Collection> found = open(name);
  if (found.ok()) return std::move(found).value();
  const ErrorCode code = found.error().code;
  if (code != ErrorCode::NotFound && code != ErrorCode::InvalidArgument) return found.error();
  return not_found("Collection `" + std::string(name) + "` doesn't exist!");
}

Outcome<JsonDocument> Call::body() const {
  JsonDocument document = OMEN_TRY(JsonDocument::parse(request.body.text(), &request.memory));
  OMEN_TRY(must_be_object(document.root(), ""));
  OMEN_TRY(refuse_shard_key(document.root()));
  return document;
}

bool Call::wants_explanation() const {
  const std::string* header = request.header("x-omen-explain");
  return header != nullptr && *header == "1";
}

Outcome<void> Call::check_time() const {
  if (request.cancelled()) return Refusal(499, "nobody waits for the answer any more");
  if (std::chrono::steady_clock::now() - begin < time) return {};
  return Refusal(408, "Timeout error: Operation timed out after " + std::to_string(time.count()) + " seconds");
}

Outcome<bool> wait_parameter(const HttpRequest& request) {
  const std::string* wait = request.parameter("wait");
  if (wait == nullptr || *wait == "false") return false;
  if (*wait == "true") return true;
  return Refusal(400, "Deserialize error in query parameters: `wait` must be true or false, and is \"" + *wait + "\"");
}

Outcome<std::chrono::seconds> timeout_parameter(const HttpRequest& request) {
  const std::string* timeout = request.parameter("timeout");
  if (timeout == nullptr) return kRequestTime;
  if (timeout->empty() || timeout->find_first_not_of("0123456789") != std::string::npos) {
    return Refusal(400, "Deserialize error in query parameters: `timeout` must be a number of seconds, and is \"" +
                            *timeout + "\"");
  }
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(timeout->data(), timeout->data() + timeout->size(), seconds);
  if (error != std::errc()) return kRequestTimeMax;  // more than any number
  if (seconds == 0) {
    return Refusal(422, "Validation error in query parameters: [timeout: value 0 invalid, must be 1 or larger]");
  }
  return std::min(std::chrono::seconds(seconds), kRequestTimeMax);
}

}  // namespace omendb
