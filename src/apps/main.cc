// The `omendb` command: reads the arguments and calls the subcommand.
#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <map>
#include <string_view>

#include "apps/bench/bench.h"
#include "apps/commands.h"
#ifdef OMENDB_SERVER
#include "apps/serve.h"
#endif

namespace omendb {
namespace {

constexpr int kExitError = 1;
constexpr int kExitUsage = 2;

const std::map<std::string, Metric> kMetrics = {{"l2", Metric::L2}, {"dot", Metric::Dot}, {"cosine", Metric::Cosine}, {"l1", Metric::L1}};
const std::map<std::string, Datatype> kDatatypes = {
    {"float32", Datatype::Float32}, {"float16", Datatype::Float16}, {"uint8", Datatype::Uint8}};
const std::map<std::string, DemoStep> kDemoSteps = {
    {"show", DemoStep::Show}, {"load", DemoStep::Load}, {"check", DemoStep::Check}};

const std::map<std::string, FieldType> kFieldTypes = {
    {"keyword", FieldType::Keyword},   {"integer", FieldType::Integer}, {"float", FieldType::Float},
    {"bool", FieldType::Bool},         {"datetime", FieldType::Datetime}, {"uuid", FieldType::Uuid},
    {"geo", FieldType::Geo},           {"text", FieldType::Text}};

int report(const Result<void>& result) {
  if (result.ok()) return 0;
  fmt::print(stderr, "omendb: {}\n", result.error().message);
  return kExitError;
}

// One of a few words, each of which means a value.
template <class Target, class Value>
void add_choice(CLI::App& command, const std::string& name, Target& target, const std::map<std::string, Value>& values,
                const std::string& description) {
  command
      .add_option_function<std::string>(
          name, [&](const std::string& word) { target = values.at(word); }, description)
      ->check(CLI::IsMember(&values));
}

void add_database(CLI::App& command, std::string& directory) {
  command.add_option("--db", directory, "The database's directory")->required();
}

void add_collection(CLI::App& command, std::string& collection) {
  command.add_option("--collection", collection, "The collection's name")->capture_default_str();
}

// The arguments live as long as the parser, which writes into them.
struct Arguments {
  ImportArguments import;
  SearchArguments search;
  CountArguments count;
  FieldIndexArguments field_index;
  ExportArguments export_;
  std::string info_directory;
  bool info_as_json = false;
  std::string verify_directory;
  TopArguments top;
  DemoArguments demo;
#ifdef OMENDB_SERVER
  ConfigInputs serve;
#endif
};

void add_import(CLI::App& app, ImportArguments& arguments) {
  CLI::App& command = *app.add_subcommand(
      "import", "Put the vectors of a file (fvecs, bvecs, fbin, u8bin, npy, hdf5, jsonl) into a collection");
  command.add_option("file", arguments.file, "The file; the ending of its name tells the format")->required();
  add_database(command, arguments.directory);
  add_collection(command, arguments.collection);
  add_choice(command, "--metric", arguments.metric, kMetrics, "Default: what the file says, else l2");
  add_choice(command, "--datatype", arguments.datatype, kDatatypes, "How vectors are kept; default: float32");
  command.add_option("--payload", arguments.payload_file, "A jsonl file: line i is the payload of row i");
  command.add_option("--batch", arguments.batch_rows, "Rows a request")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  command.add_flag("--durable", arguments.durable, "Flush each batch to disk before the next is sent");
  command.add_flag("!--no-index", arguments.index, "Neither build the index nor wait for it");
  command.add_flag("--ack", arguments.print_acks, "Print \"acked N\" whenever the first N rows are on disk");
}

void add_filter(CLI::App& command, std::string& filter) {
  command.add_option("--filter", filter, "Only points that match this JSON, as Qdrant writes filters");
}

void add_search(CLI::App& app, SearchArguments& arguments) {
  CLI::App& command = *app.add_subcommand("search", "Print the nearest points for each query of a file");
  add_database(command, arguments.directory);
  add_collection(command, arguments.collection);
  command.add_option("--queries", arguments.queries_file, "Any format that import reads")->required();
  command.add_option("--k", arguments.k, "Points a query")->capture_default_str()->check(CLI::Range(1, 10'000));
  CLI::Option* ef =
      command.add_option("--ef", arguments.ef, "Candidates that the graph walk keeps")->check(CLI::PositiveNumber);
  command.add_flag("--exact", arguments.exact, "Compare with every row")->excludes(ef);
  add_filter(command, arguments.filter);
  command.add_option("--out", arguments.out_file, "Write the ids into this ivecs file instead of printing");
  command.add_option("--groundtruth", arguments.groundtruth_file,
                     "An ivecs file of the true neighbours: prints the recall");
  command.add_flag("--explain", arguments.explain, "Also say how the answers were found");
  command.add_option("--threads", arguments.threads, "For several queries at once")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
}

void add_count(CLI::App& app, CountArguments& arguments) {
  CLI::App& command = *app.add_subcommand("count", "Print how many points there are");
  add_database(command, arguments.directory);
  add_collection(command, arguments.collection);
  add_filter(command, arguments.filter);
}

void add_field_index(CLI::App& app, FieldIndexArguments& arguments) {
  CLI::App& command = *app.add_subcommand("field-index", "Index a payload field, so that filters on it are fast");
  add_database(command, arguments.directory);
  add_collection(command, arguments.collection);
  command.add_option("--key", arguments.key, "The field's path, as in filters")->required();
  CLI::App& what = *command.add_option_group("what to do")->require_option(1);
  what.add_option_function<std::string>(
          "--type", [&](const std::string& word) { arguments.type = kFieldTypes.at(word); }, "What its values are")
      ->check(CLI::IsMember(&kFieldTypes));
  what.add_flag_callback("--drop", [] {}, "Drop the index");
}

void add_export(CLI::App& app, ExportArguments& arguments) {
  CLI::App& command = *app.add_subcommand("export", "Write every point as a line of JSON, in id order");
  add_database(command, arguments.directory);
  add_collection(command, arguments.collection);
  add_filter(command, arguments.filter);
  command.add_option("--out", arguments.out_file, "The jsonl file to write; - for standard output")->required();
}

void add_inspection(CLI::App& app, Arguments& arguments) {
  CLI::App& info = *app.add_subcommand("info", "Say what a database holds and where its bytes are");
  add_database(info, arguments.info_directory);
  info.add_flag("--json", arguments.info_as_json, "As one JSON object");

  CLI::App& verify = *app.add_subcommand("verify", "Read every byte at rest and report damage");
  add_database(verify, arguments.verify_directory);

  CLI::App& top = *app.add_subcommand("top", "Watch ingest and indexing live, also of an import that is running");
  add_database(top, arguments.top.directory);
  top.add_flag("--once", arguments.top.once, "One plain page");
}

void add_demo(CLI::App& app, DemoArguments& arguments) {
  CLI::App& command = *app.add_subcommand("demo", "Load a dictionary and search it meanwhile; be killed; lose nothing");
  command.add_option("--data", arguments.data_directory, "A folder with base.fvecs and payload.jsonl")->required();
  add_database(command, arguments.directory);
  add_choice(command, "--step", arguments.step, kDemoSteps,
             "show: all but the kill; load: ends by killing itself; check: what the killed one acknowledged is there");
}

#ifdef OMENDB_SERVER
void add_setting(CLI::App& command, const Setting& setting, ConfigInputs& inputs) {
  const std::string flag(setting.flag);
  const std::string meaning(setting.meaning);
  const GivenValue given{.key = std::string(setting.key), .value = "true", .source = "flag " + flag};
  if (setting.on != nullptr) {
    command.add_flag_callback(flag, [&inputs, given] { inputs.flags.push_back(given); }, meaning);
    return;
  }
  const auto take = [&inputs, given](const std::string& value) {
    inputs.flags.push_back(given);
    inputs.flags.back().value = value;
  };
  command.add_option_function<std::string>(flag, take, meaning);
}

// Of serve, and of config, which shows what they come to.
void add_settings(CLI::App& command, ConfigInputs& inputs) {
  command.add_option("--config", inputs.file, "A TOML file with these and more settings; also OMENDB_CONFIG");
  const auto listen = [&inputs](const std::string& text) {
    const Result<std::vector<GivenValue>> values = parse_listen(text);
    if (!values.ok()) throw CLI::ValidationError(values.error().message);
    inputs.flags.insert(inputs.flags.end(), values->begin(), values->end());
  };
  command.add_option_function<std::string>("--listen", listen,
                                           "HOST:PORT [127.0.0.1:6333]; port 0 takes any that is free");
  for (const Setting& setting : all_settings()) {
    if (!setting.flag.empty()) add_setting(command, setting, inputs);
  }
}

void add_serve(CLI::App& app, ConfigInputs& inputs) {
  for (char** variable = environ; *variable != nullptr; ++variable) inputs.environment.emplace_back(*variable);
  add_settings(*app.add_subcommand("serve", "Answer over HTTP as a Qdrant server does, until SIGTERM or SIGINT"),
               inputs);
  add_settings(*app.add_subcommand("config", "Say what serve would be told by file, environment and flags"), inputs);
}
#endif

int run(const CLI::App& app, const Arguments& arguments) {
  if (app.got_subcommand("import")) return report(run_import(arguments.import));
  if (app.got_subcommand("search")) return report(run_search(arguments.search));
  if (app.got_subcommand("count")) return report(run_count(arguments.count));
  if (app.got_subcommand("field-index")) return report(run_field_index(arguments.field_index));
  if (app.got_subcommand("export")) return report(run_export(arguments.export_));
  if (app.got_subcommand("info")) return report(run_info(arguments.info_directory, arguments.info_as_json));
  if (app.got_subcommand("verify")) return report(run_verify(arguments.verify_directory));
  if (app.got_subcommand("top")) return report(run_top(arguments.top));
#ifdef OMENDB_SERVER
  if (app.got_subcommand("serve")) return report(run_serve(arguments.serve));
  if (app.got_subcommand("config")) return report(run_config(arguments.serve));
#endif
  return report(run_demo(arguments.demo));
}

int main_of(int argc, char** argv) {
  // `bench` has a parser of its own; here it is only a line of the help.
  if (argc > 1 && std::string_view(argv[1]) == "bench") return run_bench(argc - 1, argv + 1);

  CLI::App app("OmenDB, a vector database: what is accepted is findable at once, and never lost");
  app.name("omendb");
  app.require_subcommand(1);
  Arguments arguments;
  add_import(app, arguments.import);
  add_search(app, arguments.search);
  add_count(app, arguments.count);
  add_field_index(app, arguments.field_index);
  add_export(app, arguments.export_);
  add_inspection(app, arguments);
  add_demo(app, arguments.demo);
#ifdef OMENDB_SERVER
  add_serve(app, arguments.serve);
#endif
  app.add_subcommand("bench", "Measure this build on this machine; omendb bench --help");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  return run(app, arguments);
}

}  // namespace
}  // namespace omendb

int main(int argc, char** argv) { return omendb::main_of(argc, argv); }
