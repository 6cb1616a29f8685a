// A JSON object that can be changed: names with the texts of their values, in their order.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/json.h"

namespace omendb {

// As JSON: of a string with its quotes.
std::string text_of(const Json& value);

class JsonMap {
 public:
  JsonMap() = default;
  explicit JsonMap(const Json& object);         // empty if it is none; of equal names the last counts
  static JsonMap parse(std::string_view json);  // empty if it is no object

  std::string_view get(std::string_view name) const;  // empty if it is not there
  JsonMap map(std::string_view name) const { return parse(get(name)); }
  void set(std::string_view name, std::string_view json);
  void remove(std::string_view name);

  // What `changes` has and is not null replaces what is here.
  void merge(const JsonMap& changes);

  bool empty() const { return members_.empty(); }
  using Members = std::vector<std::pair<std::string, std::string>>;
  const Members& members() const& { return members_; }
  Members members() && { return std::move(members_); }  // a loop over those of a temporary keeps them
  std::string text() const;

 private:
  Members members_;
  std::map<std::string, std::size_t, std::less<>> places_;  // of the names
};

}  // namespace omendb
