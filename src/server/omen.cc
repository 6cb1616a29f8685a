// What Qdrant's API has no words for.
#include "server/backend.h"
#include "server/collection_status.h"
#include "server/operations.h"
#include "server/progress_writer.h"

namespace omendb {
namespace {

constexpr std::chrono::milliseconds kEventsEvery{500};

void write_all(JsonWriter& json, Database& database) {
  json.begin_array();
  for (const std::string& name : database.names()) {
    const Result<Collection> collection = database.collection(name);
    if (collection.ok()) write_progress(json, name, *collection);
  }
  json.end_array();
}

// Server-sent events: the progress of every collection.
class ProgressEvents final : public HttpStream {
 public:
  explicit ProgressEvents(Database& database) : database_(database) {}

  std::optional<std::string> next() override {
    JsonWriter json;
    json.begin_object().key("collections");
    write_all(json, database_);
    json.end_object();
    return "event: progress\ndata: " + json.text() + "\n\n";
  }

 private:
  Database& database_;
};

}  // namespace

void write_progress(JsonWriter& json, std::string_view name, const Collection& collection) {
  const Progress progress = collection.progress();
  const Stats stats = collection.stats();
  json.begin_object().member("name", name).member("status", name_of(status_of(progress, stats.read_only.has_value())));
  json.member("state", name_of(progress.state)).member("reason", progress.reason);
  json.member("points", stats.points).member("accepted", progress.accepted).member("covered", progress.covered);
  json.member("tail", progress.tail).member("rows_per_second", progress.rows_per_second).key("eta_seconds");
  if (progress.eta) {
    json.number(std::chrono::duration<double>(*progress.eta).count());
  } else {
    json.null();
  }
  json.member("tail_scan_microseconds", progress.tail_scan.count()).member("ids_ready", progress.ids_ready);
  json.member("lsn", stats.lsn).member("durable_lsn", stats.durable_lsn);
  json.member("disk_bytes", stats.disk_bytes).member("memory_bytes", stats.memory.total());
  json.key("recall");
  if (stats.measured.queries > 0) {
    json.begin_object().member("at_10", stats.measured.recall_at_10).member("ef", stats.measured.ef);
    json.member("queries", stats.measured.queries).end_object();
  } else {
    json.null();
  }
  json.end_object();
}

Outcome<void> show_progress(Call& call) {
  const Collection collection = OMEN_TRY(call.collection());
  write_progress(call.result, call.arguments[0], collection);
  return {};
}

Outcome<void> stream_events(Call& call) {
  HttpResponse response;
  response.content_type = "text/event-stream";
  response.headers.push_back({"cache-control", "no-cache"});
  response.stream = std::make_unique<ProgressEvents>(call.backend.database());
  response.stream_every = kEventsEvery;
  call.plain = std::move(response);
  return {};
}

Outcome<void> show_server(Call& call) {
  JsonWriter& json = call.result;
  const auto uptime = std::chrono::system_clock::now() - call.backend.started();
  json.begin_object().member("name", "omendb").member("api", "qdrant").member("api_version", kApiVersion);
  json.member("uptime_seconds", std::chrono::duration<double>(uptime).count()).key("collections");
  write_all(json, call.backend.database());
  json.end_object();
  return {};
}

}  // namespace omendb
