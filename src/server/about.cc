// What the server says of itself, and what a single node has to say about clusters.
#include <algorithm>
#include <array>

#include "server/backend.h"
#include "server/collection_status.h"
#include "server/operations.h"
#include "server/routes.h"

namespace omendb {
namespace {

Outcome<void> say(Call& call, std::string_view text, int status = 200) {
  HttpResponse response;
  response.status = status;
  response.body = text;
  call.plain = std::move(response);
  return {};
}

// One node has one name; Qdrant takes a random one.
constexpr std::uint64_t kPeer = 1;

// A collection that is dropped meanwhile is left out.
std::vector<std::pair<std::string, Collection>> open_all(Call& call) {
  std::vector<std::pair<std::string, Collection>> all;
  for (const std::string& name : call.backend.database().names()) {
    Result<Collection> collection = call.open(name);
    if (collection.ok()) all.emplace_back(name, std::move(collection).value());
  }
  return all;
}

std::string seconds(std::uint64_t microseconds) {
  JsonWriter text;
  text.number(static_cast<double>(microseconds) / 1e6);
  return text.take();
}

std::string_view name_of(HttpMethod method) {
  constexpr std::array<std::string_view, 8> kNames = {"GET",   "HEAD",   "POST",    "PUT",
                                                      "PATCH", "DELETE", "OPTIONS", "OTHER"};
  return kNames[static_cast<std::size_t>(method)];
}

// A collection at one moment.
struct Seen {
  std::string name;
  Progress progress;
  Stats stats;
};

// Text of the exposition format: names of collections have nothing that needs an escape.
void append_collections(Call& call, std::string& text) {
  std::vector<Seen> all;
  for (const auto& [name, collection] : open_all(call)) all.push_back({name, collection.progress(), collection.stats()});
  text += "# HELP collections_total number of collections\n# TYPE collections_total gauge\ncollections_total " +
          std::to_string(all.size()) + "\n";
  const auto append = [&](std::string_view metric, std::string_view help, const auto& value_of) {
    text += "# HELP " + std::string(metric) + " " + std::string(help) + "\n# TYPE " + std::string(metric) + " gauge\n";
    for (const Seen& seen : all) {
      const std::uint64_t value = value_of(seen);
      text += std::string(metric) + "{collection=\"" + seen.name + "\"} " + std::to_string(value) + "\n";
    }
  };
  append("collection_points", "live points", [](const Seen& seen) { return seen.stats.points; });
  append("collection_running_optimizations", "1 while the indexer has work", [](const Seen& seen) {
    return status_of(seen.progress, false) == CollectionStatus::Yellow ? 1U : 0U;
  });
  append("omen_collection_read_only", "1 after an error that ended writing",
         [](const Seen& seen) { return seen.stats.read_only ? 1U : 0U; });
  append("omen_collection_indexed_rows", "rows that the graph covers",
         [](const Seen& seen) { return indexed_count(seen.progress, seen.stats.points); });
  append("omen_collection_tail_rows", "rows that wait for the indexer",
         [](const Seen& seen) { return seen.progress.tail; });
  append("omen_collection_memory_bytes", "memory of codes, graph and indexes",
         [](const Seen& seen) { return seen.stats.memory.total(); });
  append("omen_collection_disk_bytes", "all files", [](const Seen& seen) { return seen.stats.disk_bytes; });
}

void append_buckets(std::string& text, const std::string& labels, const Metrics::RouteCount& count) {
  const std::string name = "rest_responses_duration_seconds";
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < Metrics::kBounds.size(); ++i) {
    below += count.buckets[i];
    text +=
        name + "_bucket{" + labels + ",le=\"" + seconds(Metrics::kBounds[i]) + "\"} " + std::to_string(below) + "\n";
  }
  below += count.buckets.back();
  text += name + "_bucket{" + labels + ",le=\"+Inf\"} " + std::to_string(below) + "\n";
  text += name + "_sum{" + labels + "} " + seconds(count.microseconds) + "\n";
  text += name + "_count{" + labels + "} " + std::to_string(below) + "\n";
}

void append_routes(const Metrics& metrics, std::string& text) {
  const std::span<const Route> routes = all_routes();
  std::string totals;
  std::string durations;
  for (std::size_t i = 0; i < routes.size(); ++i) {
    const Metrics::RouteCount count = metrics.of(i);
    if (count.ok + count.failed == 0) continue;
    const std::string labels =
        "method=\"" + std::string(name_of(routes[i].method)) + "\",endpoint=\"" + std::string(routes[i].path) + "\"";
    if (count.ok > 0)
      totals += "rest_responses_total{" + labels + ",status=\"200\"} " + std::to_string(count.ok) + "\n";
    if (count.failed > 0) totals += "rest_responses_fail_total{" + labels + "} " + std::to_string(count.failed) + "\n";
    append_buckets(durations, labels, count);
  }
  text += "# HELP rest_responses_total number of answers\n# TYPE rest_responses_total counter\n" + totals;
  text +=
      "# HELP rest_responses_duration_seconds time to an answer\n# TYPE rest_responses_duration_seconds histogram\n" +
      durations;
}

}  // namespace

