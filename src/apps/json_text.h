// Text as a JSON string.
#pragma once

#include <string>
#include <string_view>

namespace omendb {

// With its quotes. Control characters become spaces: nothing that is written here needs them back.
std::string json_string(std::string_view text);

}  // namespace omendb
