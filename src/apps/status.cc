#include "apps/status.h"

#include <fmt/format.h>
#include <simdjson.h>

#include "apps/human.h"
#include "apps/json_text.h"
#include "base/bytes.h"
#include "base/try.h"
#include "os/clock.h"
#include "os/disk.h"

namespace omendb {
namespace {

constexpr std::string_view kName = "STATUS.json";
constexpr std::uint64_t kStatusBytesMax = 64u << 10;

std::string json_of(const std::optional<double>& number) { return number ? fmt::format("{}", *number) : "null"; }

std::string json_of(const Status& status) {
  return fmt::format(
      "{{\"command\":{},\"collection\":{},\"accepted\":{},\"covered\":{},\"tail\":{},\"acked\":{},"
      "\"accepted_per_second\":{},\"indexed_per_second\":{},\"eta_seconds\":{},\"tail_scan_ms\":{},\"state\":{},"
      "\"reason\":{},\"search_p50_ms\":{},\"search_p99_ms\":{},\"written_at_ms\":{}}}\n",
      json_string(status.command), json_string(status.collection), status.accepted, status.covered, status.tail,
      status.acked, status.accepted_per_second, status.indexed_per_second, json_of(status.eta_seconds),
      status.tail_scan_ms, json_string(status.state), json_string(status.reason), json_of(status.search_p50_ms),
      json_of(status.search_p99_ms), status.written_at_ms);
}

// Fields that are missing or of another kind stay as they are: an older or newer command may have written the file.
class Fields {
 public:
  explicit Fields(simdjson::dom::element element) : element_(element) {}

  void read(const char* key, std::string& into) const { assign<std::string_view>(key, into); }
  void read(const char* key, std::uint64_t& into) const { assign<std::uint64_t>(key, into); }
  void read(const char* key, std::int64_t& into) const { assign<std::int64_t>(key, into); }
  void read(const char* key, double& into) const { assign<double>(key, into); }
  void read(const char* key, std::optional<double>& into) const { assign<double>(key, into); }

 private:
  template <class Value, class Target>
  void assign(const char* key, Target& into) const {
    Value value{};
    if (element_[key].get(value) == simdjson::SUCCESS) into = value;
  }

  simdjson::dom::element element_;
};

Result<void> replace_file(const std::string& path, std::string_view text) {
  const std::string temporary = path + ".tmp";
  static_cast<void>(real_disk().remove(temporary));
  const auto file = OMEN_TRY(real_disk().open(temporary, OpenMode::CreateNew));
  OMEN_TRY(file->write(0, bytes_of(text)));
  return real_disk().rename(temporary, path);
}

}  // namespace

Status status_of(std::string command, std::string collection_name, const Collection& collection) {
  const Progress progress = collection.progress();
  Status status;
  status.command = std::move(command);
  status.collection = std::move(collection_name);
  status.accepted = progress.accepted;
  status.covered = progress.covered;
  status.tail = progress.tail;
  status.indexed_per_second = progress.rows_per_second;
  if (progress.eta) status.eta_seconds = std::chrono::duration<double>(*progress.eta).count();
  status.tail_scan_ms = std::chrono::duration<double, std::milli>(progress.tail_scan).count();
  status.state = name_of(progress.state);
  status.reason = progress.reason;
  return status;
}

std::string picture_of(const Status& status) {
  const double share =
      status.accepted == 0 ? 1 : static_cast<double>(status.covered) / static_cast<double>(status.accepted);
  std::string text = fmt::format("{} ({})\n", status.collection, status.command);
  text += fmt::format("  accepted  {:>12} rows   {} rows/s\n", with_commas(status.accepted),
                      with_commas(status.accepted_per_second));
  text += fmt::format("  indexed   {:>12} rows   {} rows/s   {} {}", with_commas(status.covered),
                      with_commas(status.indexed_per_second), bar(share, 30), percent_text(share));
  if (status.eta_seconds && status.tail > 0) {
    text += fmt::format("   {} left", duration_text(std::chrono::duration<double>(*status.eta_seconds)));
  }
  text += fmt::format("\n  tail      {:>12} rows   adds about {:.2f} ms to a search\n", with_commas(status.tail),
                      status.tail_scan_ms);
  if (status.search_p50_ms && status.search_p99_ms) {
    text += fmt::format("  search    p50 {:.2f} ms   p99 {:.2f} ms\n", *status.search_p50_ms, *status.search_p99_ms);
  }
  text += fmt::format("  index is {}{}{}", status.state, status.reason.empty() ? "" : ": ", status.reason);
  return text;
}

std::string line_of(const Status& status) {
  std::string text = fmt::format("{} ({}): accepted {}, {} rows/s; tail {}, indexing {} rows/s", status.collection,
                                 status.command, status.accepted, with_commas(status.accepted_per_second), status.tail,
                                 with_commas(status.indexed_per_second));
  if (status.search_p50_ms && status.search_p99_ms) {
    text += fmt::format("; search p50 {:.2f} ms, p99 {:.2f} ms", *status.search_p50_ms, *status.search_p99_ms);
  }
  return text;
}

StatusFile::~StatusFile() { static_cast<void>(real_disk().remove(join_path(directory_, kName))); }

bool StatusFile::due() const { return steady_clock().now() - published_at_ >= std::chrono::milliseconds(500); }

void StatusFile::publish(Status status) {
  published_at_ = steady_clock().now();
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  status.written_at_ms = std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count();
  static_cast<void>(replace_file(join_path(directory_, kName), json_of(status)));
}

Result<Status> read_status(const std::string& directory) {
  const std::string path = join_path(directory, kName);
  const auto bytes = OMEN_TRY(read_file(real_disk(), path, kStatusBytesMax));
  simdjson::dom::parser parser;
  simdjson::dom::element element;
  const std::string_view text = text_of(bytes);
  if (parser.parse(text.data(), text.size()).get(element) != simdjson::SUCCESS) {
    return Error{ErrorCode::Corruption, fmt::format("{} is not JSON", path)};
  }
  Status status;
  const Fields fields(element);
  fields.read("command", status.command);
  fields.read("collection", status.collection);
  fields.read("accepted", status.accepted);
  fields.read("covered", status.covered);
  fields.read("tail", status.tail);
  fields.read("acked", status.acked);
  fields.read("accepted_per_second", status.accepted_per_second);
  fields.read("indexed_per_second", status.indexed_per_second);
  fields.read("eta_seconds", status.eta_seconds);
  fields.read("tail_scan_ms", status.tail_scan_ms);
  fields.read("state", status.state);
  fields.read("reason", status.reason);
  fields.read("search_p50_ms", status.search_p50_ms);
  fields.read("search_p99_ms", status.search_p99_ms);
  fields.read("written_at_ms", status.written_at_ms);
  return status;
}

}  // namespace omendb
