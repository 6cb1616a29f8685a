// A JSON object or array as text, split into its members, each a text of its own. For JSON that was checked before: other
// texts are split somehow, and never read beyond their end.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace omendb {

struct JsonMember {
  std::string key;  // with its quotes, as it stands; empty in an array
  std::string value;
};

enum class JsonKind { Object, Array, Other };

JsonKind kind_of(std::string_view json);

// The members of an object or the elements of an array, in order.
std::vector<JsonMember> split_json(std::string_view json);

std::string join_object(const std::vector<JsonMember>& members);
std::string join_array(const std::vector<JsonMember>& elements);

// What a key means: without quotes and escapes.
std::string unquote_json(std::string_view key);

// A key as it may stand.
std::string quote_json(std::string_view text);

}  // namespace omendb
