// What `omendb serve` is told: settings with a name, and for each where its value came from.
//
// A value given twice is taken from the first of: flag, OMENDB__ in the environment, QDRANT__ there, file, default. The
// names follow Qdrant's, so that its compose files work.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "omendb/result.h"

namespace omendb {

struct Config {
  std::string host = "127.0.0.1";  // an IP address
  std::uint64_t http_port = 6333;
  std::string api_key;            // empty: none
  std::string read_only_api_key;  // likewise
  bool enable_tls = false;
  std::uint64_t max_request_size_mb = 32;
  std::uint64_t memory_limit_mb = 0;  // of all requests together; 0: the server decides
  std::uint64_t slow_query_ms = 300;  // 0: nothing is slow
  bool insecure_listen = false;
  std::string storage_path;
  std::string certificate_file;
  std::string key_file;
  std::string log_level = "info";
  std::string log_format = "text";
};

// The one table of all settings is in config.cc; its order is the order in which they are shown.
struct Setting {
  using Text = std::string Config::*;
  using Number = std::uint64_t Config::*;
  using Switch = bool Config::*;

  std::string_view key;      // "service.http_port"
  std::string_view flag;     // of the command; empty: there is none
  std::string_view meaning;  // for --help
  Text text = nullptr;       // one of these three
  Number number = nullptr;
  Switch on = nullptr;
  std::uint64_t least = 0;  // of a number
  std::uint64_t most = 0;
  bool secret = false;                           // never shown
  bool address = false;                          // a text that is an IP address, or "localhost"
  std::span<const std::string_view> words = {};  // all that a text may be, in small letters; empty: anything
};
std::span<const Setting> all_settings();

// A value as somebody wrote it.
struct GivenValue {
  enum class Kind : std::uint8_t {
    Word,    // where everything is text: flags and the environment
    Text,    // the others are of a file, where text and numbers differ
    Number,  // whole
    Switch,
    Other,
  };
  std::string key;
  std::string value;
  std::string source;  // "omendb.toml:3", "environment OMENDB__LOG_LEVEL", "flag --listen"
  Kind kind = Kind::Word;
};

// The values in a TOML file; "a.b" is b of table [a]. NotFound, IoError; InvalidArgument with the line.
Result<std::vector<GivenValue>> read_config_file(const std::string& path);

// HOST:PORT is two settings in one. InvalidArgument.
Result<std::vector<GivenValue>> parse_listen(std::string_view host_and_port);

struct ConfigInputs {
  std::string file;                      // empty: the one that OMENDB_CONFIG names, if it does
  std::vector<GivenValue> flags;         // a later one counts more
  std::vector<std::string> environment;  // "NAME=value", all of it
};

struct LoadedConfig {
  Config values;
  std::vector<std::string> sources;  // of each setting, in the order of all_settings()
  std::vector<std::string> notices;  // what was not taken, and keys in a file that others may read
  std::string file;                  // empty: none
};

// InvalidArgument names the key, its value and where that stands.
Result<LoadedConfig> load_config(const ConfigInputs& inputs);

// Every setting in a line: name, value, source.
std::string table_of(const LoadedConfig& config);

}  // namespace omendb