Outcome<void> show_version(Call& call) {
  HttpResponse response;
  response.content_type = "application/json";
  JsonWriter json;
  json.begin_object().member("title", "qdrant - vector search engine").member("version", kApiVersion);
  response.body = json.member("commit", kApiCommit).end_object().take();
  call.plain = std::move(response);
  return {};
}

Outcome<void> say_healthy(Call& call) { return say(call, "healthz check passed"); }
Outcome<void> say_alive(Call& call) { return say(call, "healthz check passed"); }

Outcome<void> say_ready(Call& call) {
  for (const auto& [name, collection] : open_all(call)) {
    if (!collection.progress().ids_ready) return say(call, "some shards are not ready", 503);
  }
  return say(call, "all shards are ready");
}

Outcome<void> show_telemetry(Call& call) {
  JsonWriter& json = call.result;
  json.begin_object().member("id", "00000000-0000-0000-0000-000000000001");
  json.key("app").begin_object().member("name", "qdrant").member("version", kApiVersion);
  const std::time_t started = std::chrono::system_clock::to_time_t(call.backend.started());
  std::tm utc{};
  gmtime_r(&started, &utc);
  std::array<char, 32> text;
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  json.member("startup", std::string_view(text.data(), length)).end_object();
  const auto all = open_all(call);
  json.key("collections").begin_object().member("number_of_collections", all.size()).key("collections").begin_array();
  for (const auto& [name, collection] : all) {
    const Progress progress = collection.progress();
    const Stats stats = collection.stats();
    const CollectionStatus status = status_of(progress, stats.read_only.has_value());
    json.begin_object().member("id", name).member("status", omendb::name_of(status));
    json.member("points_count", stats.points).member("indexed_vectors_count", indexed_count(progress, stats.points));
    json.end_object();
  }
  json.end_array().end_object();
  json.key("cluster").begin_object().member("enabled", false).end_object().end_object();
  return {};
}

Outcome<void> show_metrics(Call& call) {
  std::string text =
      "# HELP app_info information about the server\n# TYPE app_info gauge\napp_info{name=\"qdrant\",version=\"" +
      std::string(kApiVersion) + "\"} 1\n";
  append_collections(call, text);
  append_routes(call.backend.metrics(), text);
  call.backend.append_http_metrics(text);
  return say(call, text);
}

Outcome<void> show_issues(Call& call) {
  call.result.begin_object().key("issues").begin_array().end_array().end_object();
  return {};
}

Outcome<void> clear_issues(Call& call) {
  call.result.boolean(true);
  return {};
}

Outcome<void> show_cluster(Call& call) {
  call.result.begin_object().member("status", "disabled").end_object();
  return {};
}

Outcome<void> show_collection_cluster(Call& call) {
  const Collection collection = OMEN_TRY(call.collection());
  JsonWriter& json = call.result;
  json.begin_object().member("peer_id", kPeer).member("shard_count", 1).key("local_shards").begin_array();
  json.begin_object()
      .member("shard_id", 0)
      .member("points_count", collection.count())
      .member("state", "Active")
      .end_object();
  json.end_array().key("remote_shards").begin_array().end_array();
  json.key("shard_transfers").begin_array().end_array().end_object();
  return {};
}

Outcome<void> show_shard_keys(Call& call) {
  OMEN_TRY(call.collection());
  call.result.begin_object().key("shard_keys").begin_array().end_array().end_object();
  return {};
}

Outcome<void> refuse_cluster_change(Call&) {
  return Refusal(405, "Method not allowed: cluster operations are not available in standalone mode");
}

Outcome<void> refuse_shard_key(Call&) {
  return bad_request("shard keys are not supported by this server: a collection has one shard, in standalone mode");
}

// The indexer's work, as one optimisation that runs.
Outcome<void> show_optimizations(Call& call) {
  const Collection collection = OMEN_TRY(call.collection());
  const Progress progress = collection.progress();
  const bool works = status_of(progress, false) == CollectionStatus::Yellow;
  const std::string* with = call.request.parameter("with");
  const auto asked = [&](std::string_view list) { return with != nullptr && with->find(list) != std::string::npos; };
  JsonWriter& json = call.result;
  json.begin_object().key("summary").begin_object().member("queued_optimizations", 0).member("queued_segments", 0);
  json.member("queued_points", works ? progress.tail : 0).member("idle_segments", works ? 0 : 1).end_object();
  json.key("running").begin_array();
  if (works) {
    json.begin_object()
        .member("uuid", "00000000-0000-0000-0000-000000000001")
        .member("optimizer", "indexing")
        .member("status", "optimizing");
    json.key("segments").begin_array().end_array();
    json.key("progress")
        .begin_object()
        .member("name", "Segment Optimizing")
        .member("done", progress.covered)
        .member("total", progress.accepted);
    json.end_object().end_object();
  }
  json.end_array();
  for (const std::string_view list : {"queued", "completed", "idle_segments"}) {
    if (asked(list)) json.key(list).begin_array().end_array();
  }
  json.end_object();
  return {};
}

}  // namespace omendb
