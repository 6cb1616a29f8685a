#include "apps/config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "os/temporary_directory.h"

namespace omendb {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class ConfigTest : public testing::Test {
 protected:
  void write(const std::string& text) {
    std::ofstream(file) << text;
    std::filesystem::permissions(file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    inputs.file = file;
  }

  LoadedConfig load() {
    Result<LoadedConfig> loaded = load_config(inputs);
    EXPECT_TRUE(loaded.ok()) << loaded.error().message;
    return loaded.ok() ? *loaded : LoadedConfig{};
  }

  std::string refusal() {
    const Result<LoadedConfig> loaded = load_config(inputs);
    return loaded.ok() ? "taken" : loaded.error().message;
  }

  static std::string source_of(const LoadedConfig& config, std::string_view key) {
    for (std::size_t i = 0; i < all_settings().size(); ++i) {
      if (all_settings()[i].key == key) return config.sources[i];
    }
    return "no such setting";
  }

  TemporaryDirectory directory;
  const std::string file = std::string(directory.path()) + "/omendb.toml";
  ConfigInputs inputs;
};

TEST_F(ConfigTest, WithoutAnythingDefaultsAreTaken) {
  const LoadedConfig config = load();
  EXPECT_EQ(config.values.host, "127.0.0.1");
  EXPECT_EQ(config.values.http_port, 6333u);
  EXPECT_EQ(config.values.max_request_size_mb, 32u);
  EXPECT_EQ(config.values.storage_path, "");
  EXPECT_THAT(config.sources, testing::Each("default"));
  EXPECT_THAT(config.notices, IsEmpty());
}

TEST_F(ConfigTest, AFileHasQdrantsNames) {
  write(R"(
[service]
host = "0.0.0.0"
http_port = 7000
api_key = "full"
read_only_api_key = "reader"
enable_tls = true
max_request_size_mb = 64
[storage]
storage_path = "/data"
[tls]
cert = "/c.pem"
key = "/k.pem"
)");
  const Config values = load().values;
  EXPECT_EQ(values.host, "0.0.0.0");
  EXPECT_EQ(values.http_port, 7000u);
  EXPECT_EQ(values.api_key, "full");
  EXPECT_EQ(values.read_only_api_key, "reader");
  EXPECT_TRUE(values.enable_tls);
  EXPECT_EQ(values.max_request_size_mb, 64u);
  EXPECT_EQ(values.storage_path, "/data");
  EXPECT_EQ(values.certificate_file, "/c.pem");
  EXPECT_EQ(values.key_file, "/k.pem");
}

TEST_F(ConfigTest, TheNearestSourceWins) {
  write("[service]\nhttp_port = 1\n");
  LoadedConfig config = load();
  EXPECT_EQ(config.values.http_port, 1u);
  EXPECT_EQ(source_of(config, "service.http_port"), file + ":2");

  inputs.environment = {"QDRANT__SERVICE__HTTP_PORT=2"};
  config = load();
  EXPECT_EQ(config.values.http_port, 2u);
  EXPECT_EQ(source_of(config, "service.http_port"), "environment QDRANT__SERVICE__HTTP_PORT");

  inputs.environment = {"OMENDB__SERVICE__HTTP_PORT=3", "QDRANT__SERVICE__HTTP_PORT=2"};
  config = load();
  EXPECT_EQ(config.values.http_port, 3u);
  EXPECT_EQ(source_of(config, "service.http_port"), "environment OMENDB__SERVICE__HTTP_PORT");

  inputs.flags = parse_listen("[::1]:4").value();
  config = load();
  EXPECT_EQ(config.values.http_port, 4u);
  EXPECT_EQ(config.values.host, "::1");
  EXPECT_EQ(source_of(config, "service.host"), "flag --listen");
}

TEST_F(ConfigTest, AVariableMayNameTheFileAndAFlagAnother) {
  write("[service]\nhttp_port = 1\n");
  inputs.environment = {"OMENDB_CONFIG=" + file};
  inputs.file = "";
  EXPECT_EQ(load().values.http_port, 1u);
  const std::string other = file + ".other";
  std::ofstream(other) << "[service]\nhttp_port = 2\n";
  inputs.file = other;
  EXPECT_EQ(load().values.http_port, 2u);
}

TEST_F(ConfigTest, WhatNobodyKnowsIsNamedWithItsPlace) {
  write("[service]\nhttp_port = 1\nhtp_port = 2\n");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("service.htp_port"), HasSubstr(file + ":3")));
  write("\n\n[cluster]\nenabled = true\n");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("cluster.enabled"), HasSubstr(file + ":4")));
  write("\n[clutter]\n");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("clutter"), HasSubstr(file + ":2")));
  inputs.file = "";
  inputs.environment = {"OMENDB__SERVICE__PROT=1"};
  EXPECT_THAT(refusal(), AllOf(HasSubstr("service.prot"), HasSubstr("environment OMENDB__SERVICE__PROT")));
}

TEST_F(ConfigTest, WhatOnlyQdrantKnowsIsSaidOnceAndIgnored) {
  inputs.environment = {"QDRANT__CLUSTER__ENABLED=true", "QDRANT__SERVICE__GRPC_PORT=6334",
                        "QDRANT__SERVICE__HTTP_PORT=7", "QDRANTS=1"};
  const LoadedConfig config = load();
  EXPECT_EQ(config.values.http_port, 7u);
  EXPECT_THAT(config.notices, ElementsAre(AllOf(HasSubstr("QDRANT__CLUSTER__ENABLED, QDRANT__SERVICE__GRPC_PORT"),
                                                Not(HasSubstr("HTTP_PORT")))));
}

