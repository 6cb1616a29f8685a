// JSON that was stored, read again: payloads and notes.
#pragma once

#include <string_view>

#include "server/http/body.h"
#include "server/json.h"

namespace omendb {

class StoredJson {
 public:
  // Nested as deep as the engine takes payloads, which is deeper than requests may be.
  explicit StoredJson(std::string_view text) : document_(padded(text)) {}
  StoredJson(const StoredJson&) = delete;
  StoredJson& operator=(const StoredJson&) = delete;

  // nullptr: there is none, or none that can be read.
  const Json* root() const { return document_.ok() ? &document_->root() : nullptr; }

 private:
  Outcome<JsonDocument> padded(std::string_view text) {
    bytes_.append(text);
    return JsonDocument::parse(bytes_.text(), nullptr, kStoredJsonDepthMax);
  }

  HttpBody bytes_;
  Outcome<JsonDocument> document_;  // of them
};

}  // namespace omendb
