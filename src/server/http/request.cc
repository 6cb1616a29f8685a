#include "server/http/request.h"

#include <algorithm>

#include "server/http/text.h"

namespace omendb {

const std::string* find_header(const std::vector<HttpField>& headers, std::string_view name) {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [&](const HttpField& field) { return same_word(field.name, name); });
  return found == headers.end() ? nullptr : &found->value;
}

const std::string* HttpRequest::parameter(std::string_view name) const {
  const auto found =
      std::find_if(query.begin(), query.end(), [&](const HttpField& field) { return field.name == name; });
  return found == query.end() ? nullptr : &found->value;
}

}  // namespace omendb