TEST_F(ConfigTest, WrongValuesAreShownWithTheirPlace) {
  struct Case {
    const char* file;
    const char* variable;
    std::vector<std::string> says;
  };
  const Case cases[] = {
      {"[service]\nhttp_port = \"7000\"",
       "",
       {"service.http_port must be a whole number from 0 to 65535", "\"7000\"", ":2"}},
      {"[service]\nhttp_port = 65536", "", {"service.http_port must be", "65536", ":2"}},
      {"[service]\nhttp_port = -1", "", {"service.http_port must be", "-1"}},
      {"[service]\nhttp_port = 1.5", "", {"service.http_port must be", "1.5"}},
      {"[service]\nmax_request_size_mb = 0", "", {"from 1 to 1024", "\"0\""}},
      {"[service]\nhost = 5", "", {"service.host must be a text", "\"5\""}},
      {"[service]\nhost = \"example.org\"", "", {"service.host must be an IP address", "example.org"}},
      {"[service]\nhost = [\"a\"]", "", {"service.host must be a text"}},
      {"[service]\nenable_tls = 1", "", {"service.enable_tls must be true or false", "\"1\""}},
      {"log_level = \"loud\"", "", {"log_level must be one of trace, debug, info, warn, error, off", "\"loud\"", ":1"}},
      {"service = 1", "", {"there is no setting service ", ":1"}},
      {"[service]\nhost = \n", "", {":2: "}},
      {"",
       "OMENDB__SERVICE__HTTP_PORT=x",
       {"service.http_port must be", "\"x\"", "environment OMENDB__SERVICE__HTTP_PORT"}},
      {"", "QDRANT__SERVICE__HTTP_PORT=1e3", {"service.http_port must be", "environment QDRANT__SERVICE__HTTP_PORT"}},
      {"", "OMENDB__SERVICE__INSECURE_LISTEN=yes", {"must be true or false", "\"yes\""}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(std::string(c.file) + c.variable);
    write(c.file);
    inputs.environment = {c.variable};
    for (const std::string& words : c.says) EXPECT_THAT(refusal(), HasSubstr(words));
  }
}

TEST_F(ConfigTest, VariablesWithoutAValueSetNothing) {
  write("[service]\napi_key = \"secret\"\n");
  inputs.environment = {"OMENDB__SERVICE__API_KEY=", "OMENDB_API_KEY=", "QDRANT__SERVICE__HTTP_PORT="};
  EXPECT_EQ(load().values.api_key, "secret");
}

TEST_F(ConfigTest, WordsMayBeInCapitals) {
  inputs.environment = {"QDRANT__LOG_LEVEL=WARN", "OMENDB__LOG_FORMAT=Json"};
  EXPECT_EQ(load().values.log_level, "warn");
  EXPECT_EQ(load().values.log_format, "json");
}

TEST_F(ConfigTest, OldNamesOfKeysStillCount) {
  inputs.environment = {"OMENDB_API_KEY=full", "OMENDB_READ_ONLY_API_KEY=reader", "QDRANT__SERVICE__API_KEY=theirs"};
  const LoadedConfig config = load();
  EXPECT_EQ(config.values.api_key, "full");
  EXPECT_EQ(config.values.read_only_api_key, "reader");
  EXPECT_EQ(source_of(config, "service.api_key"), "environment OMENDB_API_KEY");
}

TEST_F(ConfigTest, KeysAreNeverShown) {
  write("[service]\napi_key = \"wort1\"\n");
  inputs.environment = {"OMENDB_READ_ONLY_API_KEY=wort2"};
  EXPECT_THAT(table_of(load()), AllOf(HasSubstr("(set)"), Not(HasSubstr("wort"))));
  write("[service]\napi_key = 4711\n");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("service.api_key must be a text"), Not(HasSubstr("4711"))));
}

TEST_F(ConfigTest, AFileOfKeysThatOthersMayReadIsNoticed) {
  write("[service]\napi_key = \"secret\"\n");
  EXPECT_THAT(load().notices, IsEmpty());
  std::filesystem::permissions(file, std::filesystem::perms::group_read, std::filesystem::perm_options::add);
  EXPECT_THAT(load().notices, ElementsAre(AllOf(HasSubstr(file), HasSubstr("chmod 600"))));
  std::ofstream(file) << "[service]\nhttp_port = 1\n";
  EXPECT_THAT(load().notices, IsEmpty());
}

TEST_F(ConfigTest, ACertificateMeansTlsUnlessSomebodySaysNo) {
  write("[tls]\ncert = \"c\"\nkey = \"k\"\n");
  EXPECT_TRUE(load().values.enable_tls);
  inputs.environment = {"QDRANT__SERVICE__ENABLE_TLS=false"};
  EXPECT_FALSE(load().values.enable_tls);
  inputs.environment = {"QDRANT__SERVICE__ENABLE_TLS=true"};
  write("[tls]\ncert = \"c\"\n");
  EXPECT_THAT(refusal(), HasSubstr("tls.key is not set"));
  inputs.environment = {};
  EXPECT_THAT(refusal(), HasSubstr("tls.key is not set"));
}

TEST_F(ConfigTest, AFileThatIsNoneIsAnError) {
  inputs.file = file;
  EXPECT_THAT(refusal(), HasSubstr("there is no file " + file));
  inputs.file = directory.path();
  EXPECT_THAT(refusal(), HasSubstr("cannot be read"));
  write("");
  EXPECT_EQ(refusal(), "taken");
}

}  // namespace
}  // namespace omendb
