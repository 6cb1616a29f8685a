#include "server/call.h"

#include "server/backend.h"

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
  return document;
}

bool Call::wants_explanation() const {
  const std::string* header = request.header("x-omen-explain");
  return header != nullptr && *header == "1";
}

Outcome<bool> wait_parameter(const HttpRequest& request) {
  const std::string* wait = request.parameter("wait");
  if (wait == nullptr || *wait == "false") return false;
  if (*wait == "true") return true;
  return Refusal(400, "Deserialize error in query parameters: `wait` must be true or false, and is \"" + *wait + "\"");
}

Outcome<void> check_timeout(const HttpRequest& request) {
  const std::string* timeout = request.parameter("timeout");
  if (timeout == nullptr) return {};
  if (timeout->empty() || timeout->find_first_not_of("0123456789") != std::string::npos) {
    return Refusal(400, "Deserialize error in query parameters: `timeout` must be a number of seconds, and is \"" +
                            *timeout + "\"");
  }
  if (timeout->find_first_not_of('0') == std::string::npos) {
    return Refusal(422, "Validation error in query parameters: [timeout: value 0 invalid, must be 1 or larger]");
  }
  return {};
}

}  // namespace omendb
