// The only file that includes toml++.
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "apps/config/config.h"

namespace omendb {
namespace {

GivenValue value_of(std::string key, const toml::node& node, const std::string& source) {
  GivenValue given{.key = std::move(key), .value = {}, .source = source, .kind = GivenValue::Kind::Other};
  if (const auto* text = node.as_string()) {
    given.kind = GivenValue::Kind::Text;
    given.value = text->get();
    return given;
  }
  if (node.is_integer()) given.kind = GivenValue::Kind::Number;
  if (node.is_boolean()) given.kind = GivenValue::Kind::Switch;
  std::ostringstream shown;
  node.visit([&](const auto& exact) { shown << exact; });
  given.value = shown.str();
  return given;
}

// An empty table is listed as well: its name may be wrong.
void list(const toml::table& table, const std::string& prefix, const std::string& path, std::vector<GivenValue>& all) {
  for (const auto& [name, node] : table) {
    const std::string key = prefix + std::string(name.str());
    const toml::table* inner = node.as_table();
    if (inner != nullptr && !inner->empty()) {
      list(*inner, key + ".", path, all);
      continue;
    }
    const auto line = node.is_value() ? node.source().begin.line : name.source().begin.line;
    all.push_back(value_of(key, node, path + ":" + std::to_string(line)));
  }
}

Result<std::string> text_of(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return Error{ErrorCode::NotFound, "there is no file " + path};
  const Error unreadable{ErrorCode::IoError, path + " cannot be read"};
  if (std::filesystem::is_directory(path, ignored)) return unreadable;
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file.peek() != std::ifstream::traits_type::eof()) text << file.rdbuf();
  if (!file.is_open() || file.bad()) return unreadable;
  return text.str();
}

}  // namespace

Result<std::vector<GivenValue>> read_config_file(const std::string& path) {
  const Result<std::string> text = text_of(path);
  if (!text.ok()) return text.error();
  const toml::parse_result parsed = toml::parse(*text);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    return Error{ErrorCode::InvalidArgument,
                 path + ":" + std::to_string(error.source().begin.line) + ": " + std::string(error.description())};
  }
  std::vector<GivenValue> all;
  list(parsed.table(), "", path, all);
  return all;
}

}  // namespace omendb
