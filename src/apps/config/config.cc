#include "apps/config/config.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <optional>

#include "base/try.h"

namespace omendb {
namespace {

using Kind = GivenValue::Kind;

constexpr std::string_view kLogLevels[] = {"trace", "debug", "info", "warn", "error", "off"};
constexpr std::string_view kLogFormats[] = {"text", "json"};

constexpr Setting kSettings[] = {
    {.key = "service.host", .flag = "", .meaning = "", .text = &Config::host, .address = true},
    {.key = "service.http_port", .flag = "", .meaning = "", .number = &Config::http_port, .most = 65'535},
    {.key = "service.api_key",
     .flag = "--api-key",
     .meaning = "What clients must send as api-key; also OMENDB_API_KEY",
     .text = &Config::api_key,
     .secret = true},
    {.key = "service.read_only_api_key",
     .flag = "--read-only-api-key",
     .meaning = "A key that may only read; also OMENDB_READ_ONLY_API_KEY",
     .text = &Config::read_only_api_key,
     .secret = true},
    {.key = "service.insecure_listen",
     .flag = "--insecure-listen",
     .meaning = "Let everybody in who can reach the address",
     .on = &Config::insecure_listen},
    {.key = "service.enable_tls", .flag = "", .meaning = "", .on = &Config::enable_tls},
    {.key = "service.max_request_size_mb",
     .flag = "--max-request-size-mb",
     .meaning = "Larger bodies are refused",
     .number = &Config::max_request_size_mb,
     .least = 1,
     .most = 1'024},
    {.key = "service.memory_limit_mb",
     .flag = "--memory-limit-mb",
     .meaning = "What all requests may hold together; 0: a quarter of the memory that the process may have",
     .number = &Config::memory_limit_mb,
     .most = 1'048'576},
    {.key = "service.slow_query_ms",
     .flag = "--slow-query-ms",
     .meaning = "Log requests that take this long [300]; 0: none",
     .number = &Config::slow_query_ms,
     .most = 3'600'000},
    {.key = "storage.storage_path",
     .flag = "--db",
     .meaning = "The database's directory",
     .text = &Config::storage_path},
    {.key = "tls.cert",
     .flag = "--tls-cert",
     .meaning = "PEM file: only TLS is spoken",
     .text = &Config::certificate_file},
    {.key = "tls.key", .flag = "--tls-key", .meaning = "PEM file", .text = &Config::key_file},
    {.key = "log_level",
     .flag = "--log-level",
     .meaning = "trace, debug, info [default], warn, error or off",
     .text = &Config::log_level,
     .words = kLogLevels},
    {.key = "log_format",
     .flag = "--log-format",
     .meaning = "text [default], or json: one object a line",
     .text = &Config::log_format,
     .words = kLogFormats},
};

constexpr std::string_view kOurs = "OMENDB__";
constexpr std::string_view kTheirs = "QDRANT__";

// Names from before there were files. OMENDB_CONFIG is not among them: it is no setting.
struct OldName {
  std::string_view name;
  std::string_view key;
};
constexpr OldName kOldNames[] = {{"OMENDB_API_KEY", "service.api_key"},
                                 {"OMENDB_READ_ONLY_API_KEY", "service.read_only_api_key"}};

std::optional<std::size_t> find_setting(std::string_view key) {
  for (std::size_t i = 0; i < std::size(kSettings); ++i) {
    if (kSettings[i].key == key) return i;
  }
  return std::nullopt;
}

Error wrong(const GivenValue& given, const Setting& setting, const std::string& wanted) {
  const std::string is = setting.secret ? "" : ", and is \"" + given.value + "\"";
  return Error{ErrorCode::InvalidArgument, given.key + " must be " + wanted + is + " (" + given.source + ")"};
}

bool is_address(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> ignored;
  return ::inet_pton(AF_INET, text.c_str(), ignored.data()) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), ignored.data()) == 1;
}

std::string in_small_letters(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

// "a, b, c"
std::string listed(std::span<const std::string_view> words) {
  std::string list;
  for (const std::string_view word : words) list += (list.empty() ? "" : ", ") + std::string(word);
  return list;
}

Result<void> assign_text(const Setting& setting, const GivenValue& given, Config& config) {
  if (given.kind != Kind::Word && given.kind != Kind::Text) return wrong(given, setting, "a text");
  std::string text = given.value;
  if (setting.address && text == "localhost") text = "127.0.0.1";
  if (setting.address && !is_address(text)) return wrong(given, setting, "an IP address");
  if (!setting.words.empty()) {
    text = in_small_letters(text);
    if (std::find(setting.words.begin(), setting.words.end(), text) == setting.words.end())
      return wrong(given, setting, "one of " + listed(setting.words));
  }
  config.*setting.text = std::move(text);
  return {};
}

Result<void> assign_number(const Setting& setting, const GivenValue& given, Config& config) {
  std::uint64_t number = 0;
  const char* end = given.value.data() + given.value.size();
  const auto [last, error] = std::from_chars(given.value.data(), end, number);
  const bool is_number =
      (given.kind == Kind::Word || given.kind == Kind::Number) && error == std::errc() && last == end;
  if (!is_number || number < setting.least || number > setting.most) {
    return wrong(given, setting,
                 "a whole number from " + std::to_string(setting.least) + " to " + std::to_string(setting.most));
  }
  config.*setting.number = number;
  return {};
}

Result<void> assign_switch(const Setting& setting, const GivenValue& given, Config& config) {
  const bool is_word = given.kind == Kind::Word;
  const bool yes = given.value == "true" || (is_word && given.value == "1");
  const bool no = given.value == "false" || (is_word && given.value == "0");
  if ((!is_word && given.kind != Kind::Switch) || yes == no) return wrong(given, setting, "true or false");
  config.*setting.on = yes;
  return {};
}

Result<void> assign(const Setting& setting, const GivenValue& given, Config& config) {
  if (setting.text != nullptr) return assign_text(setting, given, config);
  if (setting.number != nullptr) return assign_number(setting, given, config);
  return assign_switch(setting, given, config);
}

// "SERVICE__HTTP_PORT" is service.http_port.
std::string key_of(std::string_view name) {
  std::string key = in_small_letters(std::string(name));
  for (std::size_t at = key.find("__"); at != std::string::npos; at = key.find("__", at)) key.replace(at, 2, ".");
  return key;
}

// Lists what the variables of one prefix set. A variable without a value sets nothing: that is how "${KEY:-}" of a
// compose file arrives, and no key that a file has may end by it.
std::vector<GivenValue> in_environment(const std::vector<std::string>& environment, std::string_view prefix) {
  std::vector<GivenValue> all;
  for (const std::string& variable : environment) {
    const std::size_t equals = variable.find('=');
    if (!variable.starts_with(prefix) || equals == std::string::npos || equals + 1 == variable.size()) continue;
    const std::string name = variable.substr(0, equals);
    all.push_back({.key = key_of(std::string_view(name).substr(prefix.size())),
                   .value = variable.substr(equals + 1),
                   .source = "environment " + name});
  }
  return all;
}

std::string variable_of(const std::vector<std::string>& environment, std::string_view name) {
  for (const std::string& variable : environment) {
    if (variable.starts_with(name) && variable.substr(name.size(), 1) == "=") return variable.substr(name.size() + 1);
  }
  return "";
}

std::vector<GivenValue> by_old_names(const std::vector<std::string>& environment) {
  std::vector<GivenValue> all;
  for (const OldName& old : kOldNames) {
    std::string value = variable_of(environment, old.name);
    if (value.empty()) continue;
    all.push_back(
        {.key = std::string(old.key), .value = std::move(value), .source = "environment " + std::string(old.name)});
  }
  return all;
}

// Puts values over what is there.
class Loader {
 public:
  Loader() { loaded_.sources.assign(std::size(kSettings), "default"); }

  // Theirs may say what this server has no use for.
  enum class Unknown { IsError, IsNoticed };
  Result<void> take(const std::vector<GivenValue>& values, Unknown unknown = Unknown::IsError) {
    std::string ignored;
    for (const GivenValue& given : values) {
      const std::optional<std::size_t> place = find_setting(given.key);
      if (place) {
        OMEN_TRY(assign(kSettings[*place], given, loaded_.values));
        loaded_.sources[*place] = given.source;
      } else if (unknown == Unknown::IsNoticed) {
        ignored += (ignored.empty() ? "" : ", ") + given.source.substr(given.source.rfind(' ') + 1);
      } else {
        return Error{ErrorCode::InvalidArgument,
                     "there is no setting " + given.key + " (" + given.source + "); `omendb config` lists all"};
      }
    }
    if (!ignored.empty()) loaded_.notices.push_back("ignored, as this server has no such setting: " + ignored);
    return {};
  }

  Result<void> take_file(const std::string& path) {
    const std::vector<GivenValue> values = OMEN_TRY(read_config_file(path));
    OMEN_TRY(take(values));
    loaded_.file = path;
    const bool has_secret = std::any_of(values.begin(), values.end(), [](const GivenValue& given) {
      return kSettings[*find_setting(given.key)].secret && !given.value.empty();
    });
    std::error_code ignored;
    constexpr auto kOthers = std::filesystem::perms::group_all | std::filesystem::perms::others_all;
    const auto mode = std::filesystem::status(path, ignored).permissions();
    if (has_secret && (mode & kOthers) != std::filesystem::perms::none)
      loaded_.notices.push_back("others may read " + path + ", which has keys in it: chmod 600");
    return {};
  }

  Result<LoadedConfig> finish() {
    Config& values = loaded_.values;
    // A certificate says enough, but for who says no.
    const std::size_t tls = *find_setting("service.enable_tls");
    if (loaded_.sources[tls] == "default")
      values.enable_tls = !values.certificate_file.empty() || !values.key_file.empty();
    if (values.enable_tls && (values.certificate_file.empty() || values.key_file.empty())) {
      return Error{ErrorCode::InvalidArgument,
                   std::string("TLS needs tls.cert and tls.key (--tls-cert, --tls-key), and ") +
                       (values.certificate_file.empty() ? "tls.cert" : "tls.key") + " is not set"};
    }
    return std::move(loaded_);
  }

 private:
  LoadedConfig loaded_;
};

std::string shown(const Setting& setting, const Config& config) {
  if (setting.number != nullptr) return std::to_string(config.*setting.number);
  if (setting.on != nullptr) return config.*setting.on ? "true" : "false";
  const std::string& text = config.*setting.text;
  if (text.empty()) return "(not set)";
  return setting.secret ? "(set)" : text;
}

}  // namespace

std::span<const Setting> all_settings() { return kSettings; }

Result<std::vector<GivenValue>> parse_listen(std::string_view text) {
  const Error wrong_form{ErrorCode::InvalidArgument, "--listen takes HOST:PORT, and is \"" + std::string(text) + "\""};
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return wrong_form;
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const std::vector<GivenValue> both = {
      {.key = "service.host", .value = std::string(host), .source = "flag --listen"},
      {.key = "service.http_port", .value = std::string(text.substr(colon + 1)), .source = "flag --listen"}};
  Config tried;
  for (const GivenValue& value : both) {
    if (!assign(kSettings[*find_setting(value.key)], value, tried).ok()) return wrong_form;
  }
  return both;
}

Result<LoadedConfig> load_config(const ConfigInputs& inputs) {
  Loader loader;
  const std::string file = inputs.file.empty() ? variable_of(inputs.environment, "OMENDB_CONFIG") : inputs.file;
  if (!file.empty()) OMEN_TRY(loader.take_file(file));
  OMEN_TRY(loader.take(in_environment(inputs.environment, kTheirs), Loader::Unknown::IsNoticed));
  OMEN_TRY(loader.take(by_old_names(inputs.environment)));
  OMEN_TRY(loader.take(in_environment(inputs.environment, kOurs)));
  OMEN_TRY(loader.take(inputs.flags));
  return loader.finish();
}

std::string table_of(const LoadedConfig& config) {
  std::size_t key_width = 0;
  std::size_t value_width = 0;
  for (const Setting& setting : kSettings) {
    key_width = std::max(key_width, setting.key.size());
    value_width = std::max(value_width, shown(setting, config.values).size());
  }
  const auto padded = [](std::string text, std::size_t width) {
    text.resize(std::max(text.size(), width), ' ');
    return text + "  ";
  };
  std::string table;
  for (std::size_t i = 0; i < std::size(kSettings); ++i) {
    table += padded(std::string(kSettings[i].key), key_width) +
             padded(shown(kSettings[i], config.values), value_width) + config.sources[i] + "\n";
  }
  return table;
}

}  // namespace omendb
